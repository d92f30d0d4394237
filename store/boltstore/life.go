package boltstore

import (
	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func lifeBuckets() [][]byte { return nil }

// indexLives marks everybody, and counts what is there.
func indexLives(*bbolt.Tx) error { return nil }

// personChanged is called with every change of a person; before or after is nil for one that was not or is no more.
func (u *unit) personChanged(_, _ *crm.Person) error { return nil }

// accountChanged is the same for accounts.
func (u *unit) accountChanged(_, _ *crm.Account) error { return nil }

// activityChanged is the same for activities.
func (u *unit) activityChanged(_, _ *activity) error { return nil }
