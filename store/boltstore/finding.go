package boltstore

import "github.com/tsunagu-crm/tsunagu/crm"

func findBuckets() [][]byte {
	return [][]byte{bucketPersonKey, bucketAcctKey, bucketAcctBase, bucketFindRecent, bucketFindDocs, bucketFindTerms}
}

// searchPerson makes the indexes for finding follow a change of a person; before or after is nil for one that was not or
// is no more, and then and now are their personText.
func (u *unit) searchPerson(before, after *crm.Person, then, now string) error {
	if before == nil || after == nil || before.ExternalKey != after.ExternalKey {
		u.reindex(personFindKeys(before), personFindKeys(after))
	}
	x := findIndex{u.tx, spacePeople}
	switch {
	case after != nil:
		doc := personDocOf(after, now)
		if before != nil && personDocOf(before, then).entry == doc.entry {
			return nil
		}
		u.dirty = true
		return x.add(doc)
	case before != nil:
		u.dirty = true
		return x.remove(idOf(before.ID))
	}
	return nil
}

// searchAccount is the same for accounts.
func (u *unit) searchAccount(before, after *crm.Account) error {
	if before == nil || after == nil || before.Name != after.Name || before.ExternalKey != after.ExternalKey {
		u.reindex(accountFindKeys(before), accountFindKeys(after))
	}
	x := findIndex{u.tx, spaceAccounts}
	switch {
	case after != nil:
		doc := accountDoc(after)
		if before != nil && accountDoc(before).entry == doc.entry {
			return nil
		}
		u.dirty = true
		return x.add(doc)
	case before != nil:
		u.dirty = true
		return x.remove(idOf(before.ID))
	}
	return nil
}
