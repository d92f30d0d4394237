package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// askingStore knows one open question and nobody.
type askingStore struct{ about string }

func (askingStore) GetPerson(context.Context, string) (crm.Person, error) {
	return crm.Person{}, crm.ErrNotFound
}

func (askingStore) GetAccount(context.Context, string) (crm.Account, error) {
	return crm.Account{}, crm.ErrNotFound
}

func (s askingStore) GetReview(_ context.Context, id string) (crm.Review, error) {
	if id != crm.ReviewID(crm.ReviewAmbiguous, s.about) {
		return crm.Review{}, crm.ErrNotFound
	}
	return crm.Review{ID: id, State: crm.ReviewOpen}, nil
}

// TestExplainSaysWhatIsAsked: of an activity that is logged all the same, and of one whose answer was taken back.
func TestExplainSaysWhatIsAsked(t *testing.T) {
	const who = "office@client.example"
	var out bytes.Buffer
	e := explainer{app: &app{ctx: t.Context(), stdout: &out}, store: askingStore{who}, zone: time.UTC}
	a := crm.Activity{People: []crm.Participant{{Address: who, Role: crm.RoleFrom}, {Address: "b@client.example", Role: crm.RoleTo}}}
	if err := e.activity(a, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Who " + who + " is, is still asked", "was taken back"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, &out)
		}
	}
	if strings.Contains(out.String(), "Who b@client") {
		t.Errorf("nobody asks about b:\n%s", &out)
	}
}
