package expr

// OwnFunctions are the names of the functions that are not CEL's.
func (e *Env) OwnFunctions() []string {
	var names []string
	for _, f := range e.functions {
		names = append(names, f.name)
	}
	return names
}
