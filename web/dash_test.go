package web

import (
	"encoding/csv"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	dashSato   = "sato@example.co.jp"
	dashSuzuki = "suzuki@example.co.jp"
)

// dashFixture is a web app with numbers in every report, under a policy.
func dashFixture(t *testing.T, policy crm.AccessPolicy) *fixture {
	t.Helper()
	f := newFixture(t, func(c *Config) { c.Access = func() crm.AccessPolicy { return policy } })
	ctx, now := t.Context(), f.now
	must(t, f.store.SaveCampaign(ctx, "cli", crm.Campaign{ID: crm.NewID(), Code: "spring", Name: "=春の展示会", Channel: "展示会", Created: now, Updated: now,
		Costs: []crm.Cost{{Day: now.In(f.zone).Format(time.DateOnly), Amount: 90000}}}))
	owners := []string{dashSato, dashSuzuki}
	for i := range 70 {
		owner := owners[i%2]
		p := crm.Person{ID: crm.DerivedID("person", fmt.Sprint("dash", i)), Kind: crm.Lead, Name: fmt.Sprintf("リード %02d", i), Owner: owner,
			Emails: []string{fmt.Sprintf("l%d@dash.example", i)}, Status: crm.StatusNew, Created: now, Updated: now}
		must(t, f.store.SavePeople(ctx, "cli", []crm.Person{p}))
		g, err := f.store.GetFollowing(ctx, p.ID)
		must(t, err)
		fact := func(m crm.Metric, detail string, value int64) crm.Fact {
			return crm.Fact{Metric: m, At: now, Owners: []string{owner}, Channel: []string{"展示会", "web"}[i%2], Campaign: []string{"Spring", ""}[i%2], Detail: detail, Value: value}
		}
		facts := []crm.Fact{fact(crm.MetricLeads, "", 1)}
		if i%3 == 0 {
			facts = append(facts, fact(crm.MetricStatus, "meeting_won", 1), fact(crm.MetricReached, "meeting_won", 1), fact(crm.MetricReasons, "timing", 1), fact(crm.MetricResponse, crm.BandHour, 60))
		}
		must(t, f.store.Follow(ctx, []crm.Followed{{ID: g.ID, Mark: g.Mark, Standing: g.Standing, Facts: facts}}))
	}
	for i := range 3 {
		must(t, f.store.LogActivity(ctx, dashSato, crm.Activity{Key: crm.Key(fmt.Sprint("dashcall", i)), Kind: crm.KindCall, Direction: crm.DirectionOut, Subject: "架電", Owners: []string{dashSato},
			Time: now, Call: &crm.Call{Result: crm.CallNoAnswer}, People: []crm.Participant{{ID: f.tanaka.ID, Kind: crm.Contact, Name: "田中 太郎"}}}))
	}
	_, err := f.store.SaveOpportunity(ctx, dashSato, crm.Opportunity{ID: crm.NewID(), Name: "大型案件", Account: f.client.ID, Owner: dashSato, Stage: crm.StageWon, Amount: 1200000, Closed: now.In(f.zone).Format(time.DateOnly)})
	must(t, err)
	return f
}

var dashBarLink = regexp.MustCompile(`<a href="(/reports/[a-z_]+/list\?[^"]+)" aria-label="[^"]*: ([0-9,]+)"`)
var dashCellLink = regexp.MustCompile(`<td class="end"><a href="(/reports/[a-z_]+/list\?[^"]+)"><bdi>([0-9,]+)</bdi>`)
var dashNext = regexp.MustCompile(`rel="next" href="([^"]+)"`)

// dashRowsOf counts the rows on all pages of a list.
func dashRowsOf(t *testing.T, b *browser, path string) int {
	t.Helper()
	n := 0
	for range 100 {
		code, page := b.get(t, html.UnescapeString(path))
		if code != http.StatusOK {
			t.Fatalf("%s: %d", path, code)
		}
		n += strings.Count(page, "<tr data-row>")
		next := dashNext.FindStringSubmatch(page)
		if next == nil {
			return n
		}
		path = next[1]
	}
	t.Fatal("the list has no end")
	return 0
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
	must(t, err)
	return n
}

