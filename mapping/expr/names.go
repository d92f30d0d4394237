package expr

import "slices"

// Functions are the names of all functions and macros that expressions know, sorted.
func (e *Env) Functions() []string { return slices.Clone(e.functionNames) }
