package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// testUserFields keeps what users and tokens have beside their first fields, and tells the audit no secret of it.
func testUserFields(t *testing.T, w *world) {
	user := crm.User{Email: sato, Name: "佐藤", Role: crm.RoleManager, PasswordHash: "$argon2id$secret", Created: w.now,
		Team: "東日本", TOTP: []byte("sealed-second-factor"), SignedIn: w.now.Add(time.Hour)}
	w.ok(w.s.SaveUser(w.ctx, "cli", user))
	got, err := w.s.GetUser(w.ctx, sato)
	w.ok(err)
	if diff := cmp.Diff(user, got); diff != "" {
		t.Errorf("user (-want +got):\n%s", diff)
	}
	user.SignedIn = w.now.Add(2 * time.Hour)
	w.ok(w.s.SaveUser(w.ctx, sato, user))
	user.PasswordHash, user.TOTP = "$argon2id$other", nil
	w.ok(w.s.SaveUser(w.ctx, sato, user))
	token := crm.Token{ID: "t", Name: "export", Role: crm.RoleRep, User: sato, Hash: []byte("hash"), Created: w.now}
	w.ok(w.s.SaveToken(w.ctx, "cli", token))
	found, err := w.s.TokenByHash(w.ctx, []byte("hash"))
	w.ok(err)
	if diff := cmp.Diff(token, found); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
	list, _, err := w.s.FindAudit(w.ctx, crm.AuditFilter{Object: "user/"})
	w.ok(err)
	if len(list) != 3 || list[2].Action != "create user" || list[1].Action != "sign in" || list[1].Before+list[1].After != "" || list[0].Action != "change user" {
		t.Errorf("audit: %+v", list)
	}
	if len(list) > 0 && list[0].Before == list[0].After {
		t.Error("a new password and no second factor any more do not show")
	}
	for _, r := range list {
		if strings.Contains(r.Before+r.After, "argon2id") || strings.Contains(r.Before+r.After, "sealed") {
			t.Errorf("the audit tells a secret: %+v", r)
		}
	}
}

func testSessions(t *testing.T, w *world) {
	for _, id := range []string{"a", "b", "old"} {
		expiry := w.now.Add(time.Hour)
		if id == "old" {
			expiry = w.now.Add(-time.Hour)
		}
		w.ok(w.s.SaveSession(w.ctx, id, []byte("data "+id), expiry))
	}
	list, err := w.s.ListSessions(w.ctx, w.now)
	w.ok(err)
	keys := map[string]string{}
	for _, s := range list {
		keys[string(s.Data)] = s.Key
		if !s.Expiry.Equal(w.now.Add(time.Hour)) {
			t.Errorf("expiry %v", s.Expiry)
		}
		if _, ok, _ := w.s.FindSession(w.ctx, s.Key, w.now); ok {
			t.Error("the key of a session lets somebody in")
		}
	}
	if len(list) != 2 || keys["data a"] == "" || keys["data b"] == "" {
		t.Fatalf("sessions: %+v", list)
	}
	w.ok(w.s.TouchSession(w.ctx, "a", []byte("data a2")))
	if data, ok, _ := w.s.FindSession(w.ctx, "a", w.now); !ok || string(data) != "data a2" {
		t.Errorf("touched: %q %v", data, ok)
	}
	if _, ok, _ := w.s.FindSession(w.ctx, "a", w.now.Add(2*time.Hour)); ok {
		t.Error("touching a session made it last longer")
	}
	w.ok(w.s.EndSessions(w.ctx, sato, "user/"+sato, []string{keys["data a"], "nothing"}))
	if _, ok, _ := w.s.FindSession(w.ctx, "a", w.now); ok {
		t.Error("an ended session was found")
	}
	if err := w.s.TouchSession(w.ctx, "a", []byte("x")); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("touch an ended session: %v", err)
	}
	if _, ok, _ := w.s.FindSession(w.ctx, "a", w.now); ok {
		t.Error("touching an ended session began it again")
	}
	w.ok(w.s.EndSessions(w.ctx, sato, "user/"+sato, []string{"nothing"}))
	audit, _, err := w.s.FindAudit(w.ctx, crm.AuditFilter{Action: "end session"})
	w.ok(err)
	if len(audit) != 1 || audit[0].Actor != sato || audit[0].Object != "user/"+sato {
		t.Errorf("audit: %+v", audit)
	}
}

func testFindAudit(t *testing.T, w *world) {
	for i, r := range []crm.AuditRecord{
		{Actor: sato, Action: "create person", Object: "person/1", After: `{"name":"田中 太郎"}`},
		{Actor: sato, Action: "change person", Object: "person/1", Before: `{"name":"田中 太郎"}`, After: `{"name":"ﾀﾅｶ"}`},
		{Actor: suzuki, Action: "change person", Object: "person/12"},
		{Actor: suzuki, Action: "save mapping", Object: "mapping/2"},
		{Actor: "cli", Action: "create user", Object: "user/" + sato},
	} {
		r.At = w.now.Add(time.Duration(i) * time.Minute)
		w.ok(w.s.AppendAudit(w.ctx, r))
	}
	for _, test := range []struct {
		name   string
		filter crm.AuditFilter
		want   string
	}{
		{"all, newest first", crm.AuditFilter{}, "user/" + sato + " mapping/2 person/12 person/1 person/1"},
		{"of an actor", crm.AuditFilter{Actor: suzuki}, "mapping/2 person/12"},
		{"the beginning of an action", crm.AuditFilter{Action: "create"}, "user/" + sato + " person/1"},
		{"the beginning of an object", crm.AuditFilter{Object: "person/1"}, "person/12 person/1 person/1"},
		{"words, folded", crm.AuditFilter{Query: "タナカ person"}, "person/1"},
		{"words of several fields", crm.AuditFilter{Query: "太郎 " + sato}, "person/1 person/1"},
		{"none", crm.AuditFilter{Query: "nobody"}, ""},
		{"since and until", crm.AuditFilter{Since: w.now.Add(time.Minute), Until: w.now.Add(3 * time.Minute)}, "person/12 person/1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := test.filter
			f.Limit = 1
			var got []string
			for range 10 {
				list, next, err := w.s.FindAudit(w.ctx, f)
				w.ok(err)
				for _, r := range list {
					got = append(got, r.Object)
				}
				if f.After = next; next == "" {
					break
				}
			}
			if all := strings.Join(got, " "); all != test.want {
				t.Errorf("got %q, want %q", all, test.want)
			}
		})
	}
}
