package mapping_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// book is a directory of records in memory. It answers as a store does: only what was asked, subdomains with
// their parents' accounts, people ordered by id.
type book struct {
	people     []crm.Person
	accounts   []crm.Account
	decisions  map[string]crm.Decision
	erased     map[string]bool
	messages   map[crm.Key]crm.MessageAnswer
	generation uint64
	questions  []crm.Question
}

func (b *book) Lookup(_ context.Context, q crm.Question) (crm.Answer, error) {
	b.questions = append(b.questions, q)
	answer := crm.Answer{
		Generation: b.generation, Addresses: map[string]crm.AddressAnswer{},
		Domains: map[string][]crm.AccountRef{}, Messages: map[crm.Key]crm.MessageAnswer{},
		Phones: map[string][]crm.PersonRef{}, Names: map[string][]crm.PersonRef{},
	}
	for _, address := range q.Addresses {
		a := crm.AddressAnswer{Erased: b.erased[address]}
		for _, p := range b.people {
			for _, email := range p.Emails {
				if normal, _ := crm.NormalizeAddress(email); normal == address {
					a.People = append(a.People, crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID, Address: email})
				}
			}
		}
		slices.SortStableFunc(a.People, func(x, y crm.PersonRef) int { return strings.Compare(x.ID, y.ID) })
		if d, ok := b.decisions[address]; ok {
			a.Decision = &d
		}
		if a.People != nil || a.Decision != nil || a.Erased {
			answer.Addresses[address] = a
		}
	}
	for _, domain := range q.Domains {
		for d := range crm.DomainAndParents(domain) {
			for _, a := range b.accounts {
				if slices.Contains(a.Domains, d) {
					answer.Domains[domain] = append(answer.Domains[domain], crm.AccountRef{ID: a.ID, Name: a.Name, Domain: d})
				}
			}
		}
	}
	ordered := slices.SortedFunc(slices.Values(b.people), func(x, y crm.Person) int { return strings.Compare(x.ID, y.ID) })
	for _, p := range ordered {
		ref := crm.PersonRef{ID: p.ID, Kind: p.Kind, Name: p.Name, AccountID: p.AccountID}
		if len(p.Emails) > 0 {
			ref.Address = p.Emails[0]
		}
		for _, phone := range p.Phones {
			if slices.Contains(q.Phones, phone.E164) {
				answer.Phones[phone.E164] = append(answer.Phones[phone.E164], ref)
			}
		}
		if name := crm.NameKey(p.Name, b.company(p)); name != "" && slices.Contains(q.Names, name) {
			answer.Names[name] = append(answer.Names[name], ref)
		}
	}
	for _, key := range q.Messages {
		if m, ok := b.messages[key]; ok {
			answer.Messages[key] = m
		}
	}
	return answer, nil
}

// company is that of a lead, or the name of a contact's account.
func (b *book) company(p crm.Person) string {
	for _, a := range b.accounts {
		if a.ID == p.AccountID {
			return a.Name
		}
	}
	return p.Company
}

var (
	noon = time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	sato = mapping.Source{ID: "sato-mail", Owner: "sato@example.co.jp"}
	org  = mapping.Organization{Name: "株式会社サンプル", Domains: []string{"example.co.jp"}, Addresses: []string{"sato.private@gmail.com"}}
)

func newMapper(t testing.TB, doc mapping.Document, sources ...mapping.Source) *mapping.Mapper {
	t.Helper()
	m, problems := mapping.New(org, doc, sources...)
	if len(problems) > 0 {
		t.Fatalf("New: %v", problems)
	}
	return m
}

