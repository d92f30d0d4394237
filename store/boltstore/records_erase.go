package boltstore

import (
	"bytes"
	"regexp"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// forgetRecords takes the person out of what people made: tasks and proposals about them go, deals forget them as a contact,
// and their addresses and names are taken out of the texts of the rest. Nothing of it is audited: that would keep it.
func (e *erasure) forgetRecords() error {
	words := wordsOf(e.spelled, e.names)
	for _, step := range []func(*regexp.Regexp) error{e.forgetOpportunities, e.forgetContracts, e.forgetProposals, e.forgetTasks, e.forgetCampaigns, e.forgetComments} {
		if err := step(words); err != nil {
			return err
		}
	}
	return e.u.flush()
}

// mentioned gives the records of a kind that may speak of the person.
func mentioned[T any](tx *bbolt.Tx, k recordKind[T], e *erasure, words *regexp.Regexp) (out []T, err error) {
	err = tx.Bucket(k.bucket).ForEach(func(_, v []byte) error {
		found := bytes.IndexByte(v, '\\') >= 0 || words.Match(v) // what is escaped is looked at as it was written
		for _, ids := range []map[string]bool{e.people, e.made} {
			for id := range ids {
				found = found || bytes.Contains(v, []byte(id))
			}
		}
		if !found {
			return nil
		}
		one, err := k.decode(v)
		out = append(out, one)
		return err
	})
	return out, err
}

func redactAll(words *regexp.Regexp, texts ...*string) {
	for _, text := range texts {
		*text = words.ReplaceAllString(*text, erasedMark)
	}
}

// withoutPeople are those ids that are not of the person.
func (e *erasure) withoutPeople(ids []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return e.people[id] })
}

func (e *erasure) forgetOpportunities(words *regexp.Regexp) error {
	list, err := mentioned(e.u.tx, opportunities(), e, words)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], list[i]
		after.Contacts = e.withoutPeople(before.Contacts)
		if e.people[after.Lead] {
			after.Lead = ""
		}
		about := e.people[before.Lead] || e.made[before.ID] || e.hasAny(before.Contacts)
		if about {
			e.dropped["opportunity/"+before.ID] = true
		}
		words := e.wordsAbout(words, about)
		redactAll(words, &after.Name, &after.Note)
		after.Lines, after.Documents = redactLines(after.Lines, words), redactDocuments(after.Documents, words)
		after.Custom = redactCustom(after.Custom, words)
		redactTouch(&after.Touch, words)
		if err := e.u.storeOpportunity(&before, &after); err != nil {
			return err
		}
	}
	return nil
}

func (e *erasure) forgetContracts(words *regexp.Regexp) error {
	list, err := mentioned(e.u.tx, contracts(), e, words)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], list[i]
		after.Contacts = e.withoutPeople(before.Contacts)
		about := e.made[before.Opportunity] || e.hasAny(before.Contacts)
		if about {
			e.dropped["contract/"+before.ID] = true
		}
		words := e.wordsAbout(words, about)
		redactAll(words, &after.Name, &after.Note)
		after.Lines, after.Documents = redactLines(after.Lines, words), redactDocuments(after.Documents, words)
		redactTouch(&after.Touch, words)
		if err := e.u.storeContract(&before, &after); err != nil {
			return err
		}
	}
	return nil
}

func redactLines(list []crm.Line, words *regexp.Regexp) []crm.Line {
	list = slices.Clone(list)
	for i := range list {
		redactAll(words, &list[i].Name)
	}
	return list
}

func redactDocuments(list []crm.Document, words *regexp.Regexp) []crm.Document {
	list = slices.Clone(list)
	for i := range list {
		redactAll(words, &list[i].Name, &list[i].URL)
	}
	return list
}

func redactCustom(custom map[string]string, words *regexp.Regexp) map[string]string {
	if custom == nil {
		return nil
	}
	out := make(map[string]string, len(custom))
	for name, v := range custom {
		out[name] = words.ReplaceAllString(v, erasedMark)
	}
	return out
}

func (e *erasure) forgetCampaigns(words *regexp.Regexp) error {
	list, err := mentioned(e.u.tx, campaigns(), e, words)
	if err != nil {
		return err
	}
	for i := range list {
		before, after := list[i], list[i]
		redactAll(words, &after.Name)
		after.Costs = slices.Clone(before.Costs)
		for i := range after.Costs {
			redactAll(words, &after.Costs[i].Note)
		}
		if err := campaigns().put(e.u, &before, &after); err != nil {
			return err
		}
	}
	return nil
}
