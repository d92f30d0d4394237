package mapping_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// verdict is what a test of matching looks at.
type verdict struct {
	Verdict  crm.Verdict
	Reason   crm.Reason
	Rule     crm.Rule
	Evidence string
	People   []string
	Accounts []string
	RunnerUp []string
	Reviews  []crm.ReviewKind
	Created  []crm.PersonKind
	Pending  []string
	Awaits   []crm.Key
}

func summary(w crm.Write) verdict {
	v := verdict{Verdict: w.Entry.Verdict, Reason: w.Entry.Reason, Pending: w.Pending, Awaits: w.Awaits}
	if a := w.Activity; a != nil {
		v.Rule, v.Evidence, v.People, v.Accounts = a.Match.Rule, a.Match.Evidence, ids(a), a.Accounts
		for _, c := range a.Match.RunnersUp {
			v.RunnerUp = append(v.RunnerUp, c.ID)
		}
	}
	for _, r := range w.Reviews {
		v.Reviews = append(v.Reviews, r.Kind)
	}
	for _, p := range w.People {
		v.Created = append(v.Created, p.Kind)
	}
	return v
}

func TestMatch(t *testing.T) {
	off := false
	logged := func(rule crm.Rule, evidence string, people, accounts []string) verdict {
		if accounts == nil {
			accounts = []string{}
		}
		return verdict{Verdict: crm.Logged, Reason: "matched", Rule: rule, Evidence: evidence, People: people, Accounts: accounts}
	}
	plus := func(v verdict, change func(*verdict)) verdict { change(&v); return v }
	answering := func(item connectors.Item, refs ...string) connectors.Item {
		item.Message.InReplyTo, item.Message.References = refs[:1], refs
		return item
	}
	tests := map[string]struct {
		item connectors.Item
		doc  mapping.Document
		dir  func(*book)
		want verdict
	}{
		"exact address": {
			item: mail("1", "TANAKA@client.co.jp", us),
			want: logged("address", "tanaka@client.co.jp", []string{"tanaka"}, []string{"client"}),
		},
		"normalised address": {
			item: mail("1", "suzukihanako+crm@googlemail.com", us),
			want: logged("normalized", "suzukihanako+crm@googlemail.com", []string{"suzuki"}, nil),
		},
		"exact beats normalised": {
			item: mail("1", "team+b@partner.com", us),
			want: plus(logged("address", "team+b@partner.com", []string{"tag-b"}, nil), func(v *verdict) { v.RunnerUp = []string{"tag-a"} }),
		},
		"domain": {
			item: mail("1", "new@client.co.jp", us),
			want: plus(logged("domain", "client.co.jp", nil, []string{"client"}), func(v *verdict) { v.Pending = []string{"new@client.co.jp"} }),
		},
		"subdomain": {
			item: mail("1", "new@mail.client.co.jp", us),
			want: plus(logged("domain", "client.co.jp", nil, []string{"client"}), func(v *verdict) { v.Pending = []string{"new@mail.client.co.jp"} }),
		},
		"longest domain wins": {
			item: mail("1", "new@kansai.client.co.jp", us),
			want: plus(logged("domain", "kansai.client.co.jp", nil, []string{"kansai"}), func(v *verdict) { v.Pending = []string{"new@kansai.client.co.jp"} }),
		},
		"domain matching off": {
			item: mail("1", "new@client.co.jp", us), doc: mapping.Document{Match: mapping.MatchRules{Domain: &off}},
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"new@client.co.jp"}},
		},
		"free mail is no account's domain": {
			item: mail("1", "stranger@gmail.com", us),
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"stranger@gmail.com"}},
		},
		"nor is a public suffix": {
			item: mail("1", "stranger@other.co.jp", us),
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"stranger@other.co.jp"}},
		},
		"free mail of the document": {
			item: mail("1", "new@client.co.jp", us), doc: mapping.Document{Match: mapping.MatchRules{FreeMail: []string{"client.co.jp"}}},
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"new@client.co.jp"}},
		},
		"two accounts with the domain": {
			item: mail("1", "x@group.example", us),
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody: several accounts share the domain", Pending: []string{"x@group.example"}},
		},
		"the person's account beats the domain's": {
			item: mail("1", "ichiro@client.co.jp", us),
			want: plus(logged("address", "ichiro@client.co.jp", []string{"moved"}, []string{"partner"}), func(v *verdict) { v.RunnerUp = []string{"client"} }),
		},
		"two people of one account": {
			item: mail("1", "shared@client.co.jp", us),
			want: plus(logged("address", "shared@client.co.jp", nil, []string{"client"}), func(v *verdict) {
				v.RunnerUp, v.Reviews, v.Pending = []string{"twin-a", "twin-b"}, []crm.ReviewKind{crm.ReviewAmbiguous}, []string{"shared@client.co.jp"}
			}),
		},
		"two people at an office's address": {
			item: mail("1", "soumu@client.co.jp", us),
			want: plus(logged("address", "soumu@client.co.jp", nil, []string{"client"}), func(v *verdict) {
				v.RunnerUp, v.Pending = []string{"soumu-a", "soumu-b"}, []string{"soumu@client.co.jp"}
			}),
		},
		"two leads": {
			item: mail("1", "family@docomo.ne.jp", us),
			want: verdict{Verdict: crm.Waiting, Reason: "ambiguous", Reviews: []crm.ReviewKind{crm.ReviewAmbiguous}, Pending: []string{"family@docomo.ne.jp"}},
		},
		"two leads beside a client": {
			item: with(mail("1", tanaka, us), func(i *connectors.Item) { i.Message.Cc = boxes("family@docomo.ne.jp") }),
			want: plus(logged("address", "tanaka@client.co.jp", []string{"tanaka"}, []string{"client"}), func(v *verdict) {
				v.RunnerUp, v.Reviews, v.Pending = []string{"lead-a", "lead-b"}, []crm.ReviewKind{crm.ReviewAmbiguous}, []string{"family@docomo.ne.jp"}
			}),
		},
		"two leads in an automatic reply": {
			item: with(mail("1", "family@docomo.ne.jp", us), func(i *connectors.Item) { i.Message.Class = crm.ClassAutoReply }),
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody: several people share the address", Pending: []string{"family@docomo.ne.jp"}},
		},
		"the thread decides between two leads": {
			item: answering(mail("2", "family@docomo.ne.jp", us), "1"),
			dir: func(b *book) {
				b.messages[key("1")] = crm.MessageAnswer{Activity: "1", People: []crm.Participant{{Kind: crm.Lead, ID: "lead-b"}}}
			},
			want: plus(logged("thread", string(key("1")), []string{"lead-b"}, nil), func(v *verdict) { v.RunnerUp = []string{"lead-a"} }),
		},
		"both leads on the thread": {
			item: answering(mail("2", "family@docomo.ne.jp", us), "1"),
			dir: func(b *book) {
				b.messages[key("1")] = crm.MessageAnswer{Activity: "1", People: []crm.Participant{{Kind: crm.Lead, ID: "lead-a"}, {Kind: crm.Lead, ID: "lead-b"}}}
			},
			want: plus(logged("thread", string(key("1")), []string{"lead-a", "lead-b"}, nil), func(v *verdict) {
				v.Reviews, v.Pending = []crm.ReviewKind{crm.ReviewAmbiguous}, []string{"family@docomo.ne.jp"}
			}),
		},
		"a decision": {
			item: mail("1", "family@docomo.ne.jp", us),
			dir: func(b *book) {
				b.decisions["family@docomo.ne.jp"] = crm.Decision{Review: "r", Person: "lead-a"}
			},
			want: plus(logged("decision", "family@docomo.ne.jp", []string{"lead-a"}, nil), func(v *verdict) { v.RunnerUp = []string{"lead-b"} }),
		},
		"a decision for somebody gone": {
			item: mail("1", us, "gone@other.example"),
			dir: func(b *book) {
				b.decisions["gone@other.example"] = crm.Decision{Review: "r", Person: "deleted"}
			},
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"gone@other.example"}},
		},
		"dismissed": {
			item: mail("1", us, "unwanted@client.co.jp"),
			dir:  func(b *book) { b.decisions["unwanted@client.co.jp"] = crm.Decision{Review: "r"} },
			want: verdict{Verdict: crm.Unmatched, Reason: "dismissed", Pending: []string{"unwanted@client.co.jp"}},
		},
		"dismissed beside a client": {
			item: mail("1", us, "unwanted@other.example", tanaka),
			dir:  func(b *book) { b.decisions["unwanted@other.example"] = crm.Decision{Review: "r"} },
			want: plus(logged("address", "tanaka@client.co.jp", []string{"tanaka"}, []string{"client"}), func(v *verdict) { v.Pending = []string{"unwanted@other.example"} }),
		},
		"dismissed, then entered": {
			item: mail("1", us, tanaka),
			dir:  func(b *book) { b.decisions["tanaka@client.co.jp"] = crm.Decision{Review: "r"} },
			want: logged("address", "tanaka@client.co.jp", []string{"tanaka"}, []string{"client"}),
		},
		"dismissed at an office's address": {
			item: mail("1", "soumu@client.co.jp", us),
			dir:  func(b *book) { b.decisions["soumu@client.co.jp"] = crm.Decision{Review: "r"} },
			want: plus(logged("address", "soumu@client.co.jp", nil, []string{"client"}), func(v *verdict) {
				v.RunnerUp, v.Pending = []string{"soumu-a", "soumu-b"}, []string{"soumu@client.co.jp"}
			}),
		},
		"dismissed where the rule for offices came later": {
			item: mail("1", "shared@client.co.jp", us), doc: mapping.Document{Match: mapping.MatchRules{RoleNames: []string{"shared"}}},
			dir: func(b *book) { b.decisions["shared@client.co.jp"] = crm.Decision{Review: "r"} },
			want: plus(logged("address", "shared@client.co.jp", nil, []string{"client"}), func(v *verdict) {
				v.RunnerUp, v.Pending = []string{"twin-a", "twin-b"}, []string{"shared@client.co.jp"}
			}),
		},
		"dismissed at an office that no account has": {
			item: mail("1", "family@docomo.ne.jp", us), doc: mapping.Document{Match: mapping.MatchRules{RoleNames: []string{"family"}}},
			dir:  func(b *book) { b.decisions["family@docomo.ne.jp"] = crm.Decision{Review: "r"} },
			want: verdict{Verdict: crm.Unmatched, Reason: "dismissed", Pending: []string{"family@docomo.ne.jp"}},
		},
		"only the thread": {
			item: answering(mail("2", "tanaka.home@docomo.ne.jp", us), "1"),
			dir: func(b *book) {
				b.messages[key("1")] = crm.MessageAnswer{Activity: "1", People: []crm.Participant{{Kind: crm.Contact, ID: "tanaka", Name: "田中 太郎"}}, Accounts: []string{"client"}}
			},
			want: plus(logged("thread", string(key("1")), []string{"tanaka"}, []string{"client"}), func(v *verdict) { v.Pending = []string{"tanaka.home@docomo.ne.jp"} }),
		},
		"the address goes before the thread": {
			item: answering(mail("2", "suzuki.hanako@gmail.com", us), "1"),
			dir: func(b *book) {
				b.messages[key("1")] = crm.MessageAnswer{Activity: "1", People: []crm.Participant{{Kind: crm.Contact, ID: "tanaka"}}, Accounts: []string{"client"}}
			},
			want: logged("address", "suzuki.hanako@gmail.com", []string{"suzuki"}, nil),
		},
		"the thread is not known yet": {
			item: answering(mail("3", "stranger@docomo.ne.jp", us), "2", "2"),
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"stranger@docomo.ne.jp"}, Awaits: []crm.Key{key("2")}},
		},
		"a bounce of our own server, by its thread": {
			item: with(answering(mail("2", "MAILER-DAEMON@example.co.jp", us), "1"), func(i *connectors.Item) { i.Message.Class = crm.ClassBounce }),
			dir: func(b *book) {
				b.messages[key("1")] = crm.MessageAnswer{Activity: "1", People: []crm.Participant{{Kind: crm.Contact, ID: "tanaka"}}, Accounts: []string{"client"}}
			},
			want: logged("thread", string(key("1")), []string{"tanaka"}, []string{"client"}),
		},
		"a bounce without a thread": {
			item: with(mail("2", "mailer-daemon@googlemail.com", us), func(i *connectors.Item) { i.Message.Class = crm.ClassBounce }),
			want: verdict{Verdict: crm.Unmatched, Reason: "nobody", Pending: []string{"mailer-daemon@gmail.com"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := clients()
			if test.dir != nil {
				test.dir(dir)
			}
			got := summary(mapOne(t, newMapper(t, test.doc), dir, sato, test.item))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(dir.questions) != 1 {
				t.Errorf("%d look-ups", len(dir.questions))
			}
		})
	}
}
