package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a configuration file, or a warning about it.
type Problem struct {
	File    string // as given to Load
	Line    int    // from 1; 0 if the file as a whole is meant
	Column  int    // from 1, in characters; 0 likewise
	Path    string // of the setting: "sources[0].settings.addr"; "" for the file
	What    string // what is wrong
	Hint    string // what to write instead; "" if What says it
	Warning bool   // it works, but somebody should look at it
}

// String is "file:line:col: path: what (hint)", without the parts that are empty.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Warning {
		b.WriteString("warning: ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.What)
	if p.Hint != "" {
		b.WriteString(" (" + p.Hint + ")")
	}
	return b.String()
}

// Problems are the mistakes of a file in the order of its lines.
type Problems []Problem

// Fatal says whether there is more than warnings: the configuration cannot be used.
func (ps Problems) Fatal() bool {
	return slices.ContainsFunc(ps, func(p Problem) bool { return !p.Warning })
}

// Error lists all problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Mistakes counts what is more than a warning.
func (ps Problems) Mistakes() int {
	n := 0
	for _, p := range ps {
		if !p.Warning {
			n++
		}
	}
	return n
}
