package boltstore

import (
	"bytes"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The facts of a person stand in a value for each month, so that one who has many does not write them all each time.

// monthKey is where the facts of a person and a time stand. It sorts as the months do.
func monthKey(person id16, at time.Time) []byte {
	year, month, _ := at.UTC().Date()
	year = min(max(year, 0), 9999)
	return append(bytes.Clone(person[:]), byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+int(month)/10), byte('0'+int(month)%10))
}

// staysFact reports whether what was counted stays when facts from a time on are replaced: responses are only seen as far as the
// activities that following looks at go back.
func staysFact(f crm.Fact, from time.Time) bool {
	return f.Metric == crm.MetricResponse && f.At.Before(from)
}

// replaceFacts puts the facts of a person in the place of all but responses before from; a nil from means all.
func (u *unit) replaceFacts(person id16, facts []crm.Fact, from *time.Time) error {
	fresh := map[string][]crm.Fact{}
	for _, f := range facts {
		if from == nil || !staysFact(f, *from) {
			key := string(monthKey(person, f.At))
			fresh[key] = append(fresh[key], f)
		}
	}
	var changes []change
	var was, is []crm.Fact
	cursor := u.bucket(bucketFacts).Cursor()
	for k, v := cursor.Seek(person[:]); hasPrefix(k, person[:]); k, v = cursor.Next() {
		old, err := decodeFacts(v)
		if err != nil {
			return err
		}
		month := fresh[string(k)]
		delete(fresh, string(k))
		if from != nil {
			for _, f := range old {
				if staysFact(f, *from) {
					month = append(month, f)
				}
			}
		}
		was, is = append(was, old...), append(is, month...)
		val := encodeFacts(month)
		if bytes.Equal(val, v) {
			continue
		}
		u.countAll(old, -1)
		u.countAll(month, 1)
		changes = append(changes, entry(bucketFacts, bytes.Clone(k), val))
	}
	for key, month := range fresh {
		is = append(is, month...)
		u.countAll(month, 1)
		changes = append(changes, entry(bucketFacts, []byte(key), encodeFacts(month)))
	}
	u.listFacts(countedPerson, person, was, is)
	slices.SortFunc(changes, compareChanges)
	for _, c := range changes {
		u.gather(c)
	}
	return nil
}

func (u *unit) countAll(facts []crm.Fact, n int64) {
	for i := range facts {
		u.life.countFact(&facts[i], u.s.loc, n)
	}
}
