package crm

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Flaw is something wrong with a record that somebody entered.
type Flaw struct {
	Field string `json:"field"` // its json name; of a list with the place from 0: "lines.2.price"
	Text  Label  `json:"-"`     // a sentence
}

// FlawError says that a record cannot be stored as it was entered. It is ErrRefused.
type FlawError struct {
	What  string // kind of record: "opportunity"
	Flaws []Flaw // at least one
}

// Error lists every flaw in English.
func (e *FlawError) Error() string {
	parts := make([]string, len(e.Flaws))
	for i, f := range e.Flaws {
		parts[i] = f.Field + ": " + f.Text.EN
	}
	return e.What + ": " + strings.Join(parts, "; ")
}

// Unwrap is ErrRefused.
func (e *FlawError) Unwrap() error { return ErrRefused }

// Refuse is nil if there are no flaws, else a *FlawError.
func Refuse(what string, flaws []Flaw) error {
	if len(flaws) == 0 {
		return nil
	}
	return &FlawError{What: what, Flaws: flaws}
}

// What the records of deals may hold.
const (
	maxRecordName  = 300                   // characters of a name
	maxRecordNote  = 10_000                // characters of a note
	maxRecordLines = 200                   // products, documents, contacts of one record
	maxRecordURL   = 2_000                 // characters of a link
	maxAmount      = 1_000_000_000_000_000 // of the smallest unit of the currency: what is added up stays far from overflow
	maxQuantity    = 1_000_000_000
	maxNotice      = 3_650 // days
	firstYear      = 1900
	lastYear       = 2199
)

// flawFinder gathers what is wrong with a record.
type flawFinder struct {
	prefix string
	found  []Flaw
}

func (f *flawFinder) add(field, ja, en string) {
	f.found = append(f.found, Flaw{Field: f.prefix + field, Text: Label{JA: ja, EN: en}})
}

// line is a text on one line, at most so many characters long.
func (f *flawFinder) line(field, text string, most int) {
	if !plainLine(text) {
		f.add(field, "改行などの制御文字は使えません。", "It holds a line break or another control character.")
	}
	f.length(field, text, most)
}

// text may have several lines.
func (f *flawFinder) text(field, text string, most int) {
	odd := func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
	if !utf8.ValidString(text) || strings.ContainsFunc(text, odd) {
		f.add(field, "使えない文字が含まれています。", "It holds characters that are no text.")
	}
	f.length(field, text, most)
}

func (f *flawFinder) length(field, text string, most int) {
	if utf8.RuneCountInString(text) > most {
		f.add(field, fmt.Sprintf("%d文字以内で入力してください。", most), fmt.Sprintf("It is longer than %d characters.", most))
	}
}

func (f *flawFinder) needed(field, text string) {
	if strings.TrimSpace(text) == "" {
		f.add(field, "入力してください。", "It is missing.")
	}
}

// day is a day that exists, or none. It says whether there is one that can be compared with others.
func (f *flawFinder) day(field, day string) bool {
	if day == "" {
		return false
	}
	t, err := time.Parse(time.DateOnly, day)
	switch {
	case err != nil:
		shown := excerptOf(day)
		f.add(field, fmt.Sprintf("「%s」という日付はありません(例: 2026-11-21)。", shown), fmt.Sprintf("%q is not a day such as 2026-11-21.", shown))
	case t.Year() < firstYear || t.Year() > lastYear:
		f.add(field, fmt.Sprintf("年は%dから%dまでにしてください。", firstYear, lastYear), fmt.Sprintf("The year is not between %d and %d.", firstYear, lastYear))
	default:
		return true
	}
	return false
}

// span is two days of which the second is not before the first.
func (f *flawFinder) span(first, from, last, to string) {
	begins, ends := f.day(first, from), f.day(last, to)
	if begins && ends && to < from {
		f.add(last, fmt.Sprintf("終わりの日(%s)が始まりの日(%s)より前です。", to, from), fmt.Sprintf("The end (%s) is before the start (%s).", to, from))
	}
}

// number lies between 0 and most.
func (f *flawFinder) number(field string, n, most int64) {
	switch {
	case n < 0:
		f.add(field, "マイナスの値は入力できません。", "It is less than 0.")
	case n > most:
		f.add(field, fmt.Sprintf("%d以下にしてください。", most), fmt.Sprintf("It is more than %d.", most))
	}
}

func (f *flawFinder) count(field string, n, most int) {
	if n > most {
		f.add(field, fmt.Sprintf("%d件までにしてください。", most), fmt.Sprintf("There are more than %d.", most))
	}
}

// link is a web address, or a path as the company writes it: no other scheme, since browsers run some.
func (f *flawFinder) link(field, text string) {
	f.line(field, text, maxRecordURL)
	if !isLink(text) {
		f.add(field, "http・httpsのURLかファイルのパスを入力してください。", "It is neither a web address (http or https) nor a path.")
	}
}

// isLink reports a web address with a host, or a path: what has no scheme, or the letter of a Windows drive for one.
func isLink(text string) bool {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok || strings.ContainsAny(scheme, `/\`) {
		return strings.TrimSpace(text) != ""
	}
	if len(scheme) == 1 && (strings.HasPrefix(rest, `\`) || strings.HasPrefix(rest, "/")) {
		return true
	}
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
