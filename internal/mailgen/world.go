package mailgen

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
)

// World is the organisation that runs Tsunagu and everybody it knows.
type World struct {
	OwnDomain string
	OwnName   string
	Reps      []Person
	Accounts  []Account
	Contacts  []Person // of all accounts
}

// Account is an organisation that is known.
type Account struct {
	Name     string
	Domain   string
	Japanese bool
}

// Person is a rep or a contact.
type Person struct {
	Name     string // as shown: family name first in Japanese
	Family   string
	Given    string
	Kana     string // フリガナ; "" for people without a Japanese name
	Email    string
	Phone    string
	Title    string
	Account  int // index into World.Accounts; -1 for reps
	Japanese bool
}

// NewWorld makes a world with five reps and the given number of accounts, each with so many contacts. The
// domains end in .example, which nobody can own (RFC 2606).
func NewWorld(seed uint64, accounts, contactsEach int) *World {
	rng := rand.New(rand.NewPCG(seed, 0x776f726c64))
	w := &World{OwnDomain: "example.co.jp", OwnName: "株式会社サンプル"}
	for i, n := range japaneseNames()[:5] {
		w.Reps = append(w.Reps, Person{
			Name: n.family + " " + n.given, Family: n.family, Given: n.given, Kana: n.kana, Japanese: true,
			Email: n.romaji + "@" + w.OwnDomain, Phone: fmt.Sprintf("03-5555-01%02d", i), Account: -1,
		})
	}
	for a := range accounts {
		account := makeAccount(rng, a)
		w.Accounts = append(w.Accounts, account)
		for c := range contactsEach {
			w.Contacts = append(w.Contacts, makePerson(rng, account, a, c))
		}
	}
	return w
}

func makeAccount(rng *rand.Rand, i int) Account {
	if rng.Float64() < 0.6 {
		n, trade := pick(rng, companyNames()), pick(rng, trades())
		form := pick(rng, []string{"株式会社%s", "%s株式会社", "有限会社%s", "一般社団法人%s"})
		return Account{
			Name:   fmt.Sprintf(form, n.shown+trade.shown+suffix(i, 400)),
			Domain: fmt.Sprintf("%s-%s%d.example", n.ascii, trade.ascii, i), Japanese: true,
		}
	}
	n, trade := pick(rng, englishCompanies()), pick(rng, []string{"Systems", "Foods", "Logistics", "Design"})
	return Account{
		Name:   fmt.Sprintf("%s %s%s Ltd.", n, trade, suffix(i, 40)),
		Domain: fmt.Sprintf("%s-%s%d.example", strings.ToLower(n), strings.ToLower(trade), i),
	}
}

// suffix tells accounts apart once the names run out.
func suffix(i, names int) string {
	if i < names {
		return ""
	}
	return fmt.Sprint(i / names)
}

func makePerson(rng *rand.Rand, a Account, account, i int) Person {
	p := Person{Account: account, Japanese: a.Japanese}
	var local string
	if a.Japanese {
		n := pick(rng, japaneseNames())
		p.Family, p.Given, p.Kana, p.Name, local = n.family, n.given, n.kana, n.family+" "+n.given, n.romaji
		p.Title = pick(rng, []string{"部長", "課長", "主任", "担当", "代表取締役"})
		p.Phone = fmt.Sprintf("03-%04d-%04d", 5000+rng.IntN(999), rng.IntN(10000))
	} else {
		p.Given, p.Family = pick(rng, englishGiven()), pick(rng, englishFamily())
		p.Name, local = p.Given+" "+p.Family, strings.ToLower(p.Given+"."+p.Family)
		p.Title = pick(rng, []string{"Buyer", "CTO", "Office Manager", "Engineer"})
		p.Phone = fmt.Sprintf("+44 20 7946 %04d", rng.IntN(1000))
	}
	if i > 0 {
		local = fmt.Sprintf("%s%d", local, i+1)
	}
	p.Email = local + "@" + a.Domain
	return p
}

// writing is how the person signs in a language: Japanese names are in Latin letters in other languages, and
// Japanese text, whose charsets lack accents, has none.
func (p Person) writing(t tongue) Person {
	switch {
	case t != inJapanese && p.Japanese:
		latin, _, _ := strings.Cut(strings.TrimPrefix(p.Email, "new."), "@")
		latin = strings.ToUpper(latin[:1]) + latin[1:]
		p.Name, p.Family, p.Given = latin, latin, latin
	case t == inJapanese && !p.Japanese:
		p.Name = strings.NewReplacer("é", "e", "ë", "e", "ü", "u", "í", "i").Replace(p.Name)
	}
	return p
}

// ContactsCSV writes the contacts as a file for "import people": UTF-8, one header line.
func (w *World) ContactsCSV(out io.Writer) error {
	c := csv.NewWriter(out)
	rows := [][]string{{"name", "family_name", "given_name", "kana", "account", "title", "email", "phone", "owner"}}
	for i, p := range w.Contacts {
		owner := w.Reps[i%len(w.Reps)].Email
		rows = append(rows, []string{
			p.Name, p.Family, p.Given, p.Kana, w.Accounts[p.Account].Name, p.Title, p.Email, p.Phone, owner,
		})
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("write contacts: %w", err)
	}
	return nil
}

// AccountsCSV writes the accounts as a file for "import people --kind accounts".
func (w *World) AccountsCSV(out io.Writer) error {
	c := csv.NewWriter(out)
	rows := [][]string{{"name", "domain"}}
	for _, a := range w.Accounts {
		rows = append(rows, []string{a.Name, a.Domain})
	}
	if err := c.WriteAll(rows); err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	return nil
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }
