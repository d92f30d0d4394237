package mapping_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// ready is a directory whose answer costs nothing, so that the benchmark shows mapping alone.
type ready struct{ answer crm.Answer }

func (r ready) Lookup(context.Context, crm.Question) (crm.Answer, error) { return r.answer, nil }

// benchItems are 1,000 mails as a mailbox holds them: three in five with known people, the rest with strangers,
// newsletters and colleagues; most answer something.
func benchItems() []connectors.Item {
	items := make([]connectors.Item, 1000)
	for i := range items {
		client := fmt.Sprintf("Tanaka %d <Tanaka.%d@client%d.co.jp>", i%300, i%300, i%100)
		item := mail(fmt.Sprintf("m%d@x.example", i), client, us)
		switch i % 10 {
		case 0, 1:
			item = mail(fmt.Sprintf("m%d@x.example", i), us, client, "kato@example.co.jp")
		case 2:
			item = mail(fmt.Sprintf("m%d@x.example", i), "kato@example.co.jp", us)
		case 3:
			item = mail(fmt.Sprintf("m%d@x.example", i), fmt.Sprintf("stranger%d@elsewhere%d.example", i, i), us)
		case 4:
			item.Message.Class = crm.ClassBulk
		}
		if i%3 > 0 {
			item.Message.InReplyTo = []string{fmt.Sprintf("m%d@x.example", i-1)}
			item.Message.References = []string{fmt.Sprintf("m%d@x.example", i/10), fmt.Sprintf("m%d@x.example", i-1)}
		}
		items[i] = item
	}
	return items
}

func benchAnswer() crm.Answer {
	answer := crm.Answer{Addresses: map[string]crm.AddressAnswer{}, Domains: map[string][]crm.AccountRef{}}
	for i := range 300 {
		for j := range 100 {
			address := fmt.Sprintf("tanaka.%d@client%d.co.jp", i, j)
			answer.Addresses[address] = crm.AddressAnswer{People: []crm.PersonRef{{ID: address, Kind: crm.Contact, AccountID: fmt.Sprint(j), Address: address}}}
		}
	}
	for j := range 100 {
		domain := fmt.Sprintf("client%d.co.jp", j)
		answer.Domains[domain] = []crm.AccountRef{{ID: fmt.Sprint(j), Domain: domain}}
	}
	return answer
}

// BenchmarkMap is the cost of one item in a batch of 1,000, without the store's look-up.
func BenchmarkMap(b *testing.B) {
	for name, doc := range map[string]mapping.Document{
		"default": {},
		"exclusions": {Screen: mapping.Screen{
			Addresses: []string{"*@private.example", "lawyer@*", "doctor@clinic.example"}, Domains: []string{"a.example", "b.example"},
			Subjects: []string{"secret", "給与", `/^\[社外秘\]/`}, Folders: []string{"Private", "個人"},
		}},
	} {
		b.Run(name, func(b *testing.B) {
			m, dir, items := newMapper(b, doc), ready{benchAnswer()}, benchItems()
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%len(items) == 0 {
					if _, _, err := m.Map(context.Background(), dir, sato, items, noon); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkRematch(b *testing.B) {
	m, dir := newMapper(b, mapping.Document{}), ready{benchAnswer()}
	writes, _, err := m.Map(context.Background(), dir, sato, benchItems(), noon)
	if err != nil {
		b.Fatal(err)
	}
	var activities []crm.Activity
	for _, w := range writes {
		if w.Activity != nil {
			activities = append(activities, *w.Activity)
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%len(activities) == 0 {
			if _, _, err := m.Rematch(context.Background(), dir, activities); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkNew is the cost of reading the built-in lists and preparing a mapping.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		newMapper(b, mapping.Document{})
	}
}

// BenchmarkMapSubmissions is the cost of one submission in a batch of 1,000: half are of people known.
func BenchmarkMapSubmissions(b *testing.B) {
	for name, doc := range map[string]mapping.Document{"default": {}, "rules": parse(b, rulesOfForms)} {
		b.Run(name, func(b *testing.B) {
			m, dir := newMapper(b, doc), ready{benchAnswer()}
			items := make([]connectors.Item, 1000)
			for i := range items {
				items[i] = submission(fmt.Sprint(i), "お名前", fmt.Sprintf("田中 太郎%d", i), "会社名", fmt.Sprintf("株式会社クライアント%d", i%100),
					"メールアドレス", fmt.Sprintf("tanaka.%d@client%d.co.jp", i%600, i%100), "電話番号", fmt.Sprintf("03-1234-%04d", i), "お問い合わせ内容", "見積りをください。",
					"staff", "10", "plan", "プロ", "area", "大阪府")
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if n%len(items) == 0 {
					if _, _, err := m.Map(context.Background(), dir, website, items, noon); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkMapStrangers is the cost of one submission in a batch of 1,000 by as many people whom nobody knows.
func BenchmarkMapStrangers(b *testing.B) {
	m, dir := newMapper(b, mapping.Document{}), ready{}
	items := make([]connectors.Item, 1000)
	for i := range items {
		items[i] = submission(fmt.Sprint(i), "name", "山田 花"+string(rune('一'+i)), "company", fmt.Sprintf("株式会社会社%d", i/5),
			"email", fmt.Sprintf("person%d@client%d.co.jp", i, i%100), "phone", fmt.Sprintf("03-0000-%04d", i), "description", "資料を送ってください。")
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%len(items) == 0 {
			if _, _, err := m.Map(context.Background(), dir, website, items, noon); err != nil {
				b.Fatal(err)
			}
		}
	}
}
