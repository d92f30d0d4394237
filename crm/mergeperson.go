package crm

import "slices"

// MergePersons makes one person of two. The winner keeps what it has; what is empty is filled from the loser, and
// addresses, telephone numbers and those of them that take no mail are united. A status comes with its reason and its beginning.
// A refusal to be sent mailings counts if it is the newer word. A contact takes no company as text, and a lead no account.
// What was filled and added stands in gained, by json names; differences are what an admin looks at before. Neither argument
// is changed.
func MergePersons(winner, loser Person) (merged Person, differences []Difference, gained []string) {
	var j joiner
	merged = winner
	for _, f := range personTexts(&merged, &loser) {
		j.text(f.name, f.winner, *f.loser)
	}
	j.status(&merged, &loser)
	j.instant("left", &merged.Left, loser.Left)
	j.instant("converted", &merged.Converted, loser.Converted)
	j.given(&merged, &loser)
	j.consent(&merged, &loser)
	j.lists(&merged, &loser)
	merged.Custom = j.custom(merged.Custom, loser.Custom)
	for _, p := range loser.Filled {
		if slices.Contains(j.gained, p.Field) && !slices.Contains(merged.Filled, p) {
			merged.Filled = append(slices.Clip(merged.Filled), p)
		}
	}
	merged.Merged, _ = uniteBy(merged.Merged, append(slices.Clip(loser.Merged), loser.ID), sameID)
	return merged, j.differences, j.gained
}

// UnmergePersons is what a merge left of two people, taken apart: what the winner gained and still has unchanged goes
// back to the loser, which is as it was; what people changed since stays with the winner. The record must have Person
// and Before.
func UnmergePersons(current Person, record MergeRecord) (winner, loser Person) {
	winner, loser = current, *record.Person
	before := record.Before
	gained := func(field string) bool { return slices.Contains(record.Gained, field) }
	for _, f := range personTexts(&winner, &loser) {
		if gained(f.name) {
			unfill(f.winner, *f.loser, "")
		}
	}
	if gained("status") && winner.Status == loser.Status && winner.Reason == loser.Reason {
		winner.Status, winner.Reason, winner.StatusAt = before.Status, before.Reason, before.StatusAt
	}
	if gained("left") {
		unfill(&winner.Left, loser.Left, before.Left)
	}
	if gained("converted") {
		unfill(&winner.Converted, loser.Converted, before.Converted)
	}
	if gained("given") {
		unfill(&winner.Given, loser.Given, before.Given)
	}
	if gained("consent") {
		unfill(&winner.Consent, loser.Consent, before.Consent)
	}
	if gained("emails") {
		winner.Emails = withoutBy(winner.Emails, loser.Emails, before.Emails, addressKey)
	}
	if gained("bad_emails") {
		winner.BadEmails = withoutBy(winner.BadEmails, loser.BadEmails, before.BadEmails, addressKey)
	}
	if gained("phones") {
		winner.Phones = withoutBy(winner.Phones, loser.Phones, before.Phones, phoneKey)
	}
	winner.Custom = uncustom(winner.Custom, loser.Custom, record.Gained)
	winner.Filled = slices.DeleteFunc(slices.Clone(winner.Filled), func(p Provenance) bool {
		return gained(p.Field) && slices.Contains(loser.Filled, p) && !slices.Contains(before.Filled, p)
	})
	if len(winner.Filled) == 0 {
		winner.Filled = nil
	}
	winner.Merged = withoutBy(winner.Merged, append(slices.Clip(loser.Merged), loser.ID), before.Merged, sameID)
	unfill(&winner.Updated, record.At, before.Updated)
	return winner, loser
}

// fieldPair is a text of two records.
type fieldPair struct {
	name          string
	winner, loser *string
}

// personTexts are the texts that can be filled; which those are depends on the kind of the winner.
func personTexts(winner, loser *Person) []fieldPair {
	out := []fieldPair{
		{"name", &winner.Name, &loser.Name}, {"family_name", &winner.FamilyName, &loser.FamilyName},
		{"given_name", &winner.GivenName, &loser.GivenName}, {"kana", &winner.Kana, &loser.Kana},
		{"department", &winner.Department, &loser.Department}, {"title", &winner.Title, &loser.Title},
		{"owner", &winner.Owner, &loser.Owner}, {"request", &winner.Request, &loser.Request}, {"stage", &winner.Stage, &loser.Stage},
		{"final", &winner.Final, &loser.Final}, {"do_not_contact", &winner.DoNotContact, &loser.DoNotContact},
		{"external_key", &winner.ExternalKey, &loser.ExternalKey},
	}
	if loser.Successor != winner.ID {
		out = append(out, fieldPair{"successor", &winner.Successor, &loser.Successor})
	}
	if winner.Kind == Contact {
		return append(out, fieldPair{"account_id", &winner.AccountID, &loser.AccountID})
	}
	return append(out, fieldPair{"company", &winner.Company, &loser.Company})
}

func (j *joiner) status(winner, loser *Person) {
	j.note("status", string(winner.Status), string(loser.Status), winner.Status == "")
	if winner.Status == "" && loser.Status != "" {
		winner.Status, winner.Reason, winner.StatusAt = loser.Status, loser.Reason, loser.StatusAt
		j.gained = append(j.gained, "status")
	}
}

func (j *joiner) given(winner, loser *Person) {
	if winner.Given == (Touch{}) && loser.Given != (Touch{}) {
		winner.Given = loser.Given
		j.gained = append(j.gained, "given")
	}
}

func (j *joiner) consent(winner, loser *Person) {
	w, l := winner.Consent, loser.Consent
	takes := w == (Consent{}) && l != (Consent{}) || l.State == ConsentRefused && w.State != ConsentRefused && !w.At.After(l.At)
	j.note("consent", string(w.State), string(l.State), takes)
	if takes {
		winner.Consent = l
		j.gained = append(j.gained, "consent")
	}
}

func (j *joiner) lists(merged, loser *Person) {
	was := merged.Emails
	united, added := uniteBy(was, loser.Emails, addressKey)
	merged.Emails = united
	j.list("emails", was, loser.Emails, added)
	phones := merged.Phones
	merged.Phones, added = uniteBy(phones, loser.Phones, phoneKey)
	j.list("phones", phoneNumbers(phones), phoneNumbers(loser.Phones), added)
	was = merged.BadEmails
	if merged.BadEmails, added = uniteBy(was, loser.BadEmails, addressKey); added {
		slices.Sort(merged.BadEmails)
	}
	j.list("bad_emails", was, loser.BadEmails, added)
}
