package life

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestAssignment(t *testing.T) {
	const sato, kato, mori, ito = "sato@example.co.jp", "kato@example.co.jp", "mori@example.co.jp", "ito@example.co.jp"
	doc := Document{
		Territories: []Territory{{Name: Name{Name: "kanto"}, If: "true"}},
		Assignment: []Assignment{
			{Name: "big", Company: []string{"サンプル商事", "big.example"}, Owners: []string{"Mori@Example.co.jp"}},
			{Name: "kanto", Territory: "kanto", Product: []string{"クラウド会計"}, Owners: []string{sato, kato}, Cap: 2},
			{Name: "english", Language: "en", Owners: []string{ito}},
			{Name: "direct", If: `standing.channel == "direct"`, Owners: []string{kato}},
		},
	}
	rules, problems := New(doc, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	lead := func(company, email string) *crm.Person {
		return &crm.Person{Kind: crm.Lead, Company: company, Emails: []string{email}, Status: crm.StatusNew}
	}
	load := func(open, closed, day int) crm.Load {
		return crm.Load{Leads: map[crm.LeadStatus]int{crm.StatusWorking: open, crm.StatusDisqualified: closed}, Assigned: asOf.AddDate(0, 0, -day)}
	}
	kanto := &crm.Standing{Territory: "kanto", Products: []string{"ｸﾗｳﾄﾞ会計"}}
	for name, test := range map[string]struct {
		person   *crm.Person
		standing *crm.Standing
		language string
		loads    map[string]crm.Load
		want     [2]string // owner and rule
	}{
		"a company by name":                {lead("㈱サンプル商事", "x@y.example"), kanto, "ja", nil, [2]string{mori, "big"}},
		"a company by domain":              {lead("", "x@sub.big.example"), &crm.Standing{}, "ja", nil, [2]string{mori, "big"}},
		"the first of equals":              {lead("", "x@y.example"), kanto, "ja", nil, [2]string{sato, "kanto"}},
		"the one who waited longest":       {lead("", "x@y.example"), kanto, "ja", map[string]crm.Load{sato: load(0, 0, 1), kato: load(1, 0, 2)}, [2]string{kato, "kanto"}},
		"who never got one waited longest": {lead("", "x@y.example"), kanto, "ja", map[string]crm.Load{sato: load(0, 0, 1)}, [2]string{kato, "kanto"}},
		"of equals who has less":           {lead("", "x@y.example"), kanto, "ja", map[string]crm.Load{sato: load(1, 0, 1), kato: load(0, 9, 1)}, [2]string{kato, "kanto"}},
		"full ones are passed over":        {lead("", "x@y.example"), kanto, "ja", map[string]crm.Load{sato: load(2, 0, 9), kato: load(1, 0, 1)}, [2]string{kato, "kanto"}},
		"closed leads are no load":         {lead("", "x@y.example"), kanto, "ja", map[string]crm.Load{sato: load(1, 50, 9), kato: load(1, 0, 1)}, [2]string{sato, "kanto"}},
		"all are full: the next rule":      {lead("", "x@y.example"), kanto, "en", map[string]crm.Load{sato: load(2, 0, 9), kato: load(5, 0, 1)}, [2]string{ito, "english"}},
		"another territory":                {lead("", "x@y.example"), &crm.Standing{Territory: "kansai", Products: []string{"クラウド会計"}}, "ja", nil, [2]string{}},
		"another product":                  {lead("", "x@y.example"), &crm.Standing{Territory: "kanto", Products: []string{"給与"}}, "ja", nil, [2]string{}},
		"by condition":                     {lead("", "x@y.example"), &crm.Standing{First: crm.Touch{Channel: "direct"}}, "ja", nil, [2]string{kato, "direct"}},
		"nothing fits":                     {lead("", "x@y.example"), &crm.Standing{}, "", nil, [2]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			around := &Around{Now: asOf, Loads: map[string]crm.Load{}}
			for owner, l := range test.loads {
				around.Loads[owner] = l
			}
			owner, rule := rules.assign(scene{person: test.person, standing: test.standing, now: asOf}, test.language, around)
			if got := [2]string{owner, rule}; got != test.want {
				t.Fatalf("%v; want %v", got, test.want)
			}
			if owner == "" {
				return
			}
			before, after := test.loads[owner], around.Loads[owner]
			if after.Leads[crm.StatusNew] != before.Leads[crm.StatusNew]+1 || !after.Assigned.Equal(asOf) || before.Leads[crm.StatusNew] != 0 {
				t.Errorf("the load is %+v after %+v", after, before)
			}
		})
	}
}

func TestRoundRobinGoesRound(t *testing.T) {
	owners := []string{"a@example.co.jp", "b@example.co.jp", "c@example.co.jp"}
	rules, problems := New(Document{Assignment: []Assignment{{Name: "all", Owners: owners, Cap: 3}}}, nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	around := &Around{Loads: map[string]crm.Load{}}
	var got []string
	for i := range 10 {
		around.Now = asOf.Add(time.Duration(i) * time.Second)
		owner, _ := rules.assign(scene{person: &crm.Person{Kind: crm.Lead, Status: crm.StatusNew}, now: around.Now}, "", around)
		got = append(got, owner)
	}
	want := append(append(append(append([]string{}, owners...), owners...), owners...), "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
