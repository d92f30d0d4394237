package web

import (
	"html/template"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// letterView is what a mail that is part of a meeting says itself.
type letterView struct {
	When, ISO, Subject, Text string
	From                     template.HTML
}

// shownLetters is how many a row of a timeline shows; the meeting's own page shows all.
const shownLetters = 2

// letters are those of a meeting, the newest first, and how many more there are.
func (sp *speaker) letters(a *crm.Activity, whole bool) (views []letterView, more int) {
	list := a.Letters
	if !whole {
		more = max(0, len(list)-shownLetters)
		list = list[more:]
	}
	for i := len(list) - 1; i >= 0; i-- {
		l := &list[i]
		v := letterView{When: sp.when(l.At), ISO: l.At.UTC().Format("2006-01-02T15:04:05Z"), Subject: l.Subject, Text: l.Text, From: writerOf(a, l.From)}
		if !whole {
			v.Text, _ = opening(l.Text, excerptRunes)
		}
		views = append(views, v)
	}
	return views, more
}

// writerOf names who wrote, as the meeting does if he is on it.
func writerOf(a *crm.Activity, address string) template.HTML {
	p := &crm.Participant{Address: address}
	if i := slices.IndexFunc(a.People, func(p crm.Participant) bool { return address != "" && strings.EqualFold(p.Address, address) }); i >= 0 {
		p = &a.People[i]
	}
	var b strings.Builder
	writeParty(&b, p)
	return template.HTML(b.String()) //nolint:gosec // escaped by writeParty
}
