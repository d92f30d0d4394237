package mimeitem

import (
	"html"
	"strconv"
	"strings"
)

// htmlText makes readable text of HTML: block elements become line breaks, list items get a dash or a
// number, cells of a row are parted by tabs, quotes get "> " before each line. What a mail program would not
// show is dropped: scripts, styles, the title, comments, and elements hidden by their style, which mass
// mailers use for preheaders. If nothing is left that way, hidden text is taken after all.
func htmlText(s string) string {
	w := htmlWalker{s: s}
	w.out.b.Grow(len(s) / textOfHTML)
	w.walk()
	if text := w.out.text(); text != "" || !w.hid {
		return text
	}
	w = htmlWalker{s: s, showAll: true}
	w.walk()
	return w.out.text()
}

// textOfHTML is how many bytes of HTML there are to one of its text, as a guess for how much room that takes.
const textOfHTML = 4

// maxOpen bounds how many open elements are remembered.
const maxOpen = 400

// htmlWalker reads tags and text in one pass, without building a tree.
type htmlWalker struct {
	s       string
	out     htmlWriter
	open    []element
	showAll bool // hidden elements too
	hid     bool // something was hidden

	missing map[string]bool // closing strings that do not occur any more, so that they are sought once
}

// element is an open element and what it passes on to those inside.
type element struct {
	name   string
	hidden bool // nothing inside is shown
	tiny   bool // font-size:0, unless an element inside sets another
	pre    bool
	quote  bool
	gap    int // line ends after it, see breaks
	items  int // of a numbered list so far; -1 if it is not numbered
}

func (w *htmlWalker) walk() {
	for i := 0; i < len(w.s); {
		at := strings.IndexByte(w.s[i:], '<')
		if at < 0 {
			w.text(w.s[i:])
			return
		}
		w.text(w.s[i : i+at])
		i += at
		i = w.markup(i)
	}
}

func (w *htmlWalker) text(s string) {
	if s == "" {
		return
	}
	pre := false
	if n := len(w.open); n > 0 {
		top := w.open[n-1]
		if top.hidden || top.tiny {
			return
		}
		pre = top.pre
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	if pre {
		w.out.preformatted(s)
	} else {
		w.out.write(s)
	}
}

// find is strings.Index from i that remembers what is not there.
func (w *htmlWalker) find(i int, what string) int {
	if w.missing[what] {
		return -1
	}
	if at := strings.Index(w.s[i:], what); at >= 0 {
		return i + at
	}
	if w.missing == nil {
		w.missing = make(map[string]bool, 4)
	}
	w.missing[what] = true
	return -1
}

// markup handles what starts with "<" at i and says where it ends.
func (w *htmlWalker) markup(i int) int {
	rest := w.s[i+1:]
	switch {
	case strings.HasPrefix(rest, "!--"):
		if end := w.find(i+4, "-->"); end >= 0 {
			return end + 3
		}
		return w.skipTag(i)
	case strings.HasPrefix(rest, "!") || strings.HasPrefix(rest, "?"):
		return w.skipTag(i)
	case len(rest) > 1 && rest[0] == '/' && letter(rest[1]):
		name := tagName(rest[1:])
		w.close(name)
		return w.skipTag(i)
	case len(rest) > 0 && letter(rest[0]):
		name := tagName(rest)
		end := w.tagEnd(i + 1 + len(name))
		attributes := strings.TrimSuffix(w.s[i+1+len(name):end], ">")
		if rawText(name) {
			return w.skipRaw(end, name)
		}
		w.start(strings.ToLower(name), attributes)
		return end
	}
	w.text("<")
	return i + 1
}

// start opens an element.
func (w *htmlWalker) start(name, attributes string) {
	w.implied(name)
	e := element{name: name, items: -1}
	if n := len(w.open); n > 0 {
		top := w.open[n-1]
		e.hidden, e.tiny, e.pre = top.hidden, top.tiny, top.pre
	}
	if !w.showAll && strings.ContainsAny(attributes, "=hH") {
		w.style(&e, attributes)
	}
	shown := !e.hidden && !e.tiny
	switch name {
	case "br":
		if shown {
			w.out.lineBreak()
		}
		return
	case "hr":
		if shown {
			w.out.block(1)
			w.out.write("________________________________")
			w.out.block(1)
		}
		return
	case "img", "input", "meta", "link", "area", "base", "col", "embed", "param", "source", "track", "wbr":
		return
	case "pre", "textarea":
		e.pre = true
	case "ol":
		e.items = 0
	case "blockquote":
		e.quote = isQuote(attributes)
	}
	if strings.HasSuffix(attributes, "/") && name != "p" && name != "div" && name != "span" && name != "td" && name != "a" {
		return
	}
	if !e.hidden {
		w.layout(&e, attributes)
	}
	if len(w.open) < maxOpen {
		w.open = append(w.open, e)
		if e.quote {
			w.out.quotes++
		}
	}
}

// layout breaks lines before an element and numbers list items.
func (w *htmlWalker) layout(e *element, attributes string) {
	e.gap = breaks(e.name, attributes)
	w.out.block(e.gap)
	switch e.name {
	case "td", "th":
		w.out.cell()
	case "li":
		w.out.bullet(w.bullet())
	}
}

func (w *htmlWalker) bullet() string {
	for i := len(w.open) - 1; i >= 0; i-- {
		switch w.open[i].name {
		case "ol":
			w.open[i].items++
			return strconv.Itoa(w.open[i].items) + ". "
		case "ul", "dir", "menu":
			return "- "
		}
	}
	return "- "
}

// breaks says how many line ends part an element from what is before and after it.
func breaks(name, attributes string) int {
	switch name {
	case "p":
		if strings.Contains(attributes, "Mso") || strings.Contains(attributes, "margin:0") || strings.Contains(attributes, "margin: 0") {
			return 1
		}
		return 2
	case "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre":
		return 2
	case "div", "tr", "table", "ul", "ol", "li", "dl", "dt", "dd", "section", "article", "header", "footer", "body",
		"center", "form", "address", "tbody", "thead", "tfoot", "caption", "fieldset", "figure", "main", "nav", "aside", "html", "textarea":
		return 1
	}
	return 0
}

// implied closes the elements that a start tag ends without an end tag.
func (w *htmlWalker) implied(name string) {
	n := len(w.open)
	if n == 0 {
		return
	}
	top := w.open[n-1].name
	switch {
	case top == "p" && breaks(name, "") > 0,
		top == "li" && name == "li",
		(top == "td" || top == "th") && (name == "td" || name == "th" || name == "tr"),
		top == "tr" && name == "tr",
		(top == "dt" || top == "dd") && (name == "dt" || name == "dd"):
		w.close(top)
		if name == "tr" && (top == "td" || top == "th") {
			w.implied(name)
		}
	}
}

// close ends the innermost open element of this name and all inside it. Cells and rows do not reach out of
// their table.
func (w *htmlWalker) close(name string) {
	const reach = 64
	if len(name) > 0 && name[0] < 'a' || strings.ToLower(name) != name {
		name = strings.ToLower(name)
	}
	for i := len(w.open) - 1; i >= 0 && i >= len(w.open)-reach; i-- {
		e := w.open[i]
		if e.name == name {
			for _, inner := range w.open[i:] {
				if inner.quote {
					w.out.block(1)
					w.out.quotes--
				}
			}
			w.open = w.open[:i]
			if !e.hidden {
				w.out.block(e.gap)
			}
			return
		}
		if e.name == "table" && name != "div" && name != "body" && name != "html" {
			return
		}
	}
	if name == "p" || name == "br" {
		w.out.block(1)
	}
}
