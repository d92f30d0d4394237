package web

import (
	"html/template"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// attendeeGroup are those who gave the same answer, or rooms, or groups.
type attendeeGroup struct {
	Label string
	Rows  []attendeeRow
}

// attendeeRow is one of them.
type attendeeRow struct {
	Name                template.HTML
	Organizer, Optional bool
}

// answers are the responses in the order in which they are shown; what is none of them counts as the last.
func answers() []string {
	return []string{crm.ResponseAccepted, crm.ResponseTentative, crm.ResponseDeclined, crm.ResponseNone}
}

func answerOf(p *crm.Participant) string {
	if slices.Contains(answers(), p.Response) {
		return p.Response
	}
	return crm.ResponseNone
}

// guests are the people who take part, each once; an organiser who is invited as well is the guest.
func guests(people []crm.Participant) []crm.Participant {
	var out []crm.Participant
	at := make(map[string]int, len(people))
	for _, p := range people {
		if p.Type != crm.TypePerson || p.Role == crm.RoleThread {
			continue
		}
		i, seen := at[p.Address]
		switch {
		case !seen || p.Address == "":
			at[p.Address] = len(out)
			out = append(out, p)
		case p.Role == crm.RoleOrganizer:
			out[i].Role = p.Role
		case out[i].Response == "":
			role := out[i].Role
			out[i] = p
			out[i].Role = role
		}
	}
	return out
}

// responses counts the answers of those who were asked: "2 accepted · 1 no answer".
func (sp *speaker) responses(people []crm.Participant) string {
	counts := map[string]int{}
	for _, p := range guests(people) {
		if p.Role != crm.RoleOrganizer || p.Response != "" {
			counts[answerOf(&p)]++
		}
	}
	var parts []string
	for _, answer := range answers() {
		if n := counts[answer]; n > 0 {
			parts = append(parts, sp.text("meeting.count."+answer, "n", n))
		}
	}
	return strings.Join(parts, " · ")
}

// attendeeGroups are people by their answers, then rooms and resources, then groups.
func (sp *speaker) attendeeGroups(people []crm.Participant) []attendeeGroup {
	groups := make([]attendeeGroup, 0, 6)
	for _, answer := range answers() {
		groups = append(groups, attendeeGroup{Label: sp.text("meeting.answer." + answer)})
	}
	rooms, lists := len(groups), len(groups)+1
	groups = append(groups, attendeeGroup{Label: sp.text("meeting.rooms")}, attendeeGroup{Label: sp.text("meeting.groups")})
	add := func(at int, p *crm.Participant) {
		var b strings.Builder
		writeParty(&b, p)
		groups[at].Rows = append(groups[at].Rows, attendeeRow{template.HTML(b.String()), p.Role == crm.RoleOrganizer, p.Optional}) //nolint:gosec // escaped by writeParty
	}
	for _, p := range guests(people) {
		answer := answerOf(&p)
		if p.Role == crm.RoleOrganizer && p.Response == "" {
			answer = crm.ResponseAccepted // who invites comes
		}
		add(slices.Index(answers(), answer), &p)
	}
	for i := range people {
		switch people[i].Type {
		case crm.TypeRoom, crm.TypeResource:
			add(rooms, &people[i])
		case crm.TypeGroup:
			add(lists, &people[i])
		}
	}
	return slices.DeleteFunc(groups, func(g attendeeGroup) bool { return len(g.Rows) == 0 })
}
