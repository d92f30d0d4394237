// Package edit changes single settings of a mapping document and leaves every other byte as it is: comments, the order
// of keys, quotes and indentation are the admin's.
//
// A change is named by the path of the setting. The text is parsed for the places of its nodes (locate.go), the bytes of the
// one setting are cut out or put in (splice.go), and what is put in is written in the style that stands around it
// (write.go). A group is changed key by key and a list entry by entry, so that what is the same within them stays, too
// (put.go). Afterwards the new text is read again and compared with what the change should have made of the
// values (verify.go). Where YAML allows more than is understood here (anchors, tags, keys over several lines), the
// change is refused rather than guessed.
package edit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Path leads to a setting: names of keys (string) and places in lists (int, from 0).
type Path []any

// ErrShape means that the document is written in a way that cannot be changed by itself at that place: by anchors, or because
// something else stands there. A person can change the text.
var ErrShape = errors.New("the document cannot be changed by itself here")

// String writes a path as problems of the mapping do: lifecycle.rules[2].to.
func (p Path) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, step)
		}
	}
	return b.String()
}

// at is the path with one more step.
func (p Path) at(step any) Path { return append(p[:len(p):len(p)], step) }
