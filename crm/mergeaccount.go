package crm

import "slices"

// MergeAccountRecords makes one account of two, as MergePersons does of people: the winner keeps what it has, what is empty is
// filled, domains and telephone numbers are united. Whose subsidiary the winner is by then, the caller decides if
// one of the two is above the other.
func MergeAccountRecords(winner, loser Account) (merged Account, differences []Difference, gained []string) {
	var j joiner
	merged = winner
	for _, f := range accountTexts(&merged, &loser) {
		j.text(f.name, f.winner, *f.loser)
	}
	was := merged.Domains
	united, added := uniteBy(was, loser.Domains, domainKey)
	merged.Domains = united
	j.list("domains", was, loser.Domains, added)
	phones := merged.Phones
	merged.Phones, added = uniteBy(phones, loser.Phones, phoneKey)
	j.list("phones", phoneNumbers(phones), phoneNumbers(loser.Phones), added)
	merged.Custom = j.custom(merged.Custom, loser.Custom)
	merged.Merged, _ = uniteBy(merged.Merged, append(slices.Clip(loser.Merged), loser.ID), sameID)
	return merged, j.differences, j.gained
}

// UnmergeAccounts is UnmergePersons for accounts; the record must have Account and Was.
func UnmergeAccounts(current Account, record MergeRecord) (winner, loser Account) {
	winner, loser = current, *record.Account
	before := record.Was
	gained := func(field string) bool { return slices.Contains(record.Gained, field) }
	for _, f := range accountTexts(&winner, &loser) {
		if gained(f.name) {
			unfill(f.winner, *f.loser, "")
		}
	}
	if gained("domains") {
		winner.Domains = withoutBy(winner.Domains, loser.Domains, before.Domains, domainKey)
	}
	if gained("phones") {
		winner.Phones = withoutBy(winner.Phones, loser.Phones, before.Phones, phoneKey)
	}
	winner.Custom = uncustom(winner.Custom, loser.Custom, record.Gained)
	winner.Merged = withoutBy(winner.Merged, append(slices.Clip(loser.Merged), loser.ID), before.Merged, sameID)
	unfill(&winner.Updated, record.At, before.Updated)
	return winner, loser
}

// accountTexts are the texts that can be filled.
func accountTexts(winner, loser *Account) []fieldPair {
	out := []fieldPair{{"name", &winner.Name, &loser.Name}, {"kana", &winner.Kana, &loser.Kana}, {"owner", &winner.Owner, &loser.Owner},
		{"external_key", &winner.ExternalKey, &loser.ExternalKey}}
	if loser.Parent != winner.ID {
		out = append(out, fieldPair{"parent", &winner.Parent, &loser.Parent})
	}
	return out
}
