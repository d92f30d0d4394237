package crm_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// tokyoDeal is a zone in which the day begins nine hours before that of UTC.
func tokyoDeal() *time.Location { return time.FixedZone("JST", 9*3600) }

func dealTime(hour int) time.Time { return time.Date(2026, 11, 20, hour, 0, 0, 0, time.UTC) }

func TestNextOpportunity(t *testing.T) {
	lines := []crm.Line{{Name: "基本", Quantity: 3, Price: 1200}, {Name: "導入", Quantity: 1, Price: 50000}}
	prospect := crm.NextOpportunity(nil, crm.Opportunity{ID: "o", Stage: crm.StageProspect, Lines: lines, Amount: 1, Closed: "2020-01-01",
		Stages: []crm.StageChange{{To: "made up"}}}, "sato", dealTime(1), tokyoDeal())
	won := prospect
	won.Stage, won.Stages = crm.StageWon, nil
	won = crm.NextOpportunity(&prospect, won, "suzuki", dealTime(20), tokyoDeal())
	want := crm.Opportunity{ID: "o", Stage: crm.StageWon, Ends: crm.EndsWon, Lines: lines, Amount: 53600,
		Closed: "2026-11-21", // 20:00 UTC is the next day in Tokyo
		Stages: []crm.StageChange{{At: dealTime(1), To: crm.StageProspect, By: "sato"},
			{At: dealTime(20), From: crm.StageProspect, To: crm.StageWon, By: "suzuki"}},
		Created: dealTime(1), Updated: dealTime(20)}
	if diff := cmp.Diff(want, won); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if prospect.Closed != "" || len(prospect.Stages) != 1 {
		t.Errorf("a prospect closed %q, stages %+v", prospect.Closed, prospect.Stages)
	}
}

func TestNextOpportunityCloses(t *testing.T) {
	at := dealTime(3)
	open := crm.Opportunity{Stage: crm.StageProposal}
	won := crm.Opportunity{Stage: crm.StageWon, Ends: crm.EndsWon, Closed: "2026-10-01"}
	custom := crm.Opportunity{Stage: "signed", Ends: crm.EndsWon, Closed: "2026-10-01"}
	for _, test := range []struct {
		name   string
		before *crm.Opportunity
		after  crm.Opportunity
		ends   string
		closed string
	}{
		{"a deal of the past", nil, crm.Opportunity{Stage: crm.StageWon, Closed: "2025-01-31"}, crm.EndsWon, "2025-01-31"},
		{"a deal that is won today", &open, crm.Opportunity{Stage: crm.StageWon}, crm.EndsWon, "2026-11-20"},
		{"another save of a won one", &won, crm.Opportunity{Stage: crm.StageWon}, crm.EndsWon, "2026-10-01"},
		{"its day is set right", &won, crm.Opportunity{Stage: crm.StageWon, Closed: "2026-09-30"}, crm.EndsWon, "2026-09-30"},
		{"won becomes lost", &won, crm.Opportunity{Stage: crm.StageLost, Closed: "2026-10-01", Ends: crm.EndsWon}, crm.EndsLost, "2026-11-20"},
		{"the win is taken back", &won, crm.Opportunity{Stage: crm.StageProposal, Closed: "2026-10-01", Ends: crm.EndsWon}, "", ""},
		{"a stage of the admin that wins", &open, crm.Opportunity{Stage: "signed", Ends: crm.EndsWon}, crm.EndsWon, "2026-11-20"},
		{"it stays there", &custom, crm.Opportunity{Stage: "signed"}, crm.EndsWon, "2026-10-01"},
		{"a stage of the admin that goes on", &custom, crm.Opportunity{Stage: "pilot", Closed: "2026-10-01"}, "", ""},
	} {
		got := crm.NextOpportunity(test.before, test.after, "x", at, nil)
		if got.Ends != test.ends || got.Closed != test.closed {
			t.Errorf("%s: ends %q, closed %q; want %q, %q", test.name, got.Ends, got.Closed, test.ends, test.closed)
		}
	}
}

