package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The seeds_*_test.go files hold the lists and examples of the texts that the product was made from, each as a test that
// bears the name of its text. Each text has one daemon, with data that the test makes; what is asked and answered goes
// through the API and the command line.

const (
	katoRep = "kato@example.co.jp"
	moriRep = "mori@example.co.jp"
)

// seed is a running daemon with the mailboxes of some reps, which are folders of .eml files.
type seed struct {
	*daemon
	c     *client
	mails map[string]int // how many were written, by rep
}

// newSeed starts a daemon. rest is the end of the configuration: its mapping, its forms.
func newSeed(t *testing.T, rest string, reps ...string) *seed {
	t.Helper()
	config := strings.Replace(listenOn(freePort(t)), "sources:\n", "", 1)
	if len(reps) > 0 {
		config += "sources:\n"
	}
	for _, rep := range reps {
		config += fmt.Sprintf("  - {id: %s-mail, kind: files, owner: %s, new_people: never, schedule: \"@every 1h\", settings: {path: ./mail/%[1]s, since: all}}\n", nick(rep), rep)
	}
	s := newSite(t, config+rest)
	for _, rep := range reps {
		if err := os.MkdirAll(filepath.Join(s.dir, "mail", nick(rep)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d := s.start()
	d.ready()
	return &seed{d, d.client(), map[string]int{}}
}

// part runs a part of the test by the name of the text and of what stands in it: what fails in it, fails there.
func (s *seed) part(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		whole := s.t
		s.t, s.c.t = t, t
		defer func() { s.t, s.c.t = whole, whole }()
		test(t)
	})
}

func nick(rep string) string { before, _, _ := strings.Cut(rep, "@"); return before }

// seedMail is a mail as it lies in a rep's folder.
type seedMail struct {
	from, to, subject, text string
	at                      time.Time
	header                  string // further lines, each ended
	id                      string // of the message; "" for one of its own
}

// raw is the mail as it is sent.
func (l seedMail) raw() string {
	head := fmt.Sprintf("Message-ID: <%s>\r\nDate: %s\r\nFrom: %s\r\nTo: %s\r\nSubject: %s\r\nMIME-Version: 1.0\r\n%s",
		l.id, l.at.Format(time.RFC1123Z), l.from, l.to, l.subject, l.header)
	if !strings.Contains(l.header, "Content-Type:") {
		head += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"
	}
	return head + "\r\n" + strings.ReplaceAll(l.text, "\n", "\r\n") + "\r\n"
}

// file puts a mail into a rep's folder. read takes it in.
func (s *seed) file(rep string, l seedMail) {
	s.t.Helper()
	if l.id == "" {
		l.id = fmt.Sprintf("%s-%03d@mail.example", nick(rep), s.mails[rep])
	}
	s.fileRaw(rep, []byte(l.raw()))
}

func (s *seed) fileRaw(rep string, raw []byte) {
	s.t.Helper()
	s.mails[rep]++
	path := filepath.Join(s.dir, "mail", nick(rep), fmt.Sprintf("%03d.eml", s.mails[rep]))
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// read has all folders read, and waits until every mail has a row in the ledger.
func (s *seed) read() {
	s.t.Helper()
	for rep := range s.mails {
		s.c.post("/sources/"+nick(rep)+"-mail/wake", nil, nil)
	}
	for rep, n := range s.mails {
		s.soon("the mail of "+rep+" is read", func() bool { return len(items[ledgerRow](s.c, "/ledger?limit=500&source="+nick(rep)+"-mail")) == n })
	}
}

// soon waits for what the daemon does behind.
func (s *seed) soon(what string, holds func() bool) {
	s.t.Helper()
	eventually(s.t, 30*time.Second, what, holds)
}

// seedPerson is a lead or a contact, as far as the tests look.
type seedPerson struct {
	ID, Kind, Name, Company, Department, Title, Owner, Status, Reason, Request, Stage, Final string
	AccountID                                                                                string `json:"account_id"`
	DoNotContact                                                                             string `json:"do_not_contact"`
	Successor                                                                                string
	Emails, Merged                                                                           []string
	BadEmails                                                                                []string `json:"bad_emails"`
	Left, Converted, Created                                                                 time.Time
	Custom                                                                                   map[string]string
	Consent                                                                                  struct{ State, Evidence string }
}

// object is the body of a request.
type object map[string]any

// add makes a person and gives their id.
func (s *seed) add(person object) string {
	s.t.Helper()
	var made seedPerson
	s.c.post("/people", person, &made)
	return made.ID
}

func (s *seed) person(id string) (p seedPerson) {
	s.t.Helper()
	s.c.get("/people/"+id, &p)
	return p
}

// becomes waits until a lead has a status.
func (s *seed) becomes(id, status string) {
	s.t.Helper()
	last := ""
	defer func() {
		if s.t.Failed() {
			s.t.Logf("the status of %s is %q", id, last)
		}
	}()
	s.soon(id+" is "+status, func() bool { last = s.person(id).Status; return last == status })
}

// refused sends what must not be taken, and gives the answer.
func (s *seed) refused(t *testing.T, path string, body any, words ...string) {
	t.Helper()
	status, raw := s.c.ask(http.MethodPost, path, body)
	if status != http.StatusUnprocessableEntity {
		t.Errorf("POST %s %v: status %d, want 422: %s", path, body, status, raw)
	}
	for _, word := range words {
		if !strings.Contains(string(raw), word) {
			t.Errorf("POST %s %v: the answer does not speak of %q: %s", path, body, word, raw)
		}
	}
}

// seedActivity is an activity, as far as the tests look.
type seedActivity struct {
	exported
	By      string
	Product string
	Status  string
	Fields  []struct{ Name, Value string }
	Call    *struct {
		Result, Note string
		Next         struct{ When, Whom, What string }
	}
	Signals []struct{ Kind, Evidence, Successor string }
}

// seedTimeline is what happened, the newest first, as "kind subject".
func seedTimeline(list []seedActivity) (out []string) {
	for _, a := range list {
		out = append(out, strings.TrimSpace(a.Kind+" "+a.Subject))
	}
	return out
}

func (s *seed) timelineOf(person string) []seedActivity {
	s.t.Helper()
	return items[seedActivity](s.c, "/activities?limit=200&person="+person)
}

// seedTable is a report.
type seedTable struct {
	Columns []struct {
		ID, Ja, Unit string
		Stack        bool
	}
	Rows []struct {
		Period, Key string
		Values      []*float64
	}
	Totals []*float64
}

// numbers are all values but those that are 0 or not known, by period, key and column.
func (r seedTable) numbers() map[string]float64 {
	out := map[string]float64{}
	for _, row := range r.Rows {
		for i, v := range row.Values {
			if v != nil && *v != 0 {
				out[strings.Join(strings.Fields(row.Period+" "+row.Key+" "+r.Columns[i].ID), " ")] = *v
			}
		}
	}
	return out
}

// report asks the API for a report. The query is in the form of a URL's.
func (s *seed) report(id, query string) (r seedTable) {
	s.t.Helper()
	s.c.get("/reports/"+id+"?"+query, &r)
	return r
}

// counts waits until a report has just these numbers, and asks the command line for the same.
func (s *seed) counts(t *testing.T, id, query string, want map[string]float64) {
	t.Helper()
	var got map[string]float64
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if got = s.report(id, query).numbers(); cmp.Equal(got, want) || time.Now().After(end) {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report %s by the API (-want +got):\n%s", id, diff)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"report", id, "--format", "json"}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		args = append(args, "--"+name, values.Get(name))
	}
	var printed seedTable
	if err := json.Unmarshal([]byte(s.must(args...)), &printed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, printed.numbers()); diff != "" {
		t.Errorf("report %s: the command line says something else (-API +command line):\n%s", id, diff)
	}
}

// seedCode is an entry of a list of the lifecycle.
type seedCode struct {
	Name, Ja     string
	Reason, Next bool
	Won, Closed  bool
	Connected    bool
	Retired      bool
}

func words(codes []seedCode) (out []string) {
	for _, c := range codes {
		out = append(out, c.Ja)
	}
	return out
}

// seedDay is a day as the API writes it, so many days from today in Tokyo.
func seedDay(days int) string {
	return time.Now().In(jst()).AddDate(0, 0, days).Format(time.DateOnly)
}

func jst() *time.Location { return time.FixedZone("JST", 9*3600) }

// ago is a time of the past, at ten in the morning in Tokyo.
func ago(days int) time.Time {
	t := time.Now().In(jst()).AddDate(0, 0, -days)
	return time.Date(t.Year(), t.Month(), t.Day(), 10, 0, 0, 0, jst())
}

// write puts a file into the installation's folder and gives its path.
func (s *seed) write(name, content string) string {
	s.t.Helper()
	path := filepath.Join(s.dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// send posts a form as a web page does.
func (s *seed) send(form string, fields url.Values) {
	s.t.Helper()
	answer, err := http.PostForm(s.url()+"/forms/"+form, fields)
	if err != nil {
		s.t.Fatalf("send form %s: %v", form, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		s.t.Fatalf("send form %s: status %d", form, answer.StatusCode)
	}
}

// found are the names that a search finds.
func (s *seed) found(query, kind string) (names []string) {
	s.t.Helper()
	var answer struct {
		Hits []struct{ Person, Account *struct{ Name string } }
	}
	path := "/search?q=" + encoded(query)
	if kind != "" {
		path += "&kind=" + kind
	}
	s.c.get(path, &answer)
	for _, hit := range answer.Hits {
		if hit.Person != nil {
			names = append(names, hit.Person.Name)
		} else {
			names = append(names, hit.Account.Name)
		}
	}
	return names
}

// encoded is a text for use in a query.
func encoded(text string) string { return url.QueryEscape(text) }
