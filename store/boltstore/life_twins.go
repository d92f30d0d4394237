package boltstore

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// markTwins marks those whose record may be about the same person as one that came, went, or changed what it is known by.
// Of two such records the older one proposes that they be made one (crm.MergeWinner), so it has to be looked at when the
// younger one changes. Those of the same unit are marked for themselves.
func (u *unit) markTwins(before, after *crm.Person) error {
	if before != nil && after != nil && knownAlike(before, after) {
		return nil
	}
	for _, p := range []*crm.Person{before, after} {
		if p == nil {
			continue
		}
		ids, err := twinIDs(u.tx, p, u.names)
		if err != nil {
			return err
		}
		for _, id := range ids {
			u.markKey(id)
		}
	}
	return nil
}

// knownAlike reports whether two states of a person are known by the same.
func knownAlike(a, b *crm.Person) bool {
	return a.Name == b.Name && a.FamilyName == b.FamilyName && a.GivenName == b.GivenName && a.Kana == b.Kana && a.Company == b.Company &&
		a.AccountID == b.AccountID && a.Kind == b.Kind && slices.Equal(a.Emails, b.Emails) && slices.Equal(a.Phones, b.Phones)
}

// markTwinAccounts is the same for accounts.
func (u *unit) markTwinAccounts(before, after *crm.Account) error {
	if before != nil && after != nil && before.Name == after.Name && slices.Equal(before.Domains, after.Domains) {
		return nil
	}
	for _, a := range []*crm.Account{before, after} {
		if a == nil {
			continue
		}
		list, err := twinAccountsOf(u.tx, *a)
		if err != nil {
			return err
		}
		for i := range list {
			u.mark(list[i].ID)
		}
	}
	return nil
}
