package boltstore

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const formatName = "tsunagu"

// migration is one numbered step of the schema. A step that was ever released is never changed.
type migration struct {
	name string
	run  func(tx *bbolt.Tx) (more bool, err error) // more asks for another transaction, for a step too big for one
}

// atOnce is a step of one transaction.
func atOnce(run func(tx *bbolt.Tx) error) func(tx *bbolt.Tx) (bool, error) {
	return func(tx *bbolt.Tx) (bool, error) { return false, run(tx) }
}

// migrations are all steps in order; a store that has done n of them has schema version n.
func migrations() []migration {
	return []migration{
		{"make the buckets", atOnce(makeBuckets)},
		{"find people by telephone and name, and take submissions in", atOnce(addIdentities)},
		{"keep what meetings have", atOnce(makeBuckets)}, // activities are read as they are; an older program would lose it
		{"follow people, and find them faster", func(tx *bbolt.Tx) (bool, error) { return addLives(tx, migratedAtOnce) }},
		{"keep numbers in lists", atOnce(listNumbers)},
		{"find conversations, and what is kept out of them", func(tx *bbolt.Tx) (bool, error) { return addThreads(tx, migratedAtOnce) }},
		{"keep comments, and what is filed by hand", atOnce(makeBuckets)},
		{"count by the hour what comes", atOnce(makeBuckets)},
		{"list what is counted, and keep saved views", atOnce(makeBuckets)}, // the list is made when the store is open: listCounted
	}
}

// migrate brings the store forward, each step in a transaction of its own, so that a step that was
// interrupted is simply done again; one of several transactions notes how far it is, and goes on from there.
func migrate(db *bbolt.DB, steps []migration) error {
	done, err := schemaVersion(db)
	if err != nil {
		return err
	}
	if err := checkSchema(done, steps); err != nil {
		return err
	}
	for n := done; n < uint64(len(steps)); {
		more := false
		err := db.Update(func(tx *bbolt.Tx) (err error) {
			if more, err = steps[n].run(tx); err != nil || more {
				return err
			}
			return tx.Bucket(bucketMeta).Put(metaSchema, binary.BigEndian.AppendUint64(nil, n+1))
		})
		if err != nil {
			return fmt.Errorf("migrate store, step %d (%s): %w", n+1, steps[n].name, err)
		}
		if !more {
			n++
		}
	}
	return nil
}

func checkSchema(version uint64, steps []migration) error {
	if version > uint64(len(steps)) {
		return fmt.Errorf("%w: its schema is %d, this program knows up to %d", crm.ErrNewer, version, len(steps))
	}
	return nil
}

// schemaVersion is 0 for an empty file. A bbolt file of somebody else is refused as damaged.
func schemaVersion(db *bbolt.DB) (uint64, error) {
	var version uint64
	err := db.View(func(tx *bbolt.Tx) error {
		meta := tx.Bucket(bucketMeta)
		if meta == nil {
			if name, _ := tx.Cursor().First(); name != nil {
				return corrupt("the schema")
			}
			return nil
		}
		stored := meta.Get(metaSchema)
		if string(meta.Get(metaFormat)) != formatName || len(stored) != 8 {
			return corrupt("the schema version")
		}
		version = binary.BigEndian.Uint64(stored)
		return nil
	})
	return version, err
}

func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range allBuckets() {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return fmt.Errorf("create bucket %s: %w", name, err)
		}
	}
	return tx.Bucket(bucketMeta).Put(metaFormat, []byte(formatName))
}
