package mimeitem

import "strings"

// addressWords collects the pieces of a name. As long as they stand side by side in the address list they are
// only marked there; they are copied once something between them is left out.
type addressWords struct {
	from, to int // the piece of the list that is marked
	copied   strings.Builder
}

// take appends list[from:to].
func (w *addressWords) take(list string, from, to int) {
	switch {
	case w.copied.Len() > 0 || w.to > w.from && w.to != from:
		w.add(list, list[from:to])
	case w.to > w.from:
		w.to = to
	default:
		w.from, w.to = from, to
	}
}

// add appends text that does not stand in the list.
func (w *addressWords) add(list, text string) {
	if w.copied.Len() == 0 {
		const more = 8 // a space and what else may follow
		w.copied.Grow(w.to - w.from + len(text) + more)
		w.copied.WriteString(list[w.from:w.to])
	}
	w.copied.WriteString(text)
}

// text is what was collected.
func (w *addressWords) text(list string) string {
	if w.copied.Len() > 0 {
		return w.copied.String()
	}
	return list[w.from:w.to]
}
