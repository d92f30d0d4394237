package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// satosMail is a mail of the sample that sato is credited on.
func satosMail(t *testing.T, f *fixture) crm.Activity {
	t.Helper()
	list, _, err := f.store.ListActivities(t.Context(), crm.ActivityFilter{Owner: "sato@example.co.jp", Limit: 50})
	must(t, err)
	for _, a := range list {
		if a.Kind == crm.KindEmail && a.Subject != "" && a.Subject != nastySubject {
			return a
		}
	}
	t.Fatal("no mail of sato's")
	return crm.Activity{}
}

func TestMarkThreadPrivate(t *testing.T) {
	f := newFixture(t)
	a := satosMail(t, f)
	place := "/activities/" + a.ID
	other := f.signedIn(t, "suzuki@example.co.jp")
	if code, _ := other.post(t, place+"/private"); code != http.StatusForbidden && len(a.Owners) == 1 {
		t.Errorf("somebody who is not credited: %d", code)
	}
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, place)
	wantIn(t, page, place+"/private")
	_, page = b.get(t, place+"/private")
	wantIn(t, page, "スレッドを非公開にする", "連携先にも削除が伝わります")
	if code, _ := b.post(t, place+"/private", "note", strings.Repeat("長", 81)); code != http.StatusBadRequest {
		t.Errorf("a long note: %d", code)
	}
	_, page = b.post(t, place+"/private", "note", "健康診断の件")
	wantIn(t, page, "スレッドを非公開にしました", "健康診断の件")
	if strings.Contains(page, a.Subject) {
		t.Error("the list tells the subject")
	}
	if code, _ := b.get(t, place); code != http.StatusNotFound {
		t.Errorf("the activity: %d", code)
	}
	for _, path := range []string{"/", "/people/" + f.tanaka.ID, "/accounts/" + f.client.ID, "/search?q=" + a.Subject} {
		if _, page := b.get(t, path); strings.Contains(page, a.ID) {
			t.Errorf("%s still leads to it", path)
		}
	}
	_, page = b.get(t, "/ledger?reason=private_thread")
	wantIn(t, page, "このスレッドを非公開にしました")
	if _, page = other.get(t, "/private"); strings.Contains(page, "健康診断") {
		t.Error("others see the list")
	}
	threads, _, err := f.store.ListPrivate(t.Context(), "sato@example.co.jp", "", 10)
	must(t, err)
	if code, _ := other.post(t, "/private/"+threads[0].ID+"/undo"); code != http.StatusNotFound {
		t.Errorf("somebody else takes it back: %d", code)
	}
	_, page = b.post(t, "/private/"+threads[0].ID+"/undo")
	wantIn(t, page, "非公開を解除しました", "非公開にしたスレッドはありません")
}

func TestOwnExclusions(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Own = func(address string) bool { return strings.HasSuffix(address, "@example.co.jp") }
	})
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/exclusions")
	wantIn(t, page, "除外しているものはありません")
	for name, test := range map[string]struct{ kind, text, want string }{
		"no address": {"address", "doctor", "メールアドレスではありません"},
		"no domain":  {"domain", "<b>", "ドメインではありません"},
		"our domain": {"domain", "example.co.jp", "ほとんどすべて"},
		"oneself":    {"address", "Sato@example.co.jp", "ほとんどすべて"},
		"too short":  {"subject", "a", "2文字以上"},
	} {
		code, page := b.post(t, "/exclusions", "kind", test.kind, "text", test.text)
		if code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
		wantIn(t, page, test.want)
	}
	if code, _ := b.post(t, "/exclusions", "kind", "moon", "text", "x"); code != http.StatusBadRequest {
		t.Errorf("an unknown kind: %d", code)
	}
	_, page = b.post(t, "/exclusions", "kind", "domain", "text", "Family.example")
	wantIn(t, page, "family.example", "除外しました", "反映しています")
	must(t, f.server.excludeForUser(t.Context(), "sato@example.co.jp", "doctor@clinic.example"))
	rules, _, err := f.store.OwnRules(t.Context(), "sato@example.co.jp")
	if err != nil || len(rules) != 2 {
		t.Fatalf("%+v, %v", rules, err)
	}
	if _, page = f.signedIn(t, "suzuki@example.co.jp").get(t, "/exclusions"); strings.Contains(page, "family.example</bdi>") {
		t.Error("others see the rules")
	}
	_, page = b.post(t, "/exclusions/"+rules[0].ID+"/remove")
	wantIn(t, page, "解除しました")
	if code, _ := b.post(t, "/exclusions/"+rules[0].ID+"/remove"); code != http.StatusNotFound {
		t.Errorf("removed twice: %d", code)
	}
}
