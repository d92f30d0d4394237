package importing

import (
	"fmt"
	"unicode"
)

// Problem is why a file cannot be imported, put for people: what is wrong with which row and column, and what to do.
type Problem struct {
	What   string   // Said in English
	Todo   string   // Advice in English; "" if nothing can be said
	Said   Sentence //
	Advice Sentence //
}

// Error is both in a sentence.
func (p *Problem) Error() string {
	if p.Todo == "" {
		return p.What
	}
	return p.What + ": " + p.Todo
}

// problem says what is wrong with a table. What to do about it is a code, or a whole Sentence.
func problem(todo any, code string, args ...any) error {
	p := &Problem{Said: sentence(code, args...)}
	p.What = p.Said.String()
	switch todo := todo.(type) {
	case Sentence:
		p.Advice = todo
	case string:
		p.Advice = Sentence{Code: todo}
	}
	if p.Advice.Code != "" {
		p.Todo = p.Advice.String()
	}
	return p
}

// cellError is what is wrong with one column of a row.
type cellError struct {
	column string
	said   Sentence
}

func (e *cellError) Error() string { return "column " + e.column + ": " + e.said.String() }

// rowError is what is wrong with a row as a whole.
type rowError struct{ said Sentence }

func (e *rowError) Error() string { return e.said.String() }

func wrongRow(code string, args ...any) error { return &rowError{sentence(code, args...)} }

// wrong says what is wrong with a field of a row.
func (r record) wrong(f Field, code string, args ...any) error {
	return &cellError{r.heading(f), sentence(code, args...)}
}

// steers says whether a terminal obeys a character instead of showing it.
func steers(r rune) bool {
	if r == '\n' {
		return false
	}
	return unicode.IsControl(r) || r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u200E' || r == '\u200F' || r == '\u061C'
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// counted is a number with its noun: "1 row", "2 rows".
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
