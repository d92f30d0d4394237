package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testUsers(t *testing.T, w *world) {
	user := crm.User{Email: sato, Name: "佐藤", Role: crm.RoleAdmin, Locale: "ja", PasswordHash: "$argon2id$x", Created: w.now}
	w.ok(w.s.SaveUser(w.ctx, "cli", user))
	got, err := w.s.GetUser(w.ctx, sato)
	w.ok(err)
	if diff := cmp.Diff(user, got); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
	if _, err := w.s.GetUser(w.ctx, suzuki); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	token := crm.Token{ID: "t", Name: "export", Role: crm.RoleRep, Hash: []byte("hash"), Created: w.now}
	w.ok(w.s.SaveToken(w.ctx, "cli", token))
	token.Revoked = w.now
	w.ok(w.s.SaveToken(w.ctx, "cli", token))
	found, err := w.s.TokenByHash(w.ctx, []byte("hash"))
	w.ok(err)
	if diff := cmp.Diff(token, found); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
	if _, err := w.s.TokenByHash(w.ctx, []byte("none")); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	tokens, _ := w.s.ListTokens(w.ctx)
	users, _ := w.s.ListUsers(w.ctx)
	if len(tokens) != 1 || len(users) != 1 {
		t.Errorf("%d tokens, %d users", len(tokens), len(users))
	}
	w.ok(w.s.SaveSession(w.ctx, "s", []byte("data"), w.now.Add(time.Hour)))
	if data, ok, _ := w.s.FindSession(w.ctx, "s", w.now); !ok || string(data) != "data" {
		t.Errorf("session: %q %v", data, ok)
	}
	if _, ok, _ := w.s.FindSession(w.ctx, "s", w.now.Add(2*time.Hour)); ok {
		t.Error("an expired session was found")
	}
	w.ok(w.s.DeleteSession(w.ctx, "s"))
	if _, ok, _ := w.s.FindSession(w.ctx, "s", w.now); ok {
		t.Error("an ended session was found")
	}
}

func testMapping(t *testing.T, w *world) {
	if _, err := w.s.LatestMapping(w.ctx); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	for i, want := range []int{1, 1, 2, 3} {
		v := crm.MappingVersion{At: w.now, Author: "admin", Document: []string{"a: 1", "a: 1", "a: 2", "a: 1"}[i], Hash: "h"}
		if n, err := w.s.SaveMapping(w.ctx, v); err != nil || n != want {
			t.Errorf("save %d: %d, %v", i, n, err)
		}
	}
	w.ok(w.s.MappingApplied(w.ctx, 3))
	got, err := w.s.LatestMapping(w.ctx)
	w.ok(err)
	if want := (crm.MappingVersion{Number: 3, At: w.now, Author: "admin", Document: "a: 1", Hash: "h", Applied: true}); got != want {
		t.Errorf("latest: %+v", got)
	}
	if list, _ := w.s.ListMappings(w.ctx); len(list) != 3 || list[0].Number != 1 {
		t.Errorf("versions: %+v", list)
	}
	if err := w.s.MappingApplied(w.ctx, 9); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
}

func testAudit(t *testing.T, w *world) {
	for i := range 5 {
		w.ok(w.s.AppendAudit(w.ctx, crm.AuditRecord{At: w.now.Add(time.Duration(i)), Actor: "cli", Action: fmt.Sprint(i), Object: "o", Before: "{}", After: "{}"}))
	}
	got, after := "", ""
	for range 5 {
		list, next, err := w.s.ListAudit(w.ctx, after, 2)
		w.ok(err)
		for _, r := range list {
			got += r.Action
		}
		if after = next; next == "" {
			break
		}
	}
	if got != "43210" {
		t.Errorf("order: %s", got)
	}
	w.ok(w.s.SavePeople(w.ctx, "admin", []crm.Person{w.person("p", "p@c.jp")}))
	many := make([]crm.Person, 101)
	for i := range many {
		many[i] = w.person(fmt.Sprint("m", i), "")
	}
	w.ok(w.s.SavePeople(w.ctx, "admin", many))
	list, _, _ := w.s.ListAudit(w.ctx, "", 100)
	people := 0
	for _, r := range list {
		if r.Actor == "admin" {
			people++
		}
	}
	if people != 2 {
		t.Errorf("%d records for one person and for 101", people)
	}
}

func testOutbox(t *testing.T, w *world) {
	w.commit(w.a, w.logged(w.a, "0", "quiet"))
	w.s.EnableOutbox(true)
	w.commit(w.a, w.logged(w.a, "1", "m"), w.logged(w.a, "2", "n"))
	w.commit(w.a, w.logged(w.a, "1", "m")) // changes nothing
	rows, err := w.s.ListOutbox(w.ctx, 0, 10)
	w.ok(err)
	if len(rows) != 2 || rows[0].Activity != string(key("m")) || rows[1].Seq <= rows[0].Seq {
		t.Fatalf("outbox: %+v", rows)
	}
	w.ok(w.s.OutboxDone(w.ctx, rows[0].Seq))
	left, _ := w.s.ListOutbox(w.ctx, 0, 10)
	if diff := cmp.Diff(rows[1:], left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if list, _ := w.s.ListOutbox(w.ctx, rows[1].Seq, 10); len(list) != 0 {
		t.Errorf("after the last: %+v", list)
	}
}

func testSealed(t *testing.T, w *world) {
	if _, err := w.s.GetSealed(w.ctx, "token/a"); !errors.Is(err, crm.ErrNotFound) {
		t.Error(err)
	}
	w.ok(w.s.PutSealed(w.ctx, "token/a", []byte{1}))
	w.ok(w.s.PutSealed(w.ctx, "token/a", []byte{2, 3}))
	if got, err := w.s.GetSealed(w.ctx, "token/a"); err != nil || string(got) != "\x02\x03" {
		t.Errorf("%v %v", got, err)
	}
	w.ok(w.s.PutSealed(w.ctx, "token/b", []byte{4}))
	for range 2 { // the second time there is nothing to delete
		w.ok(w.s.DeleteSealed(w.ctx, "token/a"))
	}
	if _, err := w.s.GetSealed(w.ctx, "token/a"); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("after DeleteSealed: %v", err)
	}
	if got, err := w.s.GetSealed(w.ctx, "token/b"); err != nil || string(got) != "\x04" {
		t.Errorf("the neighbour: %v %v", got, err)
	}
}

func testPrune(t *testing.T, w *world) {
	w.ok(w.s.SaveSession(w.ctx, "old", nil, w.now))
	w.ok(w.s.SaveSession(w.ctx, "new", nil, w.now.Add(time.Hour)))
	w.ok(w.s.AppendAudit(w.ctx, crm.AuditRecord{At: w.now.Add(-48 * time.Hour), Action: "old"}))
	w.ok(w.s.AppendAudit(w.ctx, crm.AuditRecord{At: w.now, Action: "new"}))
	if n, err := w.s.Prune(w.ctx, w.now, w.now.Add(-24*time.Hour)); err != nil || n != 2 {
		t.Errorf("pruned %d, %v", n, err)
	}
	if list, _, _ := w.s.ListAudit(w.ctx, "", 10); len(list) != 1 || list[0].Action != "new" {
		t.Errorf("left: %+v", list)
	}
}
