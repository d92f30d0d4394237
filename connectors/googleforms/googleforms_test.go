package googleforms

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

const owner = "sato@example.co.jp"

// accounts signs everybody in at the server of the test; an expired token is renewed when it is refused.
type accounts struct{ server *fakegoogle.Server }

func (a accounts) Client(_, address string, scopes ...string) (*http.Client, error) {
	renew := func() *http.Client { return a.server.HTTPClient(address, scopes...) }
	return &http.Client{Transport: &renewing{client: renew(), renew: renew}}, nil
}

type renewing struct {
	client *http.Client
	renew  func() *http.Client
}

func (r *renewing) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.client.Transport.RoundTrip(req)
	if err == nil && res.StatusCode == http.StatusUnauthorized {
		res.Body.Close()
		r.client = r.renew()
		return r.client.Transport.RoundTrip(req)
	}
	return res, err
}

// purse is a budget that never runs out, and remembers what was spent of it.
type purse map[string]int

func (p purse) Spend(ctx context.Context, cost int, _ bool, limits ...connectors.Budget) error {
	for _, l := range limits {
		p[l.Name] += cost
	}
	return ctx.Err()
}

func (purse) Pause(connectors.Budget, time.Duration) {}

func (a accounts) Endpoint(string, string) string { return a.server.Endpoints().Forms }

// world is a server with a form, and a clock.
type world struct {
	server *fakegoogle.Server
	now    time.Time
	form   *fakegoogle.Form
	limits connectors.Limits
	since  string
	purse  purse
}

func textItem(title, id string) *forms.Item {
	return &forms.Item{Title: title, QuestionItem: &forms.QuestionItem{Question: &forms.Question{QuestionId: id, TextQuestion: &forms.TextQuestion{}}}}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 22, 5, 0, 0, 0, time.UTC), since: "90d", purse: purse{}}
	var err error
	if w.server, err = fakegoogle.Start(fakegoogle.Options{Now: func() time.Time { return w.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.server.Close() })
	w.server.AddUser(owner, "佐藤")
	w.form = w.server.AddForm(&forms.Form{FormId: "contact-form-0001", Info: &forms.Info{Title: "お問い合わせ"}, Items: []*forms.Item{
		textItem("お名前", "0000000a"),
		textItem("メールアドレス", "0000000b"),
		{Title: "二枚目", PageBreakItem: &forms.PageBreakItem{}},
		textItem("お名前", "0000000c"),
		{Title: "満足度", QuestionGroupItem: &forms.QuestionGroupItem{
			Grid:      &forms.Grid{Columns: &forms.ChoiceQuestion{Type: "RADIO", Options: []*forms.Option{{Value: "良い"}, {Value: "悪い"}}}},
			Questions: []*forms.Question{{QuestionId: "0000000d", RowQuestion: &forms.RowQuestion{Title: "価格"}}, {QuestionId: "0000000e", RowQuestion: &forms.RowQuestion{Title: "対応"}}},
		}},
		{Title: "図面", QuestionItem: &forms.QuestionItem{Question: &forms.Question{QuestionId: "0000000f", FileUploadQuestion: &forms.FileUploadQuestion{FolderId: "folder"}}}},
	}}, owner)
	return w
}

func (w *world) open(t *testing.T, list ...Form) *source {
	t.Helper()
	if len(list) == 0 {
		list = []Form{{ID: w.form.ID(), Form: "contact"}}
	}
	s := &Settings{Account: owner, Forms: list, Since: w.since}
	src, err := s.open(connectors.Env{ID: "forms", Accounts: accounts{w.server}, Budgets: w.purse, Limits: w.limits}, func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { src.Close() })
	return src
}

func (w *world) answer(id string, ago time.Duration, name string) {
	w.form.Answer(id, w.now.Add(-ago), map[string][]string{"0000000a": {name}, "0000000b": {id + "@client.example"}})
}

// reader reads a source as the engine does.
type reader struct {
	src   *source
	cur   connectors.Cursor
	notes []string
}