// TestEveryBarHasItsList follows bars and numbers of every report and holds them to the length of their lists.
func TestEveryBarHasItsList(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	b := f.signedIn(t, dashSuzuki)
	followed := map[string]bool{}
	for _, report := range crm.Reports() {
		if report.List {
			continue
		}
		for _, by := range []string{"", "none", "owner", "channel", "campaign"} {
			for _, grain := range []string{"day", "week", "month"} {
				code, page := b.get(t, "/reports/"+string(report.ID)+"?range=last_30d&grain="+grain+"&by="+by)
				if code != http.StatusOK {
					if by == "owner" && code == http.StatusUnprocessableEntity {
						continue // costs have no owners
					}
					t.Fatalf("%s by %s: %d", report.ID, by, code)
				}
				for _, m := range append(dashBarLink.FindAllStringSubmatch(page, -1), dashCellLink.FindAllStringSubmatch(page, -1)...) {
					link := html.UnescapeString(m[1])
					if followed[link] || report.ID == crm.ReportWon && strings.Contains(link, "column=amount") {
						continue
					}
					followed[link] = true
					if grain == "day" && len(followed) > 60 && !strings.Contains(string(report.ID), "won") {
						continue // the same numbers as by week
					}
					if got, want := dashRowsOf(t, b, link), number(t, m[2]); got != want {
						t.Errorf("%s by %s %s: the bar says %d, its list has %d: %s", report.ID, by, grain, want, got, link)
					}
				}
			}
		}
	}
	if len(followed) < 40 {
		t.Errorf("only %d links were found", len(followed))
	}
}

// TestDashboardsOfOwn: who sees only own records sees only own numbers, and lists of them.
func TestDashboardsOfOwn(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{Records: crm.RecordsOwn})
	b := f.signedIn(t, dashSato)
	_, page := b.get(t, "/reports/meetings_won?range=last_30d&grain=month&by=none")
	wantIn(t, page, "閲覧できる担当者の数字だけ")
	links := dashBarLink.FindAllStringSubmatch(page, -1)
	if len(links) != 1 && len(links) != 2 {
		t.Fatalf("%d bars", len(links))
	}
	if got := number(t, links[0][2]); got != 12 || dashRowsOf(t, b, links[0][1]) != 12 {
		t.Errorf("%d meetings won of 12", got)
	}
	if code, _ := b.get(t, "/reports/meetings_won?owner="+url.QueryEscape(dashSuzuki)); code != http.StatusNotFound {
		t.Errorf("another's numbers: %d", code)
	}
	list := strings.Replace(html.UnescapeString(links[0][1]), "/list?", "/list?owner="+url.QueryEscape(dashSuzuki)+"&", 1)
	if code, _ := b.get(t, list); code != http.StatusNotFound {
		t.Errorf("another's list: %d", code)
	}
	if code, _ := b.get(t, "/reports/cost_per_lead"); code != http.StatusForbidden {
		t.Errorf("everybody's costs: %d", code)
	}
	_, page = b.get(t, "/reports/meetings_won?by=owner&range=last_30d")
	wantOut(t, page, "鈴木 一郎")
	_, page = b.get(t, "/reports")
	wantIn(t, page, "アポ獲得数")
	wantOut(t, page, "リード獲得単価")
}

func TestDashboardExports(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	b := f.signedIn(t, dashSuzuki)
	code, raw := b.get(t, "/reports/meetings_won?by=channel&range=last_30d&grain=month&format=csv")
	if code != http.StatusOK || !strings.HasPrefix(raw, "\ufeff") {
		t.Fatalf("%d %q", code, raw[:min(len(raw), 20)])
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw, "\ufeff"))).ReadAll()
	must(t, err)
	if len(rows) < 4 || rows[0][0] != "月" || rows[0][1] != "流入経路" {
		t.Errorf("%q", rows)
	}
	code, raw = b.get(t, "/reports/meetings_won?by=channel&range=last_30d&grain=month&format=xlsx")
	book, err := excelize.OpenReader(strings.NewReader(raw))
	if code != http.StatusOK || err != nil {
		t.Fatalf("%d %v", code, err)
	}
	defer book.Close()
	cells, err := book.GetRows("Sheet1")
	must(t, err)
	kind, err := book.GetCellType("Sheet1", "C2")
	if must(t, err); len(cells) != len(rows) || kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
		t.Errorf("%d rows of %d, numbers are of type %v", len(cells), len(rows), kind)
	}
}

func TestDashboardAddresses(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	b := f.signedIn(t, dashSuzuki)
	for path, want := range map[string]int{
		"/reports": 200, "/reports?lang=en&range=this_month": 200, "/reports?range=someday": 422, "/reports?report=leads&by=owner": 200,
		"/reports?report=horoscope": 404, "/reports/horoscope": 404, "/reports/leads?from=2026-13-01&to=2026-13-02": 422,
		"/reports/leads?range=last_9999d&grain=day": 422, "/reports/unreplied": 200, "/reports/expiring_contracts": 200,
		"/reports/leads/list": 404, "/reports/leads/list?column=leads": 400, "/reports/conversion/list?column=rate:won&from=2026-11-01&to=2026-11-30": 404,
		"/reports/leads/list?column=leads&from=x&to=y": 400, "/reports/leads?owner=" + url.QueryEscape(nastySubject): 200,
		"/reports/leads?by=campaign&grain=week&owner=a%40b.example": 422,
	} {
		if code, page := b.get(t, path); code != want {
			t.Errorf("%s: %d instead of %d", path, code, want)
		} else if strings.Contains(page, "<script>alert") {
			t.Errorf("%s runs scripts", path)
		}
	}
}

