package web

import (
	"encoding/csv"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sheetReport has every unit, owners with and without a name, and values that no decimal number says in full.
func sheetReport() crm.ReportTable {
	known := func(values ...float64) (out []crm.Measure) {
		for _, v := range values {
			out = append(out, crm.Measure{Value: v, Known: true})
		}
		return out
	}
	return crm.ReportTable{ID: crm.ReportWon, Grain: crm.GrainMonth, By: crm.ByOwner, From: "2026-10-01", To: "2026-11-30",
		Columns: []crm.ReportColumn{{ID: "won", Title: crm.Label{JA: "受注", EN: "Won"}, Unit: crm.UnitCount}, {ID: "rate:won", Title: crm.Label{JA: "率", EN: "Rate"}, Unit: crm.UnitRate},
			{ID: "mean_amount", Title: crm.Label{JA: "平均受注金額", EN: "Mean amount"}, Unit: crm.UnitMoney}, {ID: "mean", Title: crm.Label{JA: "平均時間", EN: "Mean time"}, Unit: crm.UnitSeconds}},
		Rows: []crm.ReportRow{{Period: "2026-10", Key: dashSato, Values: known(3, 1.0/3, 100000.0/3, 7325.5)}, {Period: "2026-11", Key: "=1+1@evil.example", Values: known(1, 0.5, -2.5, 60)},
			{Period: "2026-11", Values: make([]crm.Measure, 4)}},
		Totals:   known(4, 0.25, 25000, 3600),
		Previous: crm.ReportPrevious{From: "2026-08-01", To: "2026-09-30", Totals: make([]crm.Measure, 4)}}
}

// TestReportSheetSpeaks holds exports to the words and the rounding of the pages, in both languages, CSV and XLSX alike.
func TestReportSheetSpeaks(t *testing.T) {
	table := sheetReport()
	users := []crm.User{{Email: dashSato, Name: "佐藤 花子"}, {Email: dashSuzuki, Name: "鈴木 一郎"}}
	want := map[string]string{
		"ja": "月,担当者,受注,率,平均受注金額,平均時間|2026年10月,佐藤 花子,3,33.3%,33333,2:02:06|2026年11月,'=1+1@evil.example,1,50.0%,-2,0:01:00|2026年11月,(なし),,,,|" +
			"合計 2026年10月1日(木) ～ 2026年11月30日(月),,4,25.0%,25000,1:00:00|前の期間 2026年8月1日(土) ～ 2026年9月30日(水),,,,,",
		"en": "Month,Owner,Won,Rate,Mean amount,Mean time|Oct 2026,佐藤 花子,3,33.3%,33333,2:02:06|Nov 2026,'=1+1@evil.example,1,50.0%,-2,0:01:00|Nov 2026,(none),,,,|" +
			"Total 1 Oct 2026 to 30 Nov 2026,,4,25.0%,25000,1:00:00|The period before 1 Aug 2026 to 30 Sep 2026,,,,,",
	}
	for lang, lines := range want {
		words, err := NewReportText(lang, users)
		must(t, err)
		var out strings.Builder
		must(t, words.Write(&out, "csv", &table))
		if got := strings.TrimSuffix(strings.ReplaceAll(strings.TrimPrefix(out.String(), "\ufeff"), "\r\n", "|"), "|"); got != lines {
			t.Errorf("%s: CSV\n%s\nwant\n%s", lang, got, lines)
		}
		out.Reset()
		must(t, words.Write(&out, "xlsx", &table))
		book, err := excelize.OpenReader(strings.NewReader(out.String()))
		must(t, err)
		rows, err := book.GetRows("Sheet1")
		must(t, err)
		if got := strings.Join(rows[1], ","); got != strings.ReplaceAll(strings.Split(lines, "|")[1], "33333", "33,333") {
			t.Errorf("%s: a workbook shows %s", lang, got)
		}
		for _, cell := range []string{"C2", "D2", "E2", "F2"} {
			kind, err := book.GetCellType("Sheet1", cell)
			if must(t, err); kind == excelize.CellTypeSharedString || kind == excelize.CellTypeInlineString {
				t.Errorf("%s is no number but %v", cell, kind)
			}
		}
		if formula, err := book.GetCellFormula("Sheet1", "B3"); err != nil || formula != "" {
			t.Errorf("B3 runs %q, %v", formula, err)
		}
		must(t, book.Close())
	}
	if names := ownerNames([]crm.User{{Email: "a@x.example", Name: "佐藤"}, {Email: "b@x.example", Name: "佐藤"}, {Email: "c@x.example"}}); names["a@x.example"] != "佐藤 (a@x.example)" || names["c@x.example"] != "c@x.example" {
		t.Errorf("owners are %v", names)
	}
}

// sheetCode is what no export for people has: a code, an address of a colleague, or a number of many digits.
var sheetCode = regexp.MustCompile(`^[a-z]+(_[a-z]+)+$|^(owner|channel|campaign|month|week|day)$|@example\.co\.jp|\.\d\d`)

// TestReportExportsHaveNoCodes reads the exports of every report from the pages and the API.
func TestReportExportsHaveNoCodes(t *testing.T) {
	f := dashFixture(t, crm.AccessPolicy{})
	b, token := f.signedIn(t, dashSuzuki), f.token(t, crm.RoleAdmin)
	for _, report := range crm.Reports() {
		if report.List {
			continue
		}
		for _, d := range append(report.Dimensions, "none") {
			query := string(report.ID) + "?by=" + string(d) + "&range=last_12m&grain=week&format=csv&lang=ja"
			code, page := b.get(t, "/reports/"+query)
			status, answer := f.api(t, token, http.MethodGet, apiPrefix+"/reports/"+query, "")
			for at, raw := range map[string]string{"page": page, "API": answer} {
				rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw, "\ufeff"))).ReadAll()
				if code != http.StatusOK || status != http.StatusOK || err != nil || len(rows) < 3 {
					t.Errorf("%s, %s by %s: %d, %d, %v, %d rows", at, report.ID, d, code, status, err, len(rows))
				}
				for _, cell := range slices.Concat(rows...) {
					if sheetCode.MatchString(cell) {
						t.Errorf("%s, %s by %s says %q", at, report.ID, d, cell)
					}
				}
			}
		}
	}
}
