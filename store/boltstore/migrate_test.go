package boltstore_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
	"github.com/tsunagu-crm/tsunagu/store/storetest"
)

// schemaOne is a store file that a program of the first schema wrote: three people, of whom two have the same
// telephone number, an account and three mails.
func schemaOne(t *testing.T) string {
	t.Helper()
	packed, err := os.Open(filepath.Join("testdata", "schema1.db.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	file, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSchemaOne(t *testing.T) {
	path := schemaOne(t)
	if err := boltstore.VerifyFile(t.Context(), path); err != nil {
		t.Fatalf("an older file is not good: %v", err)
	}
	for range 2 { // the second time nothing is left to do
		s, err := boltstore.Open(t.Context(), path, boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
		if err != nil {
			t.Fatal(err)
		}
		contact, lead := crm.NameKey("田中太郎", "サンプル商事"), crm.NameKey("山田 花子", "有限会社テスト工業")
		got, err := s.Lookup(t.Context(), crm.Question{Phones: []string{"+81312345678"}, Names: []string{contact, lead}})
		if err != nil {
			t.Fatal(err)
		}
		tanaka := crm.PersonRef{ID: "contact", Kind: crm.Contact, Name: "田中 太郎", AccountID: "acc", Address: "tanaka@sample.co.jp"}
		yamada := crm.PersonRef{ID: "lead", Kind: crm.Lead, Name: "山田花子"}
		if diff := cmp.Diff(map[string][]crm.PersonRef{"+81312345678": {tanaka, yamada}}, got.Phones); diff != "" {
			t.Errorf("telephone numbers (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string][]crm.PersonRef{contact: {tanaka}, lead: {yamada}}, got.Names); diff != "" {
			t.Errorf("names (-want +got):\n%s", diff)
		}
		p, err := s.GetPerson(t.Context(), "contact")
		if err != nil || p.Emails[0] != "tanaka@sample.co.jp" || p.Custom != nil || p.Filled != nil || !p.Updated.Equal(benchStart) {
			t.Errorf("a person: %+v, %v", p, err)
		}
		if _, _, err := s.AddSubmission(t.Context(), crm.Submission{ID: "x", State: crm.SubmissionAccepted}); err != nil {
			t.Error(err)
		}
		boltstore.CheckIndexes(t, s)
		storetest.Check(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOldActivitiesStay: what an older program wrote is not written again as long as nothing changes.
func TestOldActivitiesStay(t *testing.T) {
	s, err := boltstore.Open(t.Context(), schemaOne(t), boltstore.Options{HMACKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	s.EnableOutbox(true)
	list, _, err := s.ListActivities(t.Context(), crm.ActivityFilter{})
	if err != nil || len(list) != 3 {
		t.Fatal(len(list), err)
	}
	for _, a := range list {
		if err := s.Rematch(t.Context(), a, nil); err != nil {
			t.Fatal(err)
		}
	}
	if rows, err := s.ListOutbox(t.Context(), 0, 10); err != nil || len(rows) != 0 {
		t.Errorf("they count as changed: %+v, %v", rows, err)
	}
}
