package mapping_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func rematch(t *testing.T, m *mapping.Mapper, dir *book, a crm.Activity) mapping.Rematched {
	t.Helper()
	out, generation, err := m.Rematch(context.Background(), dir, []crm.Activity{a})
	if err != nil || len(out) != 1 || generation != dir.generation {
		t.Fatalf("Rematch = %d, generation %d, %v", len(out), generation, err)
	}
	return out[0]
}

func TestRematch(t *testing.T) {
	colleague := crm.Person{ID: "new", Kind: crm.Contact, Name: "新人", AccountID: "client", Emails: []string{"new@client.co.jp"}}
	answer := with(mail("2", "tanaka.home@docomo.ne.jp", us), func(i *connectors.Item) { i.Message.InReplyTo = []string{"1"} })
	onThread := func(b *book) {
		b.messages[key("1")] = crm.MessageAnswer{People: []crm.Participant{{Kind: crm.Contact, ID: "tanaka"}}, Accounts: []string{"client"}}
	}
	tests := map[string]struct {
		item     connectors.Item
		before   func(*book)
		after    func(*book)
		rule     crm.Rule
		people   []string
		accounts []string
		pending  []string
		changed  bool
	}{
		"nothing new": {
			item: mail("1", tanaka, us), rule: crm.RuleAddress, people: []string{"tanaka"}, accounts: []string{"client"},
		},
		"a contact was entered": {
			item: mail("1", "new@client.co.jp", us), after: func(b *book) { b.people = append(b.people, colleague) },
			rule: crm.RuleAddress, people: []string{"new"}, accounts: []string{"client"}, changed: true,
		},
		"a person was deleted": {
			item: mail("1", "suzuki.hanako@gmail.com", us), after: func(b *book) { b.people = b.people[:1] },
			rule: crm.RuleAddress, accounts: []string{}, pending: []string{"suzukihanako@gmail.com"}, changed: true,
		},
		"a namesake takes nothing away": {
			item: mail("1", tanaka, us), after: func(b *book) {
				b.people = append(b.people, crm.Person{ID: "tanaka-2", Kind: crm.Lead, Name: "田中", Emails: []string{"tanaka@client.co.jp"}})
			},
			rule: crm.RuleAddress, people: []string{"tanaka"}, accounts: []string{"client"}, changed: true, // a runner-up
		},
		"what the thread told stays": {
			item: answer, before: onThread, after: func(b *book) { clear(b.messages) },
			rule: crm.RuleThread, people: []string{"tanaka"}, accounts: []string{"client"}, pending: []string{"tanaka.home@docomo.ne.jp"},
		},
		"until the address tells more": {
			item: answer, before: onThread, after: func(b *book) {
				b.people = append(b.people, crm.Person{ID: "home", Kind: crm.Lead, Emails: []string{"tanaka.home@docomo.ne.jp"}})
			},
			rule: crm.RuleAddress, people: []string{"home"}, accounts: []string{}, changed: true,
		},
		"what was unreadable stays": {
			item: mail("1", tanaka, us, "undisclosed-recipients:;"), rule: crm.RuleAddress, people: []string{"tanaka"}, accounts: []string{"client"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m, dir := newMapper(t, mapping.Document{}), clients()
			if test.before != nil {
				test.before(dir)
			}
			logged := *mapOne(t, m, dir, sato, test.item).Activity
			if test.after != nil {
				test.after(dir)
			}
			got := rematch(t, m, dir, logged)
			if got.Changed != test.changed || got.Activity.Match.Rule != test.rule {
				t.Errorf("changed %v, rule %s", got.Changed, got.Activity.Match.Rule)
			}
			if diff := cmp.Diff(test.people, ids(&got.Activity)); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.accounts, got.Activity.Accounts); diff != "" {
				t.Errorf("accounts (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.pending, got.Pending); diff != "" {
				t.Errorf("pending (-want +got):\n%s", diff)
			}
			if !got.Changed {
				if diff := cmp.Diff(logged, got.Activity); diff != "" {
					t.Errorf("unchanged, but (-want +got):\n%s", diff)
				}
			}
			if again := rematch(t, m, dir, got.Activity); again.Changed {
				t.Errorf("changes again: %s", cmp.Diff(got.Activity, again.Activity))
			}
		})
	}
}

func TestRematchLeavesNotesAlone(t *testing.T) {
	note := crm.Activity{ID: "n", Kind: crm.KindNote, People: []crm.Participant{{Kind: crm.Contact, ID: "tanaka"}}, Accounts: []string{"client"}}
	got := rematch(t, newMapper(t, mapping.Document{}), clients(), note)
	if diff := cmp.Diff(mapping.Rematched{Activity: note}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestScreens(t *testing.T) {
	item := mail("1", tanaka, us)
	logged := *mapOne(t, newMapper(t, mapping.Document{}), clients(), sato, item).Activity
	logged.Observed = append(logged.Observed, crm.Observation{Source: "kato-mail", ExternalID: "9", Owner: "kato@example.co.jp", Folder: "Private/x"})
	first, second := crm.ItemRef{Source: "sato-mail", ExternalID: "INBOX;UID=1"}, crm.ItemRef{Source: "kato-mail", ExternalID: "9"}
	tests := map[string]struct {
		doc     mapping.Document
		sources []mapping.Source
		change  func(*crm.Activity)
		rows    []crm.ItemRef
		reason  crm.Reason
	}{
		"nothing":        {},
		"an address":     {doc: mapping.Document{Screen: mapping.Screen{Addresses: []string{"tanaka@*"}}}, rows: []crm.ItemRef{first, second}, reason: "address: tanaka@*"},
		"a domain":       {doc: mapping.Document{Screen: mapping.Screen{Domains: []string{"client.co.jp"}}}, rows: []crm.ItemRef{first, second}, reason: "domain: client.co.jp"},
		"a subject":      {doc: mapping.Document{Screen: mapping.Screen{Subjects: []string{"subject"}}}, rows: []crm.ItemRef{first, second}, reason: "subject: subject"},
		"a class":        {change: func(a *crm.Activity) { a.Class = crm.ClassBulk }, rows: []crm.ItemRef{first, second}, reason: "class: bulk"},
		"a list's post":  {change: func(a *crm.Activity) { a.Class, a.Thread = crm.ClassBulk, "other" }},
		"a folder":       {doc: mapping.Document{Screen: mapping.Screen{Folders: []string{"private"}}}, rows: []crm.ItemRef{second}, reason: "folder: private"},
		"another folder": {sources: []mapping.Source{{ID: "sato-mail", ExcludeFolders: []string{"private"}}}},
		"a source's folder": {
			sources: []mapping.Source{{ID: "kato-mail", Owner: "kato@example.co.jp", ExcludeFolders: []string{"private"}}}, rows: []crm.ItemRef{second}, reason: "folder: private",
		},
		"now one of us": {sources: []mapping.Source{{ID: "x", Owner: "tanaka@client.co.jp"}}, rows: []crm.ItemRef{first, second}, reason: "internal"},
		"a note": {
			doc:    mapping.Document{Screen: mapping.Screen{Addresses: []string{"tanaka@*"}}},
			change: func(a *crm.Activity) { a.Kind = crm.KindNote },
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := logged
			if test.change != nil {
				test.change(&a)
			}
			rows, reason, excluded := newMapper(t, test.doc, test.sources...).Screens(a)
			if diff := cmp.Diff(test.rows, rows); diff != "" || reason != test.reason || excluded != (len(test.rows) > 0) {
				t.Errorf("reason %q, excluded %v, rows (-want +got):\n%s", reason, excluded, diff)
			}
		})
	}
}
