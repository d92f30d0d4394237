package formmail

// form is a parser made ready for one mail.
type form struct {
	*Parser

	kind       kind
	keys       map[string]int // of the fields, by labelKey of their label; nil until the first label that is spelt otherwise
	first      []rune         // firstLetter of the labels
	start, end anchor
	below      bool // some field has its value in the lines below
}

func (p *Parser) form() *form {
	f := &form{Parser: p, kind: kindOf(p.Layout, p.Separator), start: newAnchor(p.Start), end: newAnchor(p.End), first: make([]rune, len(p.Fields))}
	f.below = f.kind == kindBelow
	for i := range p.Fields {
		f.first[i] = firstLetter(strip(p.Fields[i].Label))
		f.below = f.below || p.Fields[i].Below
	}
	return f
}

// isBelow says that the value of a field stands in the lines below its label.
func (f *form) isBelow(i int) bool { return f.kind == kindBelow || f.Fields[i].Below }

// find gives the field with a label. Most lines are none, and their first letter tells.
func (f *form) find(head string) (int, bool) {
	label := strip(head)
	c := firstLetter(label)
	likely := c == 0
	for i, first := range f.first {
		if first == c && label == f.Fields[i].Label {
			return i, true
		}
		likely = likely || first == c || first == 0
	}
	if !likely {
		return 0, false
	}
	if f.keys == nil {
		f.keys = make(map[string]int, len(f.Fields))
		for i := range f.Fields {
			f.keys[labelKey(f.Fields[i].Label)] = i
		}
	}
	i, ok := f.keys[labelKey(label)]
	return i, ok && label != ""
}

// label tells which field a line is the label of, and what stands behind it; ok is false if it is none.
func (f *form) label(line string) (field int, rest string, ok bool) {
	var room [maxCuts]cut
	for _, c := range f.kind.cuts(line, room[:0]) {
		if i, ok := f.find(c.head); ok && !f.isBelow(i) {
			return i, c.rest, true
		}
	}
	if (f.below || f.kind.lone()) && len(line) <= maxHead {
		if i, ok := f.find(line); ok && (f.isBelow(i) || f.kind.lone()) {
			return i, "", true
		}
	}
	return 0, "", false
}

// due says that field i may follow field at: all between them may be left out. The number of fields stands
// for the end.
func (f *form) due(at, i int) bool {
	for j := at + 1; j < i; j++ {
		if !f.Fields[j].Optional {
			return false
		}
	}
	return i > at
}

// missing gives the labels that must come between two fields.
func (f *form) missing(at, i int) []string {
	var labels []string
	for j := at + 1; j < i; j++ {
		if !f.Fields[j].Optional {
			labels = append(labels, f.Fields[j].Label)
		}
	}
	return labels
}

// begin finds the line of the first label.
func (f *form) begin(lines []string) (int, *Unread) {
	if len(f.start) == 0 {
		i := nextFull(lines, 0)
		if i < len(lines) && f.begins(lines[i]) {
			return i, nil
		}
		return 0, &Unread{Missing: f.missing(-1, len(f.Fields)), Why: "the mail does not begin with the first field"}
	}
	found, anchored := -1, false
	for i := range lines {
		n := f.start.at(lines, i)
		if n == 0 {
			continue
		}
		anchored = true
		if first := nextFull(lines, i+n); first < len(lines) && f.begins(lines[first]) {
			if found >= 0 {
				return 0, &Unread{Why: "the fields seem to begin twice"}
			}
			found = first
		}
	}
	switch {
	case found >= 0:
		return found, nil
	case anchored:
		return 0, &Unread{Missing: f.missing(-1, 1), Why: "the first field does not follow the line before the fields"}
	}
	return 0, &Unread{Why: "the line before the fields is missing: " + f.start.String()}
}

func (f *form) begins(line string) bool {
	i, _, ok := f.label(line)
	return ok && f.due(-1, i)
}
