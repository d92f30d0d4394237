package boltstore

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxNamesakes is how many people a telephone number or a name is answered with: behind a switchboard there may be
// hundreds, and more than a few are nobody in particular.
const maxNamesakes = 100

// identityKeys are the entries under which a person is found who gives a telephone number, or a name and a company.
// They have no value: unlike addresses they are asked for rarely, and then the person is read.
func identityKeys(p *crm.Person, company string, names nameKeys) []change {
	id := idOf(p.ID)
	var out []change
	seen := map[string]bool{"": true}
	for _, phone := range p.Phones {
		if !seen[phone.E164] && len(phone.E164) <= maxNameKey {
			seen[phone.E164] = true
			out = append(out, entry(bucketPhones, append(phonePrefix(phone.E164), id[:]...), nothing))
		}
	}
	for _, name := range namesOf(p) {
		if key := names.of(name, company); key != "" {
			out = append(out, entry(bucketNames, append(namePrefix(key), id[:]...), nothing))
		}
	}
	return out
}

// nameKeys are results of crm.NameKey by name and company. They take long to make, so that a write makes those it will
// need before the committer takes over: it has one processor only.
type nameKeys map[[2]string]string

// of makes what is not there; n may be nil.
func (n nameKeys) of(name, company string) string {
	if key, ok := n[[2]string{name, company}]; ok {
		return key
	}
	return crm.NameKey(name, company)
}

// add makes the keys of people whose company their record says.
func (n nameKeys) add(people []crm.Person) {
	for i := range people {
		p := &people[i]
		if p.AccountID != "" {
			continue
		}
		for _, name := range namesOf(p) {
			n[[2]string{name, p.Company}] = crm.NameKey(name, p.Company)
		}
	}
}

// namesOf is the name as shown, and as its parts say it if that is another writing.
func namesOf(p *crm.Person) []string {
	parts := strings.TrimSpace(p.FamilyName + " " + p.GivenName)
	if p.FamilyName == "" || p.GivenName == "" || parts == p.Name {
		return []string{p.Name}
	}
	return []string{p.Name, parts}
}

func phonePrefix(e164 string) []byte { return append([]byte(e164), 0) }

// namePrefix is a hash, since a key of a name can be of any length.
func namePrefix(key string) []byte {
	sum := sha256.Sum256([]byte(key))
	return append(make([]byte, 0, 32), sum[:16]...)
}

// companyOf is the company by which a person is known: the name of a contact's account, else what the record says.
func companyOf(tx *bbolt.Tx, p *crm.Person) (string, error) {
	if p == nil {
		return "", nil
	}
	if p.AccountID == "" {
		return p.Company, nil
	}
	a, err := readAccount(tx, p.AccountID)
	if errors.Is(err, crm.ErrNotFound) {
		return p.Company, nil
	}
	return a.Name, err
}

// renameCompany makes the members of an account found by its new name. before is nil if the account is new: its
// members may have been there first.
func (u *unit) renameCompany(before *crm.Account, a crm.Account) error {
	account := idOf(a.ID)
	var members []id16
	cursor := u.bucket(bucketMembers).Cursor()
	for k, _ := cursor.Seek(account[:]); hasPrefix(k, account[:]); k, _ = cursor.Next() {
		members = append(members, id16(k[len(k)-16:]))
	}
	for _, id := range members {
		p, err := decodePerson(u.bucket(bucketPeople).Get(id[:]))
		if err != nil {
			return err
		}
		was := p.Company
		if before != nil {
			was = before.Name
		}
		u.reindex(identityKeys(&p, was, nil), identityKeys(&p, a.Name, nil))
	}
	return nil
}

// identities answers the questions about telephone numbers and names.
func (l *lookup) identities(q crm.Question, out *crm.Answer) (err error) {
	if out.Phones, err = l.namesakes(bucketPhones, q.Phones, phonePrefix); err != nil {
		return err
	}
	out.Names, err = l.namesakes(bucketNames, q.Names, namePrefix)
	return err
}

func (l *lookup) namesakes(bucket []byte, asked []string, prefixOf func(string) []byte) (map[string][]crm.PersonRef, error) {
	if len(asked) == 0 {
		return nil, nil
	}
	out := map[string][]crm.PersonRef{}
	cursor, people := l.tx.Bucket(bucket).Cursor(), l.tx.Bucket(bucketPeople)
	for _, name := range asked {
		if name == "" || out[name] != nil || len(name) > maxNameKey && bytes.Equal(bucket, bucketPhones) {
			continue
		}
		var found []crm.PersonRef
		prefix := prefixOf(name)
		for k, _ := cursor.Seek(prefix); hasPrefix(k, prefix) && len(found) < maxNamesakes; k, _ = cursor.Next() {
			p, err := decodePerson(people.Get(k[len(prefix):]))
			if err != nil {
				return nil, err
			}
			found = append(found, refOf(&p))
		}
		if found != nil {
			slices.SortFunc(found, func(a, b crm.PersonRef) int { return strings.Compare(a.ID, b.ID) })
			out[name] = found
		}
	}
	return out, nil
}

func refOf(p *crm.Person) crm.PersonRef {
	ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID}
	if len(p.Emails) > 0 {
		ref.Address = p.Emails[0]
	}
	return ref
}

// addIdentities makes what the schema has had since its second version: the buckets of submissions, and the
// telephone numbers and names of the people who are there.
func addIdentities(tx *bbolt.Tx) error {
	if err := makeBuckets(tx); err != nil {
		return err
	}
	var all []change
	err := tx.Bucket(bucketPeople).ForEach(func(_, v []byte) error {
		p, err := decodePerson(v)
		if err != nil {
			return err
		}
		company, err := companyOf(tx, &p)
		if err != nil {
			return err
		}
		all = append(all, identityKeys(&p, company, nil)...)
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range tidy(all) {
		b := tx.Bucket(c.bucket)
		b.FillPercent = 0.9 // in order, and few come between later
		if err := b.Put(c.key, c.val); err != nil {
			return fmt.Errorf("index people: %w", err)
		}
	}
	return nil
}