func clients() *book {
	return &book{
		generation: 7,
		people: []crm.Person{
			{ID: "tanaka", Kind: crm.Contact, Name: "田中 太郎", AccountID: "client", Emails: []string{"tanaka@client.co.jp"}},
			{ID: "suzuki", Kind: crm.Lead, Name: "鈴木 花子", Emails: []string{"suzuki.hanako@gmail.com"}},
			{ID: "twin-a", Kind: crm.Contact, Name: "双子 A", AccountID: "client", Emails: []string{"shared@client.co.jp"}},
			{ID: "twin-b", Kind: crm.Contact, Name: "双子 B", AccountID: "client", Emails: []string{"shared@client.co.jp"}},
			{ID: "lead-a", Kind: crm.Lead, Name: "夫", Emails: []string{"family@docomo.ne.jp"}},
			{ID: "lead-b", Kind: crm.Lead, Name: "妻", Emails: []string{"family@docomo.ne.jp"}},
			{ID: "tag-a", Kind: crm.Lead, Name: "A", Emails: []string{"team+a@partner.com"}},
			{ID: "tag-b", Kind: crm.Lead, Name: "B", Emails: []string{"team+b@partner.com"}},
			{ID: "soumu-a", Kind: crm.Contact, Name: "総務 A", AccountID: "client", Emails: []string{"soumu@client.co.jp"}},
			{ID: "soumu-b", Kind: crm.Contact, Name: "総務 B", AccountID: "client", Emails: []string{"soumu@client.co.jp"}},
			{ID: "moved", Kind: crm.Contact, Name: "転職 一郎", AccountID: "partner", Emails: []string{"ichiro@client.co.jp"}},
		},
		accounts: []crm.Account{
			{ID: "client", Name: "クライアント", Domains: []string{"client.co.jp"}},
			{ID: "kansai", Name: "クライアント関西", Domains: []string{"kansai.client.co.jp"}},
			{ID: "partner", Name: "Partner", Domains: []string{"partner.example"}},
			{ID: "group-1", Name: "Group 1", Domains: []string{"group.example"}},
			{ID: "group-2", Name: "Group 2", Domains: []string{"group.example"}},
			{ID: "wrong", Name: "誤", Domains: []string{"gmail.com", "co.jp"}},
		},
		decisions: map[string]crm.Decision{},
		erased:    map[string]bool{},
		messages:  map[crm.Key]crm.MessageAnswer{},
	}
}

func boxes(addresses ...string) []crm.Mailbox {
	var list []crm.Mailbox
	for _, address := range addresses {
		name, bare, ok := strings.Cut(address, "<")
		if !ok {
			name, bare = "", address
		}
		list = append(list, crm.Mailbox{Name: strings.TrimSpace(name), Address: strings.TrimSuffix(bare, ">")})
	}
	return list
}

// mail is an item with the given sender and recipients.
func mail(id, from string, to ...string) connectors.Item {
	return connectors.Item{
		ExternalID: "INBOX;UID=" + id, Key: crm.MessageKey(id, crm.MessageIdentity{}), Kind: crm.KindEmail, Folder: "INBOX", Received: noon,
		Message: &connectors.Message{
			MessageID: id, Date: noon.Add(-time.Hour), From: boxes(from), To: boxes(to...),
			Subject: "件名 SUBJECT", Text: "本文 BODY", FullText: "本文 BODY\n> QUOTE", Class: crm.ClassPersonal,
		},
	}
}

func mapOne(t *testing.T, m *mapping.Mapper, dir mapping.Directory, src mapping.Source, item connectors.Item) crm.Write {
	t.Helper()
	writes, generation, err := m.Map(context.Background(), dir, src, []connectors.Item{item}, noon)
	if err != nil || len(writes) != 1 || generation != 7 {
		t.Fatalf("Map = %d writes, generation %d, %v", len(writes), generation, err)
	}
	return writes[0]
}

func key(id string) crm.Key { return crm.MessageKey(id, crm.MessageIdentity{}) }

func with(item connectors.Item, change func(*connectors.Item)) connectors.Item {
	change(&item)
	return item
}

func ids(a *crm.Activity) []string {
	var list []string
	for _, p := range a.People {
		if p.ID != "" {
			list = append(list, p.ID)
		}
	}
	return list
}
