package web

import (
	"bytes"
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

// unturned is a page without the characters that turn the direction of the text around them: embeddings and overrides
// (U+202A to U+202E) and isolates (U+2066 to U+2069). Who writes to us chooses their own name and subject, and with one of
// these, or with the end of an isolate, it could turn the words beside it around: the sender would show as the recipient.
// Each name is isolated by its element and each text has a direction of its own, so nothing needs them. Pages alone lose
// them; the store, the API and exports keep what was said. The page is changed in place.
func unturned(page []byte) []byte {
	at := bytes.Index(page, []byte{0xe2, 0x80})
	if other := bytes.Index(page, []byte{0xe2, 0x81}); at < 0 || other >= 0 && other < at {
		at = other
	}
	if at < 0 {
		return page
	}
	out := page[:at]
	for i := at; i < len(page); i++ {
		if page[i] == 0xe2 && i+2 < len(page) && turns(page[i+1], page[i+2]) {
			i += 2
			continue
		}
		out = append(out, page[i])
	}
	return out
}

// turns says of the second and third byte of a character whose first is 0xE2 that it turns the direction of text.
func turns(second, third byte) bool {
	return second == 0x80 && third >= 0xaa && third <= 0xae || second == 0x81 && third >= 0xa6 && third <= 0xa9
}
