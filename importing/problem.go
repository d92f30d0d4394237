package importing

import (
	"fmt"
	"unicode"
)

// Problem is why a file cannot be imported, put for people: what is wrong with which row and column, and what to do.
type Problem struct {
	What string
	Todo string // "" if nothing can be said
}

// Error is both in a sentence.
func (p *Problem) Error() string {
	if p.Todo == "" {
		return p.What
	}
	return p.What + ": " + p.Todo
}

func problem(todo, format string, args ...any) error {
	return &Problem{What: fmt.Sprintf(format, args...), Todo: todo}
}

// cellError is what is wrong with one column of a row.
type cellError struct {
	column, what string
}

func (e *cellError) Error() string { return "column " + e.column + ": " + e.what }

// wrong says what is wrong with a field of a row.
func (r record) wrong(f Field, format string, args ...any) error {
	return &cellError{r.heading(f), fmt.Sprintf(format, args...)}
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
