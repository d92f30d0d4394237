package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// peopleMemory is a store of people that behaves, as far as import can tell.
type peopleMemory struct {
	people   map[string]crm.Person
	accounts map[string]crm.Account
	erased   map[string]bool
	writes   int
}

func newPeopleMemory() *peopleMemory {
	return &peopleMemory{people: map[string]crm.Person{}, accounts: map[string]crm.Account{}}
}

func (m *peopleMemory) ListPeople(_ context.Context, f crm.PeopleFilter) ([]crm.Person, string, error) {
	var out []crm.Person
	for _, p := range m.people {
		if strings.Contains(crm.Fold(p.Name), crm.Fold(f.Query)) && (f.Kind == "" || f.Kind == p.Kind) {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b crm.Person) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return out, "", nil
}

func (m *peopleMemory) ListAccounts(context.Context, crm.AccountFilter) ([]crm.Account, string, error) {
	var out []crm.Account
	for _, a := range m.accounts {
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b crm.Account) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return out, "", nil
}

func (m *peopleMemory) GetPerson(_ context.Context, id string) (crm.Person, error) {
	p, ok := m.people[id]
	if !ok {
		return p, crm.ErrNotFound
	}
	return p, nil
}

func (m *peopleMemory) GetAccount(_ context.Context, id string) (crm.Account, error) {
	a, ok := m.accounts[id]
	if !ok {
		return a, crm.ErrNotFound
	}
	return a, nil
}

func (m *peopleMemory) FindPersonByKey(_ context.Context, key string) (crm.Person, error) {
	for _, p := range m.people {
		if p.ExternalKey == key {
			return p, nil
		}
	}
	return crm.Person{}, crm.ErrNotFound
}

func (m *peopleMemory) FindAccountByKey(_ context.Context, key string) (crm.Account, error) {
	for _, a := range m.accounts {
		if a.ExternalKey == key {
			return a, nil
		}
	}
	return crm.Account{}, crm.ErrNotFound
}

func (m *peopleMemory) Lookup(_ context.Context, q crm.Question) (crm.Answer, error) {
	out := crm.Answer{Addresses: map[string]crm.AddressAnswer{}, Phones: map[string][]crm.PersonRef{}, Names: map[string][]crm.PersonRef{}}
	for _, p := range m.people {
		ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID}
		for _, e := range p.Emails {
			if normal, _ := crm.NormalizeAddress(e); slices.Contains(q.Addresses, normal) {
				out.Addresses[normal] = crm.AddressAnswer{People: append(out.Addresses[normal].People, ref)}
			}
		}
		for _, phone := range p.Phones {
			if phone.E164 != "" && slices.Contains(q.Phones, phone.E164) {
				out.Phones[phone.E164] = append(out.Phones[phone.E164], ref)
			}
		}
		company := p.Company
		if a, ok := m.accounts[p.AccountID]; ok {
			company = a.Name
		}
		if key := crm.NameKey(p.Name, company); key != "" && slices.Contains(q.Names, key) {
			out.Names[key] = append(out.Names[key], ref)
		}
	}
	for _, address := range q.Addresses {
		if m.erased[address] {
			out.Addresses[address] = crm.AddressAnswer{Erased: true}
		}
	}
	return out, nil
}

func (m *peopleMemory) ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error {
	var people []crm.Person
	for _, a := range list {
		people = append(people, a.Is)
	}
	return m.SavePeople(ctx, actor, people)
}

func (m *peopleMemory) ChangeAccounts(ctx context.Context, actor string, list []crm.Amendment[crm.Account]) error {
	var accounts []crm.Account
	for _, a := range list {
		accounts = append(accounts, a.Is)
	}
	return m.SaveAccounts(ctx, actor, accounts)
}

func (m *peopleMemory) SavePeople(_ context.Context, _ string, people []crm.Person) error {
	m.writes += len(people)
	for _, p := range people {
		m.people[p.ID] = p
	}
	return nil
}

func (m *peopleMemory) SaveAccounts(_ context.Context, _ string, accounts []crm.Account) error {
	m.writes += len(accounts)
	for _, a := range accounts {
		m.accounts[a.ID] = a
	}
	return nil
}

func (m *peopleMemory) named(t *testing.T, name string) crm.Person {
	t.Helper()
	for _, p := range m.people {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("nobody is called %s", name)
	return crm.Person{}
}

// take imports a file and gives what was said.
func (m *peopleMemory) take(t *testing.T, file []byte, kind string, dryRun bool) (string, imported) {
	t.Helper()
	return m.takeWith(t, file, importing.Options{Kind: kind, Own: func(domain string) bool { return domain == "example.co.jp" }}, dryRun)
}

func (m *peopleMemory) takeWith(t *testing.T, file []byte, o importing.Options, dryRun bool) (string, imported) {
	t.Helper()
	s, err := readSheet(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	report, err := importPeople(&app{ctx: t.Context(), stdout: &said}, m, s, o, dryRun)
	if err != nil {
		t.Fatal(err)
	}
	return said.String(), report
}

func TestCSVOpensInExcel(t *testing.T) {
	var b bytes.Buffer
	s, err := newSheet("csv", &b)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range [][]string{{"名前", "値"}, {"=1+1", "+81 3"}, {"-2", "@SUM(A1)"}, {"＝危険", "普通, \"引用\"\n改行"}} {
		if err := s.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want := "\uFEFF名前,値\r\n'=1+1,'+81 3\r\n-2,'@SUM(A1)\r\n'＝危険,\"普通, \"\"引用\"\"\r\n改行\"\r\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back, err := readSheet(&b)
	if err != nil || !slices.Equal(back.Rows()[0], []string{"=1+1", "+81 3"}) {
		t.Errorf("read again: %+v, %v", back, err)
	}
}

func TestXLSXHoldsWhatExcelCan(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.xlsx")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSheet("xlsx", f)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("𠮷", 20_000) // two units each
	for _, row := range [][]string{{"a\x01b\uFFFE", "=1+1"}, {long, ""}} {
		if err := s.Row(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	first, _ := book.GetCellValue("Sheet1", "A1")
	formula, _ := book.GetCellFormula("Sheet1", "B1")
	second, _ := book.GetCellValue("Sheet1", "A2")
	if first != "ab" || formula != "" || len([]rune(second)) != 16_383 {
		t.Errorf("A1 %q, formula in B1 %q, A2 has %d characters", first, formula, len([]rune(second)))
	}
}
