package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// figures is a report as the API and the command line give it.
type figures struct {
	ID, Grain, By, From, To string

	Columns []struct {
		ID, Unit string
	}
	Rows, Keys []figuresRow
	Totals     []*float64
	Previous   struct {
		From, To string
		Totals   []*float64
	}
}

type figuresRow struct {
	Period, Key string
	Values      []*float64
}

// reportWant is what a report has to say: its columns, and by what it is told apart the values of each key. Numbers are
// written as in "4 1/3 -", where - is what cannot be known.
type reportWant struct {
	columns  string
	none     string
	by       map[string]map[string]string // "owner", "channel", "campaign"
	previous string                       // of the time before; "" for nothing but 0 and -
}

// told are the values by owner, and by where leads came from: the channels of the story are those of its campaigns.
func told(owners map[string]string, spring, expo, newsletter string) map[string]map[string]string {
	by := map[string]map[string]string{"owner": owners, "channel": {}, "campaign": {}}
	for _, from := range [][3]string{{"paid_search", "spring", spring}, {"event", "expo", expo}, {"email", "newsletter", newsletter}} {
		if from[2] != "" {
			by["channel"][from[0]], by["campaign"][from[1]] = from[2], from[2]
		}
	}
	if owners == nil {
		delete(by, "owner")
	}
	return by
}

// wantReports compares every report that is a table, by all that it can be told apart by, over the API and from the command line.
func (s *stage) wantReports(want map[string]reportWant, printed bool) {
	s.Helper()
	s.settle(want)
	listed := items[struct {
		ID, List   string
		Dimensions []string
	}](s.api, "/reports")
	tables := 0
	for _, report := range listed {
		if report.List != "" {
			continue
		}
		tables++
		w, known := want[report.ID]
		if !known {
			s.Errorf("nobody worked out the report %s", report.ID)
			continue
		}
		dimensions := slices.Sorted(maps.Keys(w.by))
		if !slices.Equal(dimensions, slices.Sorted(slices.Values(report.Dimensions))) {
			s.Errorf("%s is told apart by %v, want %v", report.ID, report.Dimensions, dimensions)
		}
		for _, by := range append([]string{"none"}, dimensions...) {
			for _, grain := range []string{"day", "month"} {
				s.wantReport(s.reportAPI(report.ID, by, grain), w, by, "API")
			}
			if printed {
				s.wantReport(s.reportCLI(report.ID, by, "day"), w, by, "CLI")
			}
		}
	}
	if tables != len(want) {
		s.Errorf("%d reports are tables, %d were worked out", tables, len(want))
	}
}

// settle waits until the totals are what they have to be; if they never are, the comparison after it says how.
func (s *stage) settle(want map[string]reportWant) {
	s.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		settled := true
		for id, w := range want {
			settled = settled && sameValues(s.reportAPI(id, "none", "day").Totals, w.none)
		}
		if settled {
			return
		}
	}
}

// days are the first and the last day of the reports: the meeting that is still to come is in them, what was spent before is not.
func (s *stage) days() (from, to string) {
	first := s.began.In(tokyo(s.T))
	return first.Format(time.DateOnly), first.AddDate(0, 0, 45).Format(time.DateOnly)
}

func (s *stage) reportAPI(id, by, grain string) (f figures) {
	s.Helper()
	from, to := s.days()
	s.api.get(fmt.Sprintf("/reports/%s?by=%s&grain=%s&from=%s&to=%s", id, by, grain, from, to), &f)
	return f
}

func (s *stage) reportCLI(id, by, grain string) (f figures) {
	s.Helper()
	from, to := s.days()
	printed := s.must("report", id, "--by", by, "--grain", grain, "--from", from, "--to", to, "--format", "json")
	if err := json.Unmarshal([]byte(printed), &f); err != nil {
		s.Fatalf("report %s: %v\n%s", id, err, printed)
	}
	return f
}

