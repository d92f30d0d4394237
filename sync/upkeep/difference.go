package upkeep

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const shownText = 80 // characters of a value

// FieldChange is a field of an activity in two states. Field is "match" for the rule and evidence by which it was matched, "custom."
// and a name for a declared field, else the name of crm.Activity's; texts are cut, lists have spaces between.
type FieldChange struct{ Field, Before, After string }

// differences are the fields in which two states of an activity differ.
func differences(was, now *crm.Activity) (list []FieldChange) {
	add := func(name, x, y string) {
		if x != y {
			list = append(list, FieldChange{name, shown(x), shown(y)})
		}
	}
	add("match", describe(*was), describe(*now))
	add("subject", was.Subject, now.Subject)
	add("text", was.Text, now.Text)
	add("status", was.Status, now.Status)
	add("product", was.Product, now.Product)
	add("campaign", was.Touch.Campaign, now.Touch.Campaign)
	add("channel", was.Touch.Channel, now.Touch.Channel)
	names := slices.Concat(slices.Collect(maps.Keys(was.Custom)), slices.Collect(maps.Keys(now.Custom)))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		add("custom."+name, was.Custom[name], now.Custom[name])
	}
	add("people", people(was), people(now))
	add("accounts", strings.Join(was.Accounts, " "), strings.Join(now.Accounts, " "))
	add("owners", strings.Join(was.Owners, " "), strings.Join(now.Owners, " "))
	return list
}

// difference says in what two states of an activity differ, for whoever reads English.
func difference(was, now *crm.Activity) (before, after string) {
	var b, a []string
	for _, d := range differences(was, now) {
		if d.Field == "match" {
			b, a = append(b, d.Before), append(a, d.After)
			continue
		}
		b, a = append(b, fmt.Sprintf("%s “%s”", d.Field, d.Before)), append(a, fmt.Sprintf("%s “%s”", d.Field, d.After))
	}
	if len(b) == 0 {
		return describe(*was), describe(*now) + ", with others in question"
	}
	return strings.Join(b, "; "), strings.Join(a, "; ")
}

// people names those on an activity who are known.
func people(a *crm.Activity) string {
	var names []string
	for _, p := range a.People {
		if p.ID != "" {
			names = append(names, p.Address)
		}
	}
	return strings.Join(names, " ")
}

// shown is a value on one line, and not longer than a sample has room for.
func shown(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > shownText {
		s = string(r[:shownText]) + "…"
	}
	return s
}
