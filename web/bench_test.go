package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// heldStore answers a timeline's questions from memory, so that rendering is measured and nothing else.
type heldStore struct {
	Store
	person     crm.Person
	activities []crm.Activity
}

func (h heldStore) GetPerson(context.Context, string) (crm.Person, error) { return h.person, nil }
func (h heldStore) GetAccount(_ context.Context, id string) (crm.Account, error) {
	return crm.Account{ID: id, Name: "株式会社クライアント"}, nil
}
func (h heldStore) ListActivities(context.Context, crm.ActivityFilter) ([]crm.Activity, string, error) {
	return h.activities, "next", nil
}
func (h heldStore) LastHeard(context.Context, string) (in, out time.Time, err error) {
	return time.Now(), time.Now(), nil
}
func (h heldStore) CountReviews(context.Context, crm.ReviewState) (int64, error) { return 3, nil }

// BenchmarkTimelinePage renders a person's page of 50 activities, excluding the store.
func BenchmarkTimelinePage(b *testing.B) {
	f := newFixture(b)
	list, _, err := f.store.ListActivities(b.Context(), crm.ActivityFilter{Person: f.tanaka.ID, Limit: pageRows})
	must(b, err)
	if len(list) != pageRows {
		b.Fatalf("%d activities", len(list))
	}
	server, err := New(Config{Store: heldStore{Store: f.store, person: f.tanaka, activities: list}, Engine: f.engine,
		Organization: Organization{Location: f.zone}})
	must(b, err)
	defer server.Close()
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/people/"+f.tanaka.ID, nil)
	req := &request{Request: r, say: server.speakers["ja"], seen: "1", user: crm.User{Email: "sato@example.co.jp", Role: crm.RoleRep}}
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		if err := server.showPerson(w, req); err != nil || w.Code != http.StatusOK {
			b.Fatal(w.Code, err)
		}
	}
}