func (s *stage) wantReport(got figures, want reportWant, by, from string) {
	s.Helper()
	name := fmt.Sprintf("%s by %s and %s (%s)", got.ID, by, got.Grain, from)
	var columns []string
	for _, c := range got.Columns {
		columns = append(columns, c.ID)
	}
	if strings.Join(columns, " ") != want.columns {
		s.Errorf("%s has the columns\n%s, want\n%s", name, strings.Join(columns, " "), want.columns)
		return
	}
	s.wantValues(name+", total", got.Totals, want.none)
	if got.Grain == "day" {
		previous := want.previous
		if previous == "" {
			previous = nothing(got)
		}
		s.wantValues(name+", before", got.Previous.Totals, previous)
	}
	if by != "none" {
		keys := map[string]string{}
		for _, row := range got.Keys {
			keys[row.Key] = ""
			if values, ok := want.by[by][row.Key]; ok {
				s.wantValues(name+", "+row.Key, row.Values, values)
			} else {
				s.Errorf("%s has the key %q with %s, which nobody expects", name, row.Key, shown(row.Values))
			}
		}
		for key := range want.by[by] {
			if _, ok := keys[key]; !ok {
				s.Errorf("%s lacks the key %q", name, key)
			}
		}
	}
	s.addsUp(name, got, by)
}

// addsUp demands that the counts and amounts of the periods are together those of each key, or of the whole.
func (s *stage) addsUp(name string, got figures, by string) {
	s.Helper()
	sums := map[string][]float64{}
	for _, row := range got.Rows {
		if sums[row.Key] == nil {
			sums[row.Key] = make([]float64, len(got.Columns))
		}
		for i, v := range row.Values {
			if v != nil {
				sums[row.Key][i] += *v
			}
		}
	}
	whole := got.Keys
	if by == "none" {
		whole = []figuresRow{{Values: got.Totals}}
	}
	for _, row := range whole {
		for i, v := range row.Values {
			added := got.Columns[i].Unit == "count" || got.Columns[i].ID == "cost" || got.Columns[i].ID == "amount"
			if added && (v == nil || len(sums[row.Key]) == 0 || sums[row.Key][i] != *v) {
				s.Errorf("%s: the periods of %q add up to %v in %s, the whole is %s", name, row.Key, sums[row.Key], got.Columns[i].ID, shown(row.Values))
			}
		}
	}
}

// nothing is what a report says of a time in which nothing was.
func nothing(f figures) string {
	var out []string
	for _, c := range f.Columns {
		word := "0"
		if c.Unit == "rate" || c.Unit == "seconds" || c.Unit == "money" && c.ID != "cost" && c.ID != "amount" {
			word = "-"
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

func (s *stage) wantValues(name string, got []*float64, want string) {
	s.Helper()
	if !sameValues(got, want) {
		s.Errorf("%s: %s, want %s", name, shown(got), want)
	}
}

// sameValues compares values with numbers as reportWant writes them. What is written and no number is like nothing.
func sameValues(got []*float64, want string) bool {
	words := strings.Fields(want)
	if len(words) != len(got) {
		return false
	}
	for i, word := range words {
		if word == "-" {
			if got[i] != nil {
				return false
			}
			continue
		}
		part, whole, isRatio := strings.Cut(word, "/")
		value, err := strconv.ParseFloat(part, 64)
		if isRatio && err == nil {
			var n float64
			n, err = strconv.ParseFloat(whole, 64)
			value /= n
		}
		if err != nil || got[i] == nil || math.Abs(*got[i]-value) > 1e-9*max(1, value) {
			return false
		}
	}
	return true
}

func shown(values []*float64) string {
	var out []string
	for _, v := range values {
		if v == nil {
			out = append(out, "-")
		} else {
			out = append(out, strconv.FormatFloat(*v, 'f', -1, 64))
		}
	}
	return strings.Join(out, " ")
}

// wantNoOwners demands that costs are not told by owners: they are those of campaigns.
func (s *stage) wantNoOwners(id string) {
	s.Helper()
	if status, body := s.api.ask(http.MethodGet, "/reports/"+id+"?by=owner", nil); status != http.StatusUnprocessableEntity {
		s.Errorf("%s by owner gives %d: %s", id, status, body)
	}
	if r := s.run("report", id, "--by", "owner"); r.code == 0 {
		s.Errorf("%s by owner prints %s", id, r.stdout)
	}
}
