package crm

import (
	"slices"
	"strings"
)

// mergeForms is Merge for two views of a submission. A submission can be edited where it was sent; a view shows one
// state of it, the time of which is that of the view. What was answered tells states apart (the fields, or subject and
// text where there are none), so that reading the same state again, or a mapping that names things otherwise, makes no
// new one.
//
// All states of both views are put in the order of their times. The newest one says the content, the time, the
// people and the match of the result; those before it are its Revisions. Version counts on with each new state, and is
// never less than that of a view. What only the mapping says (custom fields, product, touch) is of next if both
// views show the newest state: the later reading was made with the newer mapping.
func mergeForms(old, next Activity) Activity {
	states := statesOf(&old, &next)
	newest := states[len(states)-1]
	a, b := old, next
	inOld, inNext := sameState(stateOf(&old), newest), sameState(stateOf(&next), newest)
	version := max(old.Version, next.Version)
	match := old.Match
	switch {
	case inOld && inNext:
		a.Version, b.Version = 1, 1
	case inOld:
		a.Version, b.Version = 2, 1
		version = nextVersion(old.Version, next.Version)
	default:
		a.Version, b.Version = 1, 2
		version = nextVersion(next.Version, old.Version)
		match = next.Match
	}
	out := mergeViews(a, b)
	if inOld && inNext {
		out.Custom, out.Product, out.Touch = next.Custom, next.Product, next.Touch
	} else {
		out.Match = mergeMatch(match, match)
	}
	out.Time = newest.At
	out.Version = max(version, len(states))
	out.Revisions = slices.Clip(firstAndNewest(states[:len(states)-1]))
	return out
}

// nextVersion is the version of the newest state, which a view of the first version shows and one of the other does
// not. A source that counts versions itself is believed.
func nextVersion(newer, older int) int {
	if newer > older {
		return newer
	}
	return older + 1
}

// statesOf are the states that two views know, oldest first. Of equal neighbours the first stays.
func statesOf(a, b *Activity) []Revision {
	all := slices.Concat(a.Revisions, b.Revisions, []Revision{stateOf(a), stateOf(b)})
	slices.SortStableFunc(all, compareStates)
	return slices.CompactFunc(all, sameState)
}

func stateOf(a *Activity) Revision {
	return Revision{At: a.Time, Subject: a.Subject, Text: a.Text, Fields: a.Fields}
}

func sameState(a, b Revision) bool {
	if len(a.Fields)+len(b.Fields) == 0 {
		return a.Subject == b.Subject && a.Text == b.Text
	}
	return compareAnswers(a.Fields, b.Fields) == 0
}

// compareStates orders by time; the rest only makes the order total.
func compareStates(a, b Revision) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	if c := compareAnswers(a.Fields, b.Fields); c != 0 {
		return c
	}
	if c := strings.Compare(a.Subject, b.Subject); c != 0 {
		return c
	}
	return strings.Compare(a.Text, b.Text)
}

// compareAnswers leaves labels out: they are the form's words, not the sender's.
func compareAnswers(a, b []FormField) int {
	return slices.CompareFunc(a, b, func(x, y FormField) int {
		if c := strings.Compare(x.Name, y.Name); c != 0 {
			return c
		}
		return slices.Compare(x.Values, y.Values)
	})
}

// firstAndNewest keeps MaxRevisions of a list, nil of none.
func firstAndNewest(states []Revision) []Revision {
	if len(states) == 0 {
		return nil
	}
	if len(states) <= MaxRevisions {
		return states
	}
	return append(slices.Clip(states[:1]), states[len(states)-MaxRevisions+1:]...)
}
