package upkeep

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const shownText = 80 // characters of a value

// difference says in what two states of an activity differ, for people.
func difference(was, now *crm.Activity) (before, after string) {
	var b, a []string
	add := func(name, x, y string) {
		if x != y {
			b, a = append(b, name+" "+shown(x)), append(a, name+" "+shown(y))
		}
	}
	if x, y := describe(*was), describe(*now); x != y {
		b, a = append(b, x), append(a, y)
	}
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

func shown(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > shownText {
		s = string(r[:shownText]) + "…"
	}
	return fmt.Sprintf("“%s”", s)
}
