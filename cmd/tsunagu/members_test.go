package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

// A directory that answers nonsense, or suddenly nobody, does not end everybody's sources.
func TestGroupThatReadsAsEmpty(t *testing.T) {
	h := openHouse(t, "")
	h.google.AddUser("admin@example.co.jp", "")
	h.google.Admin("admin@example.co.jp")
	h.google.Group("reps@example.co.jp", satoAddress, suzukiAddress)
	lie := ""
	liar := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if lie == "" {
			h.google.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, lie)
	}))
	t.Cleanup(liar.Close)
	e := h.google.Endpoints()
	h.Close()
	h.write(t, "  delegation: {key_file: key.json, group: reps@example.co.jp, admin: admin@example.co.jp}\n")
	h.replace(t, e.Directory, liar.URL+"/")
	h.open(t)
	if changed, err := h.readGroup(t.Context()); !changed || err != nil {
		t.Fatalf("%v, %v", changed, err)
	}
	if err := h.rejoin(t.Context()); err != nil {
		t.Fatal(err)
	}
	sources := len(h.sourceIDs())
	for _, body := range []string{`{"error":{"code":503}}`, `{}`, `{"kind":"admin#directory#members","members":[],"nextPageToken":"same"}`, `{"kind":"admin#directory#members"}`} {
		lie = body
		if changed, err := h.readGroup(t.Context()); changed || err == nil {
			t.Errorf("%s: changed %v, %v", body, changed, err)
		}
	}
	if code, out := h.command(t.Context(), "check", "accounts"); code != exitFailed || !strings.Contains(out, "has no members now, but had 2 before") {
		t.Errorf("check: %d, %s", code, out)
	}
	known, err := h.knownMembers(t.Context())
	if err != nil || len(known.Members) != 2 || known.Empty.IsZero() || len(h.sourceIDs()) != sources {
		t.Fatalf("known: %+v, %v; %d sources", known, err, len(h.sourceIDs()))
	}
	lie = ""
	if changed, err := h.readGroup(t.Context()); changed || err != nil {
		t.Errorf("back again: %v, %v", changed, err)
	}
	if known, _ = h.knownMembers(t.Context()); !known.Empty.IsZero() {
		t.Error("the day without members goes on although there are some")
	}
	lie = `{"kind":"admin#directory#members"}`
	known.Empty = time.Now().Add(-25 * time.Hour)
	if err := h.keepMembers(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	if changed, err := h.readGroup(t.Context()); !changed || err != nil {
		t.Errorf("after a day: %v, %v", changed, err)
	}
}

// Who leaves does not take what is the company's along: it says how to end the reading.
func TestDisablingSaysWhatIsStillRead(t *testing.T) {
	h := openHouse(t, "  delegation: {key_file: key.json, users: [suzuki@example.co.jp]}\n")
	for _, who := range []string{satoAddress, suzukiAddress, "abe@example.co.jp"} {
		h.user(t, who, crm.RoleRep)
	}
	h.connect(t)
	for who, want := range map[string]string{satoAddress: "`tsunagu disconnect google sato@example.co.jp` ends that", suzukiAddress: "through the service account", "abe@example.co.jp": ""} {
		code, out := h.command(t.Context(), "user", "disable", who)
		if code != 0 || !strings.Contains(out, want) || want == "" && strings.Contains(out, "still read") {
			t.Errorf("%s: %d, %s", who, code, out)
		}
	}
}

// replace changes a word of the configuration's file.
func (h *googleHouse) replace(t *testing.T, old, with string) {
	t.Helper()
	file := filepath.Join(h.dir, "tsunagu.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "directory: "+strconv.Quote(old))
	if !found {
		t.Fatal("the file does not name it")
	}
	head := strings.TrimSuffix(string(text), "directory: "+strconv.Quote(old)+rest)
	if err := os.WriteFile(file, []byte(head+"directory: "+strconv.Quote(with)+rest), 0o600); err != nil {
		t.Fatal(err)
	}
}

// connect signs sato's account in.
func (h *googleHouse) connect(t *testing.T) {
	t.Helper()
	if _, err := h.signIn(t.Context(), web.SignInRequest{Connect: true, User: satoAddress}, satoAddress); err != nil {
		t.Fatal(err)
	}
}
