package mapping

import (
	"cmp"
	_ "embed" // the table of names
	"strings"
	"sync"
	"unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

//go:embed data/formfields.txt
var formFieldsData string

// meaning is what a field of a form is about: "email", "company" … as in data/formfields.txt; "" if its name
// does not tell.
type meaning string

const (
	meansControl meaning = "control" // put there by a machine
	meansMessage meaning = "message"
	meansEmail   meaning = "email"
	meansPhone   meaning = "phone"
	meansMobile  meaning = "mobile"
)

// usualFields are the meanings by the bare names of fields. It is read once and never changes.
var usualFields = sync.OnceValue(func() map[string]meaning {
	table := make(map[string]meaning, 600)
	for line := range strings.Lines(formFieldsData) {
		means, names, ok := strings.Cut(line, ":")
		if !ok || line[0] == '#' {
			continue
		}
		for name := range strings.SplitSeq(names, ",") {
			if bare := bareLetters(fold(name)); bare != "" {
				table[bare] = meaning(means)
			}
		}
	}
	return table
})

// meansOf tells what a field is about: by its label, the words that people answered to, else by its name.
func meansOf(f *crm.FormField) meaning {
	if m := meansName(f.Label); m != "" {
		return m
	}
	if m := meansName(f.Name); m != "" {
		return m
	}
	return cmp.Or(asksForMailings(f.Label), asksForMailings(f.Name))
}

// maxFieldName is the longest name or label that is looked at, in bytes: a whole paragraph is none of the usual.
const maxFieldName = 200

// meansName tries a name without remarks in brackets, then the remark (form_fields[email]), then the parts of a
// name that offers a choice (会社名／団体名), if they mean the same.
func meansName(name string) meaning {
	if name == "" || len(name) > maxFieldName {
		return ""
	}
	table, folded := usualFields(), fold(name)
	if m, ok := table[bareLetters(folded)]; ok {
		return m
	}
	outside, inside := cutBrackets(folded)
	if m, ok := table[bareLetters(withoutMarks(outside))]; ok {
		if m == meansEmail && strings.Contains(inside, "確認") {
			return meansControl
		}
		return m
	}
	if bareLetters(outside) == "" || strings.HasSuffix(strings.TrimSpace(name), "]") {
		if m, ok := table[bareLetters(withoutMarks(inside))]; ok {
			return m
		}
	}
	return meansOneOf(table, withoutMarks(outside))
}

func meansOneOf(table map[string]meaning, name string) meaning {
	var all meaning
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return strings.ContainsRune("・/|、,", r) }) {
		m := table[bareLetters(part)]
		if m == "" || all != "" && m != all {
			return ""
		}
		all = m
	}
	return all
}

// cutBrackets parts a folded name from its remarks: "お名前(全角)" has the remark 全角.
func cutBrackets(s string) (outside, inside string) {
	var out, in strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("([{【〔〈《<「『", r):
			depth++
			in.WriteByte(' ')
		case strings.ContainsRune(")]}】〕〉》>」』", r):
			depth = max(depth-1, 0)
		case depth > 0:
			in.WriteRune(r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), in.String()
}

// withoutMarks takes the words off that say whether a field must be filled in.
func withoutMarks(s string) string {
	for _, mark := range []string{"※必須", "必須項目", "必須", "※任意", "任意", "required", "optional"} {
		if rest := strings.Trim(s, " *:※"); len(rest) > len(mark) {
			s = strings.TrimSuffix(strings.TrimPrefix(rest, mark), mark)
		}
	}
	return s
}

// bareLetters leaves letters and digits.
func bareLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, s)
}
