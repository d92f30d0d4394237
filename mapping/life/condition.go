package life

import (
	"math"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

// sight keeps the groups of a scene that were shown to an expression, for those that come after it.
type sight struct{ input expr.Input }

// condition makes a compiled expression a condition on scenes. It builds only what the expression reads.
func (r *Rules) condition(program *expr.Program) condition {
	groups := [...]bool{program.Mentions("person"), program.Mentions("account"), program.Mentions("standing"), program.Mentions("activity")}
	return func(s scene) bool {
		seen := s.seen
		if seen == nil {
			seen = &sight{}
		}
		in := &seen.input
		if groups[0] && in.Person == nil {
			in.Person = s.personGroup()
		}
		if groups[1] && in.Account == nil {
			in.Account = s.accountGroup()
		}
		if groups[2] && in.Standing == nil {
			in.Standing = s.standingGroup()
		}
		if groups[3] && in.Activity == nil {
			in.Activity = s.activityGroup()
		}
		holds, err := program.True(in)
		if err != nil {
			r.failures.Add(1)
			return false
		}
		return holds
	}
}

// never is the number of days since what never was.
const never = math.MaxInt32

// days are the whole days that have passed.
func days(since, now time.Time) int {
	if since.IsZero() {
		return never
	}
	return max(int(now.Sub(since)/(24*time.Hour)), 0)
}

// timed are the fields that change as time passes.
func timed(program *expr.Program) bool {
	for _, field := range []string{"person.days_since_created", "person.days_in_status", "standing.days_since_heard", "standing.days_since_reached", "standing.away"} {
		if program.Mentions(field) {
			return true
		}
	}
	return false
}

// put says a time only if there is one, so that has() tells.
func put(group map[string]any, field string, t time.Time) {
	if !t.IsZero() {
		group[field] = t
	}
}

func putCustom(group map[string]any, custom map[string]string) {
	for name, value := range custom {
		group["custom."+name] = value
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func texts(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// personGroup shows a person. All fields are there but for times that are not known.
func (s *scene) personGroup() map[string]any {
	p := s.person
	if p == nil {
		p = &crm.Person{}
	}
	phones := make([]string, 0, len(p.Phones))
	for _, phone := range p.Phones {
		number := phone.E164
		if number == "" {
			number = phone.Number
		}
		phones = append(phones, number)
	}
	domain := ""
	if normal, ok := crm.NormalizeAddress(first(p.Emails)); ok {
		domain = crm.AddressDomain(normal)
	}
	began := p.StatusAt
	if began.IsZero() {
		began = p.Created
	}
	group := map[string]any{
		"id": p.ID, "kind": string(p.Kind), "name": p.Name, "family_name": p.FamilyName, "given_name": p.GivenName, "kana": p.Kana,
		"company": p.Company, "department": p.Department, "title": p.Title, "email": first(p.Emails), "emails": texts(p.Emails), "domain": domain,
		"phone": first(phones), "phones": phones, "owner": p.Owner, "status": string(p.Status), "reason": p.Reason, "request": p.Request,
		"stage": p.Stage, "final": p.Final, "origin": p.Origin, "consent": string(p.Consent.State), "do_not_contact": p.DoNotContact != "",
		"left": !p.Left.IsZero(), "converted": !p.Converted.IsZero(),
		"days_since_created": days(p.Created, s.now), "days_in_status": days(began, s.now),
	}
	put(group, "created", p.Created)
	put(group, "status_at", began)
	putCustom(group, p.Custom)
	if s.account != nil && p.Company == "" {
		group["company"] = s.account.Name
	}
	return group
}

func (s *scene) accountGroup() map[string]any {
	a := s.account
	if a == nil {
		a = &crm.Account{}
	}
	group := map[string]any{
		"id": a.ID, "name": a.Name, "kana": a.Kana, "domain": first(a.Domains), "domains": texts(a.Domains), "owner": a.Owner,
		"origin": a.Origin, "parent": a.Parent,
	}
	put(group, "created", a.Created)
	putCustom(group, a.Custom)
	return group
}

func (s *scene) standingGroup() map[string]any {
	st := s.standing
	if st == nil {
		st = &crm.Standing{}
	}
	group := map[string]any{
		"channel": st.First.Channel, "campaign": st.First.Campaign, "source": st.First.Source, "medium": st.First.Medium,
		"last_channel": st.Last.Channel, "last_campaign": st.Last.Campaign, "products": texts(st.Products), "freshness": st.Freshness,
		"unreplied": !st.Unreplied.IsZero(), "reached": texts(st.Reached), "segments": texts(st.Segments), "territory": st.Territory,
		"away":             st.Away.After(s.now),
		"days_since_heard": days(st.LastHeard, s.now), "days_since_reached": days(st.LastReached, s.now),
	}
	put(group, "last_heard", st.LastHeard)
	put(group, "last_reached", st.LastReached)
	return group
}

func (s *scene) activityGroup() map[string]any {
	a := s.activity
	if a == nil {
		a = &crm.Activity{}
	}
	signals := make([]string, 0, len(a.Signals))
	for _, signal := range a.Signals {
		signals = append(signals, string(signal.Kind))
	}
	var call crm.Call
	if a.Call != nil {
		call = *a.Call
	}
	next := call.Next
	if a.Outcome != nil && next == (crm.NextAction{}) {
		next = a.Outcome.Next
	}
	group := map[string]any{
		"event": string(s.event), "kind": string(a.Kind), "direction": string(a.Direction), "class": string(a.Class), "subject": a.Subject,
		"status": a.Status, "form": a.Form, "product": a.Product, "channel": a.Touch.Channel, "campaign": a.Touch.Campaign,
		"source": a.Touch.Source, "medium": a.Touch.Medium, "reply": a.Thread != "" && a.Thread != string(a.Key), "signals": signals,
		"result": call.Result, "next_action": next != crm.NextAction{}, "by_hand": a.By != "",
	}
	put(group, "time", a.Time)
	putCustom(group, a.Custom)
	return group
}