func (r *reader) read(t *testing.T) []connectors.Item {
	t.Helper()
	var items []connectors.Item
	r.notes = nil
	for range 100 {
		b, err := r.src.Fetch(t.Context(), r.cur)
		if err != nil {
			t.Fatalf("fetch: %v", err)
		}
		items, r.cur, r.notes = append(items, b.Items...), b.Next, append(r.notes, b.Notes...)
		if !b.More {
			return items
		}
	}
	t.Fatal("reading does not end")
	return nil
}

func ids(items []connectors.Item) []string {
	out := []string{}
	for _, item := range items {
		out = append(out, strings.TrimPrefix(item.ExternalID, "contact-form-0001/"))
	}
	return out
}

func want(t *testing.T, got []connectors.Item, ids_ ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, ids_...), ids(got)); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
}

func TestSuite(t *testing.T) {
	w := newWorld(t)
	for i := range 7 {
		w.answer(fmt.Sprintf("r%d", i), time.Duration(100-i)*time.Hour, "田中")
	}
	for _, limit := range []int{1000, 2} {
		w.limits.BatchItems = limit
		t.Run(fmt.Sprintf("batches of %d", limit), func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) connectors.Source { return w.open(t) })
		})
	}
}

func TestSubmission(t *testing.T) {
	w := newWorld(t)
	at := w.now.Add(-time.Hour)
	w.form.AnswerAs("r1", "tanaka@client.example", at, map[string][]string{
		"0000000e": {"良い"}, "0000000a": {"田中"}, "0000000c": {"鈴木"}, "0000000d": {"悪い"}, "0000000f": {"file1"}, "99999999": {"昔の問い"},
	})
	got := (&reader{src: w.open(t)}).read(t)
	if len(got) != 1 || got[0].Submission == nil {
		t.Fatalf("got %+v", got)
	}
	wanted := &crm.Submission{ID: crm.SubmissionID("contact", "r1"), Form: "contact", Response: "r1", At: at, State: crm.SubmissionAccepted, Version: 1, Fields: []crm.FormField{
		{Name: "email", Values: []string{"tanaka@client.example"}},
		{Name: "0000000a", Label: "お名前", Values: []string{"田中"}},
		{Name: "0000000c", Label: "二枚目 / お名前", Values: []string{"鈴木"}},
		{Name: "0000000d", Label: "満足度 [価格]", Values: []string{"悪い"}},
		{Name: "0000000e", Label: "満足度 [対応]", Values: []string{"良い"}},
		{Name: "0000000f", Label: "図面", Values: []string{"file-1.pdf https://drive.google.com/open?id=file1"}},
		{Name: "99999999", Values: []string{"昔の問い"}},
	}}
	if diff := cmp.Diff(wanted, got[0].Submission); diff != "" {
		t.Errorf("submission (-want +got):\n%s", diff)
	}
	if got[0].Key != crm.SubmissionKey(*wanted) || got[0].Folder != "contact" || got[0].ExternalID != "contact-form-0001/r1" {
		t.Errorf("item %+v", got[0])
	}
}

func TestIdlePollChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Minute, "田中")
	r := &reader{src: w.open(t)}
	want(t, r.read(t), "r1")
	before := r.cur
	for range 3 {
		w.now = w.now.Add(5 * time.Minute)
		w.server.ResetCalls()
		want(t, r.read(t))
		if r.cur != before {
			t.Errorf("cursor moved from %s to %s", before, r.cur)
		}
		if n := listings(w.server.Calls()); n != 1 {
			t.Errorf("%d listings: %+v", n, w.server.Calls())
		}
	}
}

func listings(calls []fakegoogle.Call) (n int) {
	for _, c := range calls {
		if c.Method == "forms.forms.responses.list" && c.Status == http.StatusOK {
			n++
		}
	}
	return n
}

func TestQuotas(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Minute, "田中")
	r := &reader{src: w.open(t)}
	r.read(t)
	if diff := cmp.Diff(purse{"forms/user/" + owner: 1, "forms/project": 1, "forms/user/" + owner + "/read": 1, "forms/project/read": 1}, w.purse); diff != "" {
		t.Errorf("spent (-want +got):\n%s", diff)
	}
}

