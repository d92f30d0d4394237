package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"regexp"
	"strings"
	"unicode"
)

// A mail or a list can hold characters that a terminal obeys: an escape sequence, or a mark that turns the
// reading direction round so that a name looks like another. Nothing that is printed may hold one, whoever
// wrote it.

// steers says whether a terminal obeys a character instead of showing it: the control characters of ASCII and
// Latin-1 but for the end of a line, and the marks of UAX #9 that override a direction.
func steers(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r):
		return true
	}
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069' || r == '\u200E' || r == '\u200F' || r == '\u061C'
}

// harmless shows what steers a terminal as U+FFFD.
func harmless(s string) string {
	if strings.IndexFunc(s, steers) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case steers(r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// runtimeText is how Go words a mistake of the program: "runtime error: index out of range [5] with length 3".
var runtimeText = regexp.MustCompile(`(: )?(runtime error: |unexpected fault address )(\[[^\]\n]*\]|[^:(\[\n])*`)

// spoken is a text as it may be printed: harmless, and without the words of the Go runtime, which tell people
// nothing.
func spoken(s string) string { return harmless(runtimeText.ReplaceAllString(s, "")) }

// counted is a number with its noun: "1 source", "2 sources".
func counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// cause is an error of the operating system without the name of the file, which the message names already; the
// one that failed may be a temporary one.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	var system *os.SyscallError
	var op *net.OpError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &system):
		return system.Err
	case errors.As(err, &op):
		return op.Err
	}
	return err
}
