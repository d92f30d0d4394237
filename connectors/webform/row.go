package webform

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxExternalID is the longest response id that is an external id as it is, bytes.
const maxExternalID = 500

// row is one row of a list, read.
type row struct {
	item  connectors.Item
	id    uint64    // hash of the external id
	says  uint64    // hash of the content; its low 48 bits count
	at    time.Time // sent or last edited; zero if it does not say
	late  bool      // it was edited after it was sent
	order string    // response id, for cursors by id
	bytes int64
}

// row reads one row. What cannot be read becomes an item with Err; it is known by its id, or by its bytes.
func (l *layout) row(v value, textBytes int64) row {
	r, err := l.read(v, textBytes)
	if err == nil {
		return r
	}
	sum := sha256.Sum256(appendValue(nil, v))
	external := l.external(l.id.textIn(v))
	if external == "" {
		external = fmt.Sprintf("row-%x", sum[:16])
	}
	return row{item: connectors.Item{ExternalID: external, Kind: crm.KindForm, Folder: l.form, Err: err},
		id: hashText(external), says: binary.BigEndian.Uint64(sum[16:])}
}

func (l *layout) read(v value, textBytes int64) (row, error) {
	if v.kind != isObject && v.kind != isList {
		return row{}, errors.New("read row: it has no fields")
	}
	response := l.id.textIn(v)
	if response == "" && l.id.text != "" {
		return row{}, fmt.Errorf("read row: it has no response id at %q", l.id.text)
	}
	sent, at, err := l.times(v)
	if err != nil {
		return row{}, err
	}
	fields, size, err := l.fields(v, textBytes)
	if err != nil {
		return row{}, err
	}
	sub := &crm.Submission{Form: l.form, Response: response, At: at, Fields: fields, Touch: l.touchOf(v), State: crm.SubmissionAccepted, Version: 1}
	r := row{at: at, late: at.After(sent), order: response, bytes: size}
	if response != "" {
		sub.ID = crm.SubmissionID(l.form, response)
		r.item.ExternalID, r.says = l.external(response), contentHash(sub)
	} else {
		// Headings may be renamed; what was answered stays.
		sub.ID = contentID(l.form, at, fields)
		r.item.ExternalID, r.says = sub.ID, hashText(sub.ID)
	}
	r.id = hashText(r.item.ExternalID)
	r.item.Key, r.item.Kind, r.item.Folder = crm.SubmissionKey(*sub), crm.KindForm, l.form
	r.item.Received, r.item.Size, r.item.Submission = at, size, sub
	return r, nil
}

// times gives when a row was sent, and when it was last edited.
func (l *layout) times(v value) (sent, at time.Time, err error) {
	if text := l.time.textIn(v); text != "" {
		if sent, err = parseTime(text, l.timeFormat, l.zone); err != nil {
			return sent, at, err
		}
	} else if l.time.text != "" {
		return sent, at, fmt.Errorf("read time: there is none at %q", l.time.text)
	}
	at = sent
	if text := l.updated.textIn(v); text != "" {
		edited, err := parseTime(text, l.timeFormat, l.zone)
		if err != nil {
			return sent, at, err
		}
		if edited.After(at) {
			at = edited
		}
	}
	return sent, at, nil
}

func (l *layout) touchOf(v value) crm.Touch {
	var t crm.Touch
	for word, into := range touchWords(&t) {
		if p, ok := l.touch[word]; ok {
			*into = p.textIn(v)
		}
	}
	return t
}

// touchWords are the names of a touch's parts in the settings.
func touchWords(t *crm.Touch) map[string]*string {
	return map[string]*string{"campaign": &t.Campaign, "channel": &t.Channel, "source": &t.Source, "medium": &t.Medium,
		"term": &t.Term, "content": &t.Content, "referrer": &t.Referrer, "landing": &t.Landing}
}

// external is the external id of a response id: itself, or a hash where it is too long or cannot be printed.
func (l *layout) external(response string) string {
	if len(response) > maxExternalID || !utf8.ValidString(response) || strings.ContainsFunc(response, func(c rune) bool { return !unicode.IsPrint(c) }) {
		return crm.SubmissionID(l.form, response)
	}
	return response
}

// contentID is the identity of a submission without a response id.
func contentID(form string, at time.Time, fields []crm.FormField) string {
	words := []string{form, ""}
	if !at.IsZero() {
		words[1] = at.Format(time.RFC3339Nano)
	}
	for _, f := range fields {
		words = append(words, strings.Join(f.Values, "\x01"))
	}
	return crm.DerivedID("submission", words...)
}

// contentHash is of what a submission says: fields by name, in any order. Its time is not part of it, since
// services touch times without an edit.
func contentHash(s *crm.Submission) uint64 {
	var raw []byte
	byName := slices.SortedStableFunc(slices.Values(s.Fields), func(a, b crm.FormField) int { return strings.Compare(a.Name, b.Name) })
	for _, f := range byName {
		raw = appendText(raw, f.Name)
		for _, text := range f.Values {
			raw = appendText(raw, text)
		}
		raw = appendText(raw, "\x00")
	}
	sum := sha256.Sum256(raw)
	return binary.BigEndian.Uint64(sum[:])
}

func hashText(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:])
}

// appendText writes a text so that no two sequences of texts are written alike.
func appendText(raw []byte, text string) []byte {
	return append(binary.AppendUvarint(raw, uint64(len(text))), text...)
}

// appendValue writes a whole value.
func appendValue(raw []byte, v value) []byte {
	raw = appendText(append(raw, byte(v.kind)), v.text)
	for i, child := range v.parts {
		if i < len(v.names) {
			raw = appendText(raw, v.names[i])
		}
		raw = appendValue(raw, child)
	}
	return append(raw, 0xff)
}
