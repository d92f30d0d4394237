package web

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// tidy trims an entry and makes line ends and tabs in it spaces, as they come with what was copied from a
// table. It says what is wrong if the entry holds something that may not be stored: control characters, and
// those that turn the direction of the text around them (Unicode's embeddings, overrides and isolates), by
// which a name shows as another. Joiners and variation selectors are parts of real names and stay.
func tidy(entry *string) *problem {
	if !utf8.ValidString(*entry) {
		return &problem{"form.hidden", "U+FFFD"}
	}
	text := strings.TrimSpace(*entry)
	if strings.ContainsAny(text, "\t\r\n") {
		text = strings.Join(strings.FieldsFunc(text, func(c rune) bool { return c == '\t' || c == '\r' || c == '\n' }), " ")
	}
	if at := strings.IndexFunc(text, hidden); at >= 0 {
		c, _ := utf8.DecodeRuneInString(text[at:])
		return &problem{"form.hidden", fmt.Sprintf("U+%04X", c)}
	}
	*entry = text
	return nil
}

func hidden(c rune) bool { return crm.IsHidden(c) }
