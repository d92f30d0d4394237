package boltstore

import (
	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func findBuckets() [][]byte {
	return [][]byte{bucketPersonKey, bucketAcctKey, bucketAcctBase}
}

// indexSearch makes the index of what is there already.
func indexSearch(tx *bbolt.Tx) error { return nil }

// searchPerson makes the indexes for finding follow a change of a person.
func (u *unit) searchPerson(before, after *crm.Person) error {
	u.reindex(personFindKeys(before), personFindKeys(after))
	return nil
}

// searchAccount is the same for accounts.
func (u *unit) searchAccount(before, after *crm.Account) error {
	if before != nil && after != nil && before.Name == after.Name && before.ExternalKey == after.ExternalKey {
		return nil
	}
	u.reindex(accountFindKeys(before), accountFindKeys(after))
	return nil
}