func TestContractCarriesOn(t *testing.T) {
	at := dealTime(3)
	order := crm.Document{Kind: crm.DocumentOrder, Name: "発注書", URL: "https://x.example/1"}
	signed := crm.Document{Kind: crm.DocumentContract, Name: "契約書", URL: `\\server\keiyaku.pdf`}
	mine := crm.Document{Kind: crm.DocumentOther, Name: "覚書", URL: "/docs/oboegaki"}
	before := crm.Opportunity{ID: "o", Name: "CRM導入", Account: "a", Contacts: []string{"p"}, Owner: "sato", Stage: crm.StageWon, Ends: crm.EndsWon,
		Start: "2026-12-01", End: "2027-11-30", Notice: 60, Amount: 1000, Documents: []crm.Document{order}, Touch: crm.Touch{Campaign: "展示会"}}
	made := crm.ContractOf(&before, at)
	if !crm.ContractUntouched(made, &before) || made.ID != crm.ContractID("o") || made.NoticeDay() != "2027-10-01" {
		t.Errorf("made: %+v, notice %s", made, made.NoticeDay())
	}
	for _, test := range []struct {
		name    string
		touch   func(c *crm.Contract)
		edit    func(o *crm.Opportunity)
		want    func(c *crm.Contract)
		changed bool
	}{
		{"nothing new", nil, func(o *crm.Opportunity) { o.Note = "x" }, nil, false},
		{"what was empty comes later", func(c *crm.Contract) { c.Documents = []crm.Document{order, mine} },
			func(o *crm.Opportunity) { o.Documents = []crm.Document{order, signed} },
			func(c *crm.Contract) { c.Documents = []crm.Document{order, mine, signed} }, true},
		{"what nobody changed follows", nil, func(o *crm.Opportunity) { o.End, o.Contacts = "2028-11-30", []string{"p", "q"} },
			func(c *crm.Contract) { c.End, c.Contacts = "2028-11-30", []string{"p", "q"} }, true},
		{"what somebody changed stays", func(c *crm.Contract) { c.End, c.Owner = "2026-12-31", "ito" },
			func(o *crm.Opportunity) { o.End, o.Owner = "2028-11-30", "suzuki" }, nil, false},
		{"an amount with lines", nil, func(o *crm.Opportunity) {
			o.Lines, o.Amount = []crm.Line{{Name: "月額", Quantity: 12, Price: 100}}, 1200
		}, func(c *crm.Contract) {
			c.Lines, c.Amount = []crm.Line{{Name: "月額", Quantity: 12, Price: 100}}, 1200
		}, true},
		{"an amount that somebody changed", func(c *crm.Contract) { c.Amount = 900 }, func(o *crm.Opportunity) { o.Amount = 2000 }, nil, false},
		{"a start that goes", nil, func(o *crm.Opportunity) { o.Start = "" }, nil, false},
		{"days that would cross", func(c *crm.Contract) { c.End = "2026-12-31" }, func(o *crm.Opportunity) { o.Start = "2027-02-01" }, nil, false},
	} {
		c, after := made, before
		if test.touch != nil {
			test.touch(&c)
		}
		test.edit(&after)
		want := c
		if test.want != nil {
			test.want(&want)
			want.Updated = at.Add(time.Hour)
		}
		got, changed := crm.CarryContract(c, &before, &after, at.Add(time.Hour))
		if diff := cmp.Diff(want, got); diff != "" || changed != test.changed {
			t.Errorf("%s: changed %v (-want +got):\n%s", test.name, changed, diff)
		}
	}
	for _, edit := range []func(c *crm.Contract){
		func(c *crm.Contract) { c.Note = "x" }, func(c *crm.Contract) { c.Ended = "2027-01-01" }, func(c *crm.Contract) { c.Notice = 1 },
		func(c *crm.Contract) { c.Contacts = nil }, func(c *crm.Contract) { c.Renewed = "next" },
	} {
		c := made
		if edit(&c); crm.ContractUntouched(c, &before) {
			t.Errorf("untouched: %+v", c)
		}
	}
}

