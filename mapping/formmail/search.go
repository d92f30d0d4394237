package formmail

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// search seeks the marked values in the lines of the example.
type search struct {
	lines []string
	marks []mark
}

// mark is a marked field made ready.
type mark struct {
	name  string
	text  string
	lines []string // that are not empty; none if the value is empty
}

// spot is a field in the example.
type spot struct {
	mark   int // -1 for a field that was not marked
	line   int // of the label
	end    int // the line behind the value
	label  string
	sep    string
	suffix string
	below  bool
	many   bool
}

func newSearch(text string, marked []Marked) *search {
	s := &search{lines: splitLines(text)}
	for _, m := range marked {
		value := mark{name: m.Name, text: m.Value}
		for _, line := range splitLines(m.Value) {
			if line = strings.Join(strings.Fields(line), " "); line != "" {
				value.lines = append(value.lines, line)
			}
		}
		s.marks = append(s.marks, value)
	}
	return s
}

// choose finds the one way of parting labels from values that explains every mark, and the place of each.
func (s *search) choose() (chosen kindSpots, err error) {
	best, bestScore := kind(0), -1
	for k := kindTab; k <= kindBelow; k++ {
		score, ok := s.score(k)
		if ok && score > bestScore {
			best, bestScore = k, score
		}
	}
	if _, ok := s.score(kindBelow); ok && 2*bestScore < len(s.marks) {
		best = kindBelow // the few that stand beside something do so by chance
	}
	if best == 0 {
		return kindSpots{}, s.lost()
	}
	out := kindSpots{kind: best}
	var problems []error
	for m := range s.marks {
		at, err := s.place(best, m)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		out.spots = append(out.spots, at)
	}
	if len(problems) > 0 {
		return kindSpots{}, fmt.Errorf("learn form mail: %w", errors.Join(problems...))
	}
	slices.SortFunc(out.spots, func(a, b spot) int { return cmp.Compare(a.line, b.line) })
	for i := 1; i < len(out.spots); i++ {
		if a, b := out.spots[i-1], out.spots[i]; b.line < a.end {
			return kindSpots{}, fmt.Errorf("learn form mail: %q and %q are marked in the same lines", s.marks[a.mark].name, s.marks[b.mark].name)
		}
	}
	return out, nil
}

// kindSpots is what choose finds: places in the order of the mail.
type kindSpots struct {
	kind  kind
	spots []spot
}

// score counts the marks that stand on a line with their label; ok is false if a mark has no place at all.
func (s *search) score(k kind) (score int, ok bool) {
	for _, m := range s.marks {
		if len(m.lines) == 0 {
			continue
		}
		inline := len(s.beside(k, &m)) > 0
		if inline {
			score++
		} else if len(s.under(k, &m)) == 0 {
			return 0, false
		}
	}
	return score, score > 0 || k == kindBelow
}

// place gives the one place of a mark.
func (s *search) place(k kind, m int) (spot, error) {
	value := &s.marks[m]
	spots := s.places(k, value)
	if len(spots) > 1 {
		named := slices.DeleteFunc(slices.Clone(spots), func(at spot) bool { return labelKey(at.label) != labelKey(value.name) })
		if len(named) == 1 {
			spots = named
		}
	}
	switch {
	case len(spots) == 1:
		spots[0].mark = m
		return spots[0], nil
	case len(spots) == 0:
		return spot{}, fmt.Errorf("%q is marked as empty, and there is no empty field with this label", value.name)
	}
	labels := make([]string, 0, len(spots))
	for _, at := range spots {
		labels = append(labels, fmt.Sprintf("%q (line %d)", at.label, at.line+1))
	}
	return spot{}, fmt.Errorf("the value of %q stands behind several labels, %s; take an example in which it stands once, or give the field the name of its label",
		value.name, strings.Join(labels, ", "))
}

func (s *search) places(k kind, m *mark) []spot {
	if len(m.lines) == 0 {
		return s.empty(k, m)
	}
	if spots := s.beside(k, m); len(spots) > 0 {
		return spots
	}
	return s.under(k, m)
}

// lost says which marks are nowhere, or that they stand in ways that do not go together.
func (s *search) lost() error {
	var problems []error
	for _, m := range s.marks {
		found := len(m.lines) == 0
		for k := kindTab; k <= kindBelow && !found; k++ {
			found = len(s.places(k, &m)) > 0
		}
		if found {
			continue
		}
		what := "is not in the mail"
		if slices.ContainsFunc(s.lines, func(line string) bool {
			return strings.Contains(strings.Join(strings.Fields(line), " "), m.lines[0])
		}) {
			what = "has no label, or is only a part of its line: mark everything behind the label"
		}
		problems = append(problems, fmt.Errorf("the value of %q, %q, %s", m.name, short(m.lines[0]), what))
	}
	if len(problems) == 0 {
		problems = append(problems, errors.New("labels and values are not parted in one way throughout the mail"))
	}
	return fmt.Errorf("learn form mail: %w", errors.Join(problems...))
}
