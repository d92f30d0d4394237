package lifecycle

import (
	"context"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// known is a record of people of whom nothing is counted.
type known struct{ *queue }

func (k known) ListPeople(context.Context, crm.PeopleFilter) (out []crm.Person, next string, err error) {
	for _, p := range k.people {
		out = append(out, p)
	}
	return out, "", nil
}

func (k known) GetFollowing(_ context.Context, id string) (crm.Following, error) {
	p := k.people[id]
	return crm.Following{ID: id, Person: &p}, nil
}

func (k known) FactsOf(context.Context, string) ([]crm.Fact, error) { return nil, nil }

// TestProveStatus: a lead's status is compared; a contact keeps what it was as a lead, even nothing, which no following mends.
func TestProveStatus(t *testing.T) {
	made := time.Now().Add(-time.Hour)
	q := newQueue(crm.Person{ID: "c", Kind: crm.Contact, Name: "田中", Created: made, Converted: made.Add(time.Minute)},
		crm.Person{ID: "l", Kind: crm.Lead, Name: "山田", Created: made})
	f := New(Config{Store: q, Rules: func() *life.Rules { return rulesOf(t, life.Document{}) }, Record: "rules"})
	f.ask = func(_ *life.Rules, one crm.Following, _ *life.Around) crm.Followed {
		return crm.Followed{ID: one.ID, Mark: one.Mark, Status: crm.StatusNew}
	}
	lines, err := f.Prove(t.Context(), known{q}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 1 || lines[0] != "person l: status , worked out new" {
		t.Errorf("differs: %q", lines)
	}
}