func TestCheckDeals(t *testing.T) {
	good := crm.Opportunity{ID: "o", Name: "導入", Account: "a", Stage: "pilot_2", Start: "2028-02-29", End: "2029-02-28", Expected: "2026-11-21",
		Documents: []crm.Document{{Kind: "order", Name: "x", URL: "https://x.example/a?b=c"}, {Kind: "other", Name: "y", URL: `C:\契約\x.pdf`},
			{Kind: "contract", Name: "z", URL: "共有/契約書.pdf"}}, Lines: []crm.Line{{Name: "a", Quantity: 1, Price: 100}}, Custom: map[string]string{"rank": "A\nB"}}
	if flaws := crm.CheckOpportunity(&good); len(flaws) > 0 {
		t.Errorf("a good one: %+v", flaws)
	}
	for _, test := range []struct {
		name  string
		edit  func(o *crm.Opportunity)
		field string
		text  string
	}{
		{"no name", func(o *crm.Opportunity) { o.Name = " " }, "name", "missing"},
		{"a name of two lines", func(o *crm.Opportunity) { o.Name = "a\nb" }, "name", "line break"},
		{"a long name", func(o *crm.Opportunity) { o.Name = strings.Repeat("あ", 301) }, "name", "longer than 300"},
		{"no account", func(o *crm.Opportunity) { o.Account = "" }, "account", "missing"},
		{"an empty contact", func(o *crm.Opportunity) { o.Contacts = []string{"p", ""} }, "contacts", "empty"},
		{"no stage", func(o *crm.Opportunity) { o.Stage = "" }, "stage", "no stage"},
		{"a stage with a blank", func(o *crm.Opportunity) { o.Stage = "a b" }, "stage", "no stage"},
		{"an end of its own", func(o *crm.Opportunity) { o.Ends = "maybe" }, "ends", "neither"},
		{"a day that is not", func(o *crm.Opportunity) { o.Expected = "2026-02-30" }, "expected", "not a day"},
		{"a day in another writing", func(o *crm.Opportunity) { o.Closed = "2026/11/21" }, "closed", "not a day"},
		{"a year far away", func(o *crm.Opportunity) { o.End = "9999-12-31" }, "end", "1900"},
		{"an end before the start", func(o *crm.Opportunity) { o.End = "2028-02-28" }, "end", "before the start"},
		{"a negative amount", func(o *crm.Opportunity) { o.Amount = -1 }, "amount", "less than 0"},
		{"an amount too big", func(o *crm.Opportunity) { o.Amount = 1<<62 - 1 }, "amount", "more than"},
		{"a negative notice", func(o *crm.Opportunity) { o.Notice = -1 }, "notice", "less than 0"},
		{"a negative quantity", func(o *crm.Opportunity) { o.Lines[0].Quantity = -1 }, "lines.0.quantity", "less than 0"},
		{"lines that overflow", func(o *crm.Opportunity) { o.Lines[0] = crm.Line{Name: "a", Quantity: 1e9, Price: 1e15} }, "lines.0.price", "together"},
		{"a line without a name", func(o *crm.Opportunity) { o.Lines[0].Name = "" }, "lines.0.name", "missing"},
		{"a script as a link", func(o *crm.Opportunity) { o.Documents[0].URL = "javascript:alert(1)" }, "documents.0.url", "neither"},
		{"data as a link", func(o *crm.Opportunity) { o.Documents[0].URL = "data:text/html,x" }, "documents.0.url", "neither"},
		{"a web address without a host", func(o *crm.Opportunity) { o.Documents[0].URL = "https:///x" }, "documents.0.url", "neither"},
		{"no link", func(o *crm.Opportunity) { o.Documents[0].URL = "" }, "documents.0.url", "neither"},
		{"a kind of document", func(o *crm.Opportunity) { o.Documents[0].Kind = "invoice" }, "documents.0.kind", "none of"},
		{"a note that is no text", func(o *crm.Opportunity) { o.Note = "a\x00b" }, "note", "no text"},
		{"a long note", func(o *crm.Opportunity) { o.Note = strings.Repeat("あ", 10_001) }, "note", "longer than"},
		{"a field of no name", func(o *crm.Opportunity) { o.Custom = map[string]string{"A B": "x"} }, "custom", "name of a field"},
	} {
		o := good
		o.Lines, o.Documents = append([]crm.Line{}, good.Lines...), append([]crm.Document{}, good.Documents...)
		test.edit(&o)
		flaws := crm.CheckOpportunity(&o)
		if len(flaws) != 1 || flaws[0].Field != test.field || !strings.Contains(flaws[0].Text.EN, test.text) || flaws[0].Text.JA == "" {
			t.Errorf("%s: %+v", test.name, flaws)
		}
		if err := crm.Refuse("opportunity", flaws); !errors.Is(err, crm.ErrRefused) || !strings.Contains(err.Error(), test.field) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if crm.Refuse("opportunity", nil) != nil {
		t.Error("nothing is refused")
	}
}

func TestCheckOthers(t *testing.T) {
	fields := func(flaws []crm.Flaw) (out []string) {
		for _, f := range flaws {
			out = append(out, f.Field)
		}
		return out
	}
	for _, test := range []struct {
		name  string
		flaws []crm.Flaw
		want  []string
	}{
		{"a contract", crm.CheckContract(&crm.Contract{ID: "c", Name: "x", Account: "a", Start: "2026-04-01"}), nil},
		{"a contract of nothing", crm.CheckContract(&crm.Contract{}), []string{"name", "account", "start"}},
		{"a contract that ended before", crm.CheckContract(&crm.Contract{ID: "c", Name: "x", Account: "a", Start: "2026-04-01", Ended: "2026-03-31", Renewed: "c"}),
			[]string{"ended", "renewed"}},
		{"a product", crm.CheckProduct(&crm.Product{Name: "x", Price: 100}), nil},
		{"a product of less than nothing", crm.CheckProduct(&crm.Product{Price: -1}), []string{"name", "price"}},
		{"a task", crm.CheckTask(&crm.Task{Kind: crm.TaskCall, Due: "2026-11-21", What: "折り返し"}), nil},
		{"a task of nothing", crm.CheckTask(&crm.Task{}), []string{"kind", "due", "what"}},
		{"a task on no day", crm.CheckTask(&crm.Task{Kind: crm.TaskTodo, Due: "明日", What: strings.Repeat("x", 501)}), []string{"due", "what"}},
		{"a campaign", crm.CheckCampaign(&crm.Campaign{Code: "expo", Name: "展示会", Costs: []crm.Cost{{Day: "2026-11-21", Amount: 100}}}), nil},
		{"a campaign of nothing", crm.CheckCampaign(&crm.Campaign{Budget: -1, Start: "2026-02-01", End: "2026-01-01", Costs: []crm.Cost{{Day: "x", Amount: -1}}}),
			[]string{"code", "name", "budget", "end", "costs.0.day", "costs.0.amount"}},
	} {
		if diff := cmp.Diff(test.want, fields(test.flaws)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestRecordFacts(t *testing.T) {
	o := crm.Opportunity{Stage: "signed", Ends: crm.EndsWon, Closed: "2026-11-21", Amount: 300, Owner: "sato", Touch: crm.Touch{Channel: "web", Campaign: "expo"}}
	noon := time.Date(2026, 11, 21, 3, 0, 0, 0, time.UTC)
	want := []crm.Fact{{Metric: crm.MetricWon, At: noon, Owners: []string{"sato"}, Channel: "web", Campaign: "expo", Detail: "signed", Value: 300}}
	if diff := cmp.Diff(want, crm.OpportunityFacts(&o, tokyoDeal())); diff != "" {
		t.Errorf("won (-want +got):\n%s", diff)
	}
	o.Ends, o.Owner = crm.EndsLost, ""
	want[0].Metric, want[0].Owners = crm.MetricLost, nil
	if diff := cmp.Diff(want, crm.OpportunityFacts(&o, tokyoDeal())); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
	if o.Ends = ""; crm.OpportunityFacts(&o, nil) != nil {
		t.Error("an open one is counted")
	}
	c := crm.TidyCampaign(crm.Campaign{Code: " expo ", Channel: "web", Costs: []crm.Cost{{Day: "2026-11-21", Amount: 2}, {Day: "2026-10-01", Amount: 1}}})
	costs := []crm.Fact{
		{Metric: crm.MetricCost, At: time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC), Channel: "web", Campaign: "expo", Value: 1},
		{Metric: crm.MetricCost, At: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), Channel: "web", Campaign: "expo", Value: 2},
	}
	if diff := cmp.Diff(costs, crm.CampaignFacts(&c, nil)); diff != "" {
		t.Errorf("costs (-want +got):\n%s", diff)
	}
}
