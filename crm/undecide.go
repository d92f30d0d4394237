package crm

import (
	"slices"
	"strings"
)

// Undecided is an activity without the person on whom a decision about an address put it, and says whether that changes
// anything. The address is that of the review, so for a form it may be what stands in place of one. Where the match rested on
// the decision, or on a conversation in which nobody is left, nothing says any more whose the activity is: its Match is
// empty. Person "" is one whose record is gone already.
func Undecided(a Activity, person, address string) (Activity, bool) {
	decided, byThread := a.Match.restsOn(address), a.Match.Rule == RuleThread
	byPeople := a.Match.Rule == RuleDecision || a.Match.Rule == RuleBounce
	changed := false
	people := make([]Participant, 0, len(a.People))
	for _, p := range a.People {
		normal, _ := NormalizeAddress(p.Address)
		switch theirs := p.ID == person && !p.Internal && (normal == address || p.Role == RoleSubmitter && decided); {
		case theirs && byThread && p.Role == RoleThread:
			changed = true
			continue
		case theirs && byPeople && p.Role != RoleThread:
			changed = changed || p.ID != "" || decided
			p.ID, p.Kind, p.Was = "", "", ""
		}
		people = append(people, p)
	}
	if !changed {
		return a, false
	}
	a.People = people
	inThread := func(p Participant) bool { return p.Role == RoleThread }
	if decided || byThread && !slices.ContainsFunc(people, inThread) {
		a.Match = Match{}
	}
	return a, true
}

// Taken reports whether nobody known and no account is left on an activity since an answer was taken back.
func (a *Activity) Taken() bool {
	known := func(p Participant) bool { return p.ID != "" && !p.Internal }
	return a.Match.Rule == "" && a.By == "" && len(a.Accounts) == 0 && !slices.ContainsFunc(a.People, known)
}

// restsOn says whether the match rests on what was decided about an address, or about what stands in place of one.
func (m *Match) restsOn(address string) bool {
	if m.Rule != RuleDecision && m.Rule != RuleBounce {
		return false
	}
	if normal, ok := NormalizeAddress(m.Evidence); ok && normal == address {
		return true
	}
	if number, ok := strings.CutPrefix(address, "phone:"); ok {
		return number == m.Evidence
	}
	key, ok := strings.CutPrefix(address, "name:")
	for at := range m.Evidence {
		if ok && strings.HasPrefix(m.Evidence[at:], ", ") && NameKey(m.Evidence[:at], m.Evidence[at+2:]) == key {
			return true
		}
	}
	return false
}

// Unknown are the normalised addresses of the participants outside who are nobody known, sorted, each once.
func (a *Activity) Unknown() []string {
	var list []string
	for _, p := range a.People {
		if normal, ok := NormalizeAddress(p.Address); ok && p.ID == "" && !p.Internal && p.Type == TypePerson {
			list = append(list, normal)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
