package crm

// Open reports whether a task is still to be done.
func (t *Task) Open() bool { return t.Done.IsZero() && !t.Dropped }

// CheckTask says everything that is wrong with a task as somebody entered it.
func CheckTask(t *Task) []Flaw {
	var f flawFinder
	if t.Kind != TaskCall && t.Kind != TaskMail && t.Kind != TaskTodo {
		f.add("kind", "電話・メール・その他のいずれかです。", `It is none of "call", "mail" and "todo".`)
	}
	f.needed("due", t.Due)
	f.day("due", t.Due)
	f.needed("what", t.What)
	f.line("what", t.What, maxNextWhat)
	f.line("whom", t.Whom, maxNextWhom)
	f.line("owner", t.Owner, maxRecordName)
	return f.found
}