func TestSavedViews(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	boss, b := f.signedIn(t, dashSuzuki), f.signedIn(t, dashSato)
	_, page := b.post(t, "/views", "name", "私の週報", "report", "leads", "query", "grain=week&range=last_90d&odd=1", "shared", "1")
	wantIn(t, page, "ビューを保存しました", "私の週報", "/reports/leads?grain=week&amp;range=last_90d")
	_, page = boss.get(t, "/reports")
	wantOut(t, page, "私の週報")
	boss.post(t, "/views", "name", "<b>全社</b>", "report", "won", "query", "range=last_12m", "shared", "1")
	_, page = b.get(t, "/reports")
	wantIn(t, page, "&lt;b&gt;全社&lt;/b&gt;", "全員に共有")
	views, err := f.store.ListViews(t.Context(), dashSuzuki)
	must(t, err)
	if code, _ := b.post(t, "/views/"+views[0].ID+"/delete"); code != http.StatusNotFound {
		t.Errorf("another's view: %d", code)
	}
	if code, _ := b.post(t, "/views", "name", "", "report", "leads", "query", ""); code != http.StatusBadRequest {
		t.Errorf("without a name: %d", code)
	}
	_, page = boss.post(t, "/views/"+views[0].ID+"/delete")
	wantIn(t, page, "ビューを削除しました")
}

func TestCampaignPages(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	b, boss := f.signedIn(t, dashSato), f.signedIn(t, dashSuzuki)
	_, page := b.get(t, "/campaigns")
	wantIn(t, page, "=春の展示会", "90,000", "35", "column=leads")
	if code, _ := b.post(t, "/campaigns", "name", "x", "code", "x"); code != http.StatusForbidden {
		t.Errorf("a rep's campaign: %d", code)
	}
	_, page = boss.post(t, "/campaigns", "name", "秋", "code", "SPRING", "budget", "１，０００")
	wantIn(t, page, "別のキャンペーン", `value="SPRING"`)
	_, page = boss.post(t, "/campaigns", "name", "秋", "code", "autumn", "budget", "たくさん")
	wantIn(t, page, "金額として読み取れません")
	_, page = boss.post(t, "/campaigns", "name", "秋", "code", "autumn", "budget", "1,000", "cost_day", "2026-11", "cost_amount", "５００", "cost_note", "広告")
	wantIn(t, page, "保存しました", "1,000")
	list, err := f.store.ListCampaigns(t.Context())
	must(t, err)
	for _, c := range list {
		if c.Code != "autumn" {
			continue
		}
		if len(c.Costs) != 1 || c.Costs[0] != (crm.Cost{Day: "2026-11-01", Amount: 500, Note: "広告"}) {
			t.Errorf("costs %+v", c.Costs)
		}
		boss.post(t, "/campaigns/"+c.ID, "name", "秋", "code", "autumn", "retired", "1")
		_, page = boss.get(t, "/campaigns")
		wantOut(t, page, ">秋<")
		_, page = boss.get(t, "/campaigns/"+c.ID)
		wantIn(t, page, "checked")
	}
}

func TestProductPages(t *testing.T) {
	f := newFixture(t)
	b, boss := f.signedIn(t, dashSato), f.signedIn(t, dashSuzuki)
	_, page := b.get(t, "/products")
	wantIn(t, page, "商品はまだありません")
	if code, _ := b.post(t, "/products", "name", "x"); code != http.StatusForbidden {
		t.Errorf("a rep's product: %d", code)
	}
	_, page = boss.post(t, "/products", "name", "会計クラウド", "code", "A1", "price", "12,000", "unit", "月")
	wantIn(t, page, "会計クラウド", "12,000")
	_, page = boss.post(t, "/products", "name", "もう一つ", "code", "a1")
	wantIn(t, page, "別の商品")
	products, err := f.store.ListProducts(t.Context())
	must(t, err)
	boss.post(t, "/products/"+products[0].ID, "state", "retired")
	_, page = boss.get(t, "/products")
	wantOut(t, page, "会計クラウド")
	_, page = boss.get(t, "/products?all=1")
	wantIn(t, page, "会計クラウド", "取扱を再開する")
	if code, _ := boss.post(t, "/products/none", "name", "x"); code != http.StatusNotFound {
		t.Errorf("of nothing: %d", code)
	}
}

func TestDashSteps(t *testing.T) {
	for most, want := range map[float64]float64{0: 1, 1: 1, 7: 2, 40: 10, 41: 20, 1_000_000: 500_000} {
		if got := dashStep(most, true); got != want {
			t.Errorf("%v: %v instead of %v", most, got, want)
		}
	}
	if got := dashStep(.42, false); got != .2 {
		t.Errorf("rates: %v", got)
	}
}