func TestEditedAndLateAnswers(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Hour, "田中")
	w.answer("r2", time.Minute, "鈴木")
	r := &reader{src: w.open(t)}
	want(t, r.read(t), "r1", "r2")

	w.answer("late", 2*time.Minute, "高橋") // listed after a newer one was seen
	want(t, r.read(t), "late")

	w.now = w.now.Add(time.Hour)
	w.form.Edit("r1", w.now.Add(-time.Minute), map[string][]string{"0000000a": {"田中 一郎"}})
	got := r.read(t)
	want(t, got, "r1")
	if s := got[0].Submission; s.Version != 2 || s.Fields[0].Values[0] != "田中 一郎" || !s.At.Equal(w.now.Add(-time.Minute)) {
		t.Errorf("edited: %+v", s)
	}
	want(t, r.read(t))
}

func TestSince(t *testing.T) {
	w := newWorld(t)
	w.answer("old", 91*24*time.Hour, "昔")
	w.answer("new", time.Hour, "今")
	want(t, (&reader{src: w.open(t)}).read(t), "new")
	short := &reader{src: w.open(t)}
	short.read(t)
	w.since = "all"
	want(t, (&reader{src: w.open(t)}).read(t), "old", "new")
	short.src = w.open(t) // reaches further back than before
	want(t, short.read(t), "old", "new")
	want(t, short.read(t))
}

func TestQuestionsChange(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Hour, "田中")
	r := &reader{src: w.open(t)}
	r.read(t)
	if len(r.notes) != 0 {
		t.Errorf("notes of the first reading: %v", r.notes)
	}
	id := w.form.AddQuestion(textItem("ご予算", ""))
	w.now = w.now.Add(2 * time.Minute)
	w.form.Answer("r2", w.now, map[string][]string{id: {"100万円"}})
	got := r.read(t)
	want(t, got, "r2")
	if f := got[0].Submission.Fields[0]; f.Label != "ご予算" {
		t.Errorf("field %+v", f)
	}
	if len(r.notes) != 1 || !strings.Contains(r.notes[0], "「ご予算」") || !strings.Contains(r.notes[0], "contact") {
		t.Errorf("notes %q", r.notes)
	}
	w.form.RemoveQuestion(id)
	w.now = w.now.Add(time.Hour)
	r.read(t)
	if len(r.notes) != 1 || !strings.Contains(r.notes[0], "removed") {
		t.Errorf("notes %q", r.notes)
	}
	r = &reader{src: w.open(t), cur: r.cur}
	r.read(t)
	if len(r.notes) != 0 {
		t.Errorf("told twice: %q", r.notes)
	}
}

func TestFormsThatCannotBeRead(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Hour, "田中")
	other := w.server.AddForm(&forms.Form{FormId: "second-form-00001"}, owner)
	r := &reader{src: w.open(t, Form{ID: other.ID()}, Form{ID: w.form.ID(), Form: "contact"})}
	want(t, r.read(t), "r1")

	other.Unshare(owner)
	w.now = w.now.Add(time.Minute)
	w.answer("r2", 0, "鈴木")
	want(t, r.read(t), "r2")
	if len(r.notes) != 1 || !strings.Contains(r.notes[0], "second-form-00001") {
		t.Errorf("notes %q", r.notes)
	}
	want(t, r.read(t))
	if len(r.notes) != 0 {
		t.Errorf("told twice: %q", r.notes)
	}
	other.Answer("back", w.now, map[string][]string{})
	other.Share(owner)
	if got := r.read(t); len(got) != 1 || len(r.notes) != 1 {
		t.Errorf("after it is back: %v, %q", ids(got), r.notes)
	}

	other.Unshare(owner)
	w.server.DeleteForm(w.form.ID())
	_, err := r.src.Fetch(t.Context(), r.cur)
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.Permanent || f.Hint == "" {
		t.Errorf("nothing to read gives %v", err)
	}
}

