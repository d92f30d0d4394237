package life

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

var asOf = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// known is a contact of whom everything is known, at an event.
func known() scene {
	ago := func(days int) time.Time { return asOf.AddDate(0, 0, -days) }
	return scene{
		person: &crm.Person{
			ID: "p", Kind: crm.Contact, Name: "田中 太郎", FamilyName: "田中", GivenName: "太郎", Kana: "タナカ タロウ", Department: "営業部", Title: "部長",
			Emails: []string{"Tanaka@Client.example", "t@home.example"}, Phones: []crm.Phone{{Number: "03-1234-5678", E164: "+81312345678"}, {Number: "内線 5"}},
			Owner: "sato@example.co.jp", Status: crm.StatusWorking, StatusAt: ago(3), Origin: "form", Created: ago(10), Custom: map[string]string{"pref": "東京都"},
			Consent: crm.Consent{State: crm.ConsentGiven}, DoNotContact: "連絡不要", Request: "demo", Stage: "received",
		},
		account: &crm.Account{ID: "a", Name: "クライアント製作所", Domains: []string{"client.example", "client.co.jp"}, Custom: map[string]string{"rank": "A"}},
		standing: &crm.Standing{
			First: crm.Touch{Channel: "展示会", Campaign: "spring"}, Last: crm.Touch{Channel: "Web"}, Products: []string{"会計", "給与"}, Freshness: 40,
			LastHeard: ago(7), Unreplied: ago(7), Away: asOf.Add(time.Hour), Reached: []string{"working"}, Territory: "kanto",
		},
		activity: &crm.Activity{
			Key: "k", Thread: "first", Kind: crm.KindCall, Direction: crm.DirectionIn, Subject: "Re: 見積", Product: "会計", Time: ago(1), By: "sato@example.co.jp",
			Signals: []crm.Signal{{Kind: crm.SignalPromised}}, Call: &crm.Call{Result: "lost", Next: crm.NextAction{What: "連絡"}}, Custom: map[string]string{"topic": "quote"},
		},
		event: crm.EventCall, now: asOf,
	}
}

// holds compiles a condition on an event and asks it.
func holds(t *testing.T, text string, s scene) (yes, failed bool) {
	t.Helper()
	rules, problems := New(Document{Rules: []Rule{{Name: "x", On: crm.EventCall, If: text, To: "working"}}}, nil)
	if len(problems) > 0 {
		t.Fatalf("%s: %v", text, problems)
	}
	yes = rules.rules[0].holds(s)
	return yes, rules.Failures() > 0
}

func TestConditionsSee(t *testing.T) {
	nobody := scene{now: asOf}
	for text, want := range map[string]struct{ known, nobody bool }{
		`person.kind == "contact" && person.name == "田中 太郎" && person.kana.contains("タロウ")`:                               {true, false},
		`person.company == "クライアント製作所"`:                                                                                   {true, false},
		`person.domain == "client.example" && size(person.emails) == 2`:                                                   {true, false},
		`person.phone == "+81312345678" && "内線 5" in person.phones`:                                                       {true, false},
		`person[?"custom.pref"].orValue("") == "東京都"`:                                                                     {true, false},
		`person.days_since_created == 10 && person.days_in_status == 3`:                                                   {true, false},
		`person.consent == "given" && person.do_not_contact && !person.left && !person.converted`:                         {true, false},
		`person.request == "demo" && person.stage == "received" && person.final == ""`:                                    {true, false},
		`account.name.contains("製作所") && account.domain == "client.example" && "client.co.jp" in account.domains`:         {true, false},
		`account[?"custom.rank"].orValue("C") == "A"`:                                                                     {true, false},
		`standing.channel == "展示会" && standing.campaign == "spring" && standing.last_channel == "Web"`:                    {true, false},
		`standing.freshness < 50 && "給与" in standing.products && standing.territory == "kanto"`:                           {true, false},
		`standing.days_since_heard == 7 && standing.unreplied && standing.away && "working" in standing.reached`:          {true, false},
		`standing.days_since_reached > 100000`:                                                                            {true, true},
		`has(standing.last_heard) && !has(standing.last_reached)`:                                                         {true, false},
		`activity.kind == "call" && activity.event == "call" && activity.result == "lost"`:                                {true, false},
		`activity.reply && activity.next_action && activity.by_hand && activity.direction == "in"`:                        {true, false},
		`"promised" in activity.signals && activity.product == "会計" && date(activity.time) == "2026-11-21"`:               {true, false},
		`activity[?"custom.topic"].orValue("") == "quote"`:                                                                {true, false},
		`person.name == "" && account.name == "" && standing.freshness == 0 && activity.subject == "" && !activity.reply`: {false, true},
	} {
		if yes, failed := holds(t, text, known()); yes != want.known || failed {
			t.Errorf("%s of somebody known: %v, failed %v", text, yes, failed)
		}
		if yes, _ := holds(t, text, nobody); yes != want.nobody {
			t.Errorf("%s of nobody: %v", text, yes)
		}
	}
}

func TestAConditionThatFailsDoesNotHoldAndIsCounted(t *testing.T) {
	for _, text := range []string{`person["custom.size"] == "10"`, `standing.last_reached < activity.time`, `1 / standing.freshness == 0`} {
		s := known()
		s.standing = &crm.Standing{}
		if yes, failed := holds(t, text, s); yes || !failed {
			t.Errorf("%s: %v, failed %v", text, yes, failed)
		}
	}
}

// Every field that an expression may name is there, but for times that are not known and declared fields.
func TestEachFieldOfAGroupIsShown(t *testing.T) {
	env, err := expr.New(nil, expr.WithRecords())
	if err != nil {
		t.Fatal(err)
	}
	s := known()
	s.person.Left, s.standing.LastReached, s.account.Created = asOf, asOf, asOf
	for group, shown := range map[string]map[string]any{
		"person": s.personGroup(), "account": s.accountGroup(), "standing": s.standingGroup(), "activity": s.activityGroup(),
	} {
		for field := range shown {
			if _, err := env.Value(group + `["` + field + `"]`); err != nil {
				t.Errorf("%s.%s is shown and cannot be named: %v", group, field, err)
			}
		}
		for _, field := range env.Fields(group) {
			if _, ok := shown[field]; !ok {
				t.Errorf("%s.%s can be named and is not shown", group, field)
			}
		}
	}
}

func TestSegmentsAndTerritories(t *testing.T) {
	group := func(name, text string) Segment { return Segment{Name: Name{Name: name}, If: text} }
	off := group("retired", "true")
	off.Retired = true
	rules, problems := New(Document{
		Segments: []Segment{group("makers", `person.company.contains("製作所")`), group("cold", `standing.days_since_heard > 5`), off,
			group("broken", `person["custom.none"] == ""`), group("bankers", `person.company.contains("銀行")`)},
		Territories: []Territory{{Name: Name{Name: "kansai"}, If: `person[?"custom.pref"].orValue("") == "大阪府"`}, {Name: Name{Name: "kanto"}, If: `person[?"custom.pref"].orValue("") == "東京都"`},
			{Name: Name{Name: "others"}, If: "true"}},
	}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff([]string{"cold", "makers"}, rules.segmentsOf(known())); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	elsewhere := known()
	elsewhere.person.Custom = nil
	if a, b := rules.territoryOf(known()), rules.territoryOf(elsewhere); a != "kanto" || b != "others" {
		t.Errorf("territories %q, %q", a, b)
	}
	for i, want := range []bool{false, true, false, false} {
		if rules.segments[i].timed != want {
			t.Errorf("segment %s is asked daily: %v", rules.segments[i].name, !want)
		}
	}
}