func TestFailures(t *testing.T) {
	tests := []struct {
		name    string
		failure fakegoogle.Failure
		kind    connectors.Kind
	}{
		{"server error", fakegoogle.Failure{Method: "forms.", Status: 503}, connectors.Retryable},
		{"throttled for long", fakegoogle.Failure{Method: "forms.", Status: 429, Reason: "rateLimitExceeded", RetryAfter: time.Minute}, connectors.Retryable},
		{"not enabled", fakegoogle.Failure{Method: "forms.", Status: 403, Reason: "accessNotConfigured"}, connectors.Permanent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.answer("r1", time.Hour, "田中")
			r := &reader{src: w.open(t)}
			w.server.Fail(tt.failure)
			b, err := r.src.Fetch(t.Context(), "")
			if err == nil && b.More && len(b.Items) == 0 { // it began, at least
				_, err = r.src.Fetch(t.Context(), b.Next)
			}
			if f := connectors.Classify(err); f == nil || f.Kind != tt.kind {
				t.Fatalf("got %v", err)
			}
			if strings.Contains(err.Error(), w.server.URL) {
				t.Errorf("the error holds an address: %v", err)
			}
			w.server.Heal()
			r.src = w.open(t)
			want(t, r.read(t), "r1")
		})
	}
}

// A walk over several pages that breaks off yields everything all the same.
func TestBreaksInTheMiddle(t *testing.T) {
	w := newWorld(t)
	w.limits.BatchItems = 2
	for i := range 9 {
		w.answer(fmt.Sprintf("r%d", i), time.Duration(100-i)*time.Hour, "田中")
	}
	w.server.Fail(fakegoogle.Failure{Method: "forms.forms.responses.list", Status: 400, EveryNth: 3, Times: 1})
	w.server.Fail(fakegoogle.Failure{Method: "forms.forms.responses.list", Status: 500, EveryNth: 4, Times: 2})
	r := &reader{src: w.open(t)}
	seen := make(map[string]bool)
	for range 30 {
		b, err := r.src.Fetch(t.Context(), r.cur)
		if err != nil {
			continue
		}
		for _, id := range ids(b.Items) {
			seen[id] = true
		}
		r.cur = b.Next
	}
	if len(seen) != 9 {
		t.Errorf("%d of 9 answers were read", len(seen))
	}
}

func TestProbe(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Hour, "田中")
	report, err := w.open(t).Probe(t.Context())
	if err != nil || report.Items != 1 || !strings.Contains(report.Lines[0], "お問い合わせ") || !strings.Contains(report.Lines[0], "6 questions") {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestCheck(t *testing.T) {
	good := Settings{Account: owner, Since: "90d", Forms: []Form{{ID: "https://docs.google.com/forms/d/1AbCdEfGhIjKlMn/edit"}}}
	if problems := good.Check(); len(problems) != 0 || good.Forms[0].google() != "1AbCdEfGhIjKlMn" {
		t.Errorf("good settings: %v", problems)
	}
	bad := Settings{Since: "soon", Forms: []Form{{ID: "x"}, {ID: "https://docs.google.com/forms/d/e/1FAIpQLSabcdefghij/viewform"},
		{ID: "1AbCdEfGhIjKlMn", Form: "a"}, {ID: "1AbCdEfGhIjKlMn", Form: "b"}, {ID: "2AbCdEfGhIjKlMn", Form: "a"}}}
	var paths []string
	for _, p := range bad.Check() {
		paths = append(paths, p.Path)
	}
	if diff := cmp.Diff([]string{"account", "since", "forms[0].id", "forms[1].id", "forms[3].id", "forms[4].form"}, paths); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	a, b := good, good
	b.Since = "all"
	if a.Fingerprint() == b.Fingerprint() || a.Fingerprint() != good.Fingerprint() {
		t.Error("the fingerprint does not follow the settings")
	}
}

// Answers beside one that cannot be taken yet are not yielded again and again: the failure shows.
func TestQuestionsThatCannotBeAskedFor(t *testing.T) {
	w := newWorld(t)
	w.answer("r1", time.Hour, "田中")
	src := w.open(t)
	if _, err := src.ask(t.Context(), w.form.ID(), questionsFor); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(2 * time.Minute)
	id := w.form.AddQuestion(textItem("ご予算", ""))
	w.form.Answer("r2", w.now, map[string][]string{id: {"100万円"}})
	w.server.Fail(fakegoogle.Failure{Method: "forms.forms.get", Status: 503})
	b, err := src.Fetch(t.Context(), "")
	if err == nil && b.Next != "" {
		b, err = src.Fetch(t.Context(), b.Next)
	}
	if err == nil {
		t.Fatalf("no error, but the items %v", ids(b.Items))
	}
	w.server.Heal()
	want(t, (&reader{src: src}).read(t), "r1", "r2")
}
