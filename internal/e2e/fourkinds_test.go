package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// fourKinds is an installation that reads a mailbox, a calendar and a form at Google, and a calendar over CalDAV. In
// each of them tanaka wrote, comes or answered.
type fourKinds struct {
	*site
	google *googleDesk
	dav    *davDesk
	form   *fakegoogle.Form
}

const (
	enquiryForm = "enquiry-form-1"
	atForms     = "googleforms-sato-at-example.co.jp"
)

// fourSources are the sources in the order in which export and verify are looked at.
func fourSources() []string { return []string{atGmail, atCalendar, atForms, atDAV} }

func newFourKinds(t *testing.T) *fourKinds {
	t.Helper()
	g := &googleDesk{startGoogle(t, fakegoogle.Options{}, sato), []string{sato}}
	f := &fourKinds{google: g, dav: newDAVDesk(t, sato)}
	text := func(id, title string) *forms.Item {
		return &forms.Item{Title: title, QuestionItem: &forms.QuestionItem{Question: &forms.Question{QuestionId: id, TextQuestion: &forms.TextQuestion{}}}}
	}
	f.form = g.AddForm(&forms.Form{FormId: enquiryForm, Info: &forms.Info{Title: "お問い合わせ"}, Items: []*forms.Item{
		text("q1", "お名前"), text("q2", "メールアドレス"), text("q3", "お問い合わせ内容")}}, sato)
	f.site = newSite(t, f.config(""))
	g.writeKey(f.site)
	return f
}

func (f *fourKinds) config(mapping string) string {
	own := head() + f.dav.source(sato, "30d", "30d")
	return own + f.google.section("[mail, calendar, forms]") + "  delegation: {key_file: delegation.json, users: [" + sato + "]}\n" + unpaced +
		"  forms: {forms: [{id: " + enquiryForm + ", form: contact}]}\n" +
		"mapping: {" + mapping + "forms: {contact: {new_people: never}}}\n"
}

// add puts one item of the name into each of the four.
func (f *fourKinds) add(name string, day int) {
	f.google.Mailbox(sato).Deliver(letter(name, tanaka, sato, name+" mail"), time.Now())
	f.google.put(sato, &appointment{id: name + "google", summary: name + " event", text: f.secret(name), start: clock(f.t, day, 10), end: clock(f.t, day, 11), organiser: sato, guests: []guest{{tanaka, "accepted"}}})
	f.dav.put(sato, &appointment{id: name + "dav", summary: name + " entry", text: f.secret(name), start: clock(f.t, day, 15), end: clock(f.t, day, 16), organiser: sato, guests: []guest{{tanaka, "accepted"}}})
	f.form.Answer(name+"answer", time.Now().Add(-time.Hour), map[string][]string{"q1": {"田中"}, "q2": {tanaka}, "q3": {f.secret(name)}})
}

// secret is a text that must not be in the files when the item may not.
func (f *fourKinds) secret(name string) string { return "words of " + name }

// traces says which files hold something of the items of that name.
func (f *fourKinds) traces(name string) (found []string) {
	f.t.Helper()
	for _, text := range []string{"Hello about " + name, name + " event", name + " entry", f.secret(name)} {
		if file := grepData(f.t, f.site, text); file != "" {
			found = append(found, fmt.Sprintf("%q is in %s", text, file))
		}
	}
	return found
}

// tale is what must come out the same when an item went and came back.
type tale struct{ Kind, Subject, Text, Rule, Source string }

func (f *fourKinds) tales() (list []tale) {
	f.t.Helper()
	for _, a := range f.activities() {
		for _, o := range a.Observed {
			list = append(list, tale{a.Kind, a.Subject, a.Text, a.Match.Rule, o.Source})
		}
	}
	slices.SortFunc(list, func(x, y tale) int { return strings.Compare(x.Source+x.Subject, y.Source+y.Subject) })
	return list
}

// rows counts the ledger by source, verdict and reason.
func (f *fourKinds) rows() map[string]int {
	f.t.Helper()
	count := map[string]int{}
	for _, row := range f.ledger() {
		count[row.Source+" "+row.Verdict+" "+row.Reason]++
	}
	return count
}

func eachSource(what string, n int) map[string]int {
	out := map[string]int{}
	for _, id := range fourSources() {
		out[id+" "+what] = n
	}
	return out
}

// wantProof compares what verify says: so many on the server, missing and repaired at each source.
func (f *fourKinds) wantProof(code, onServer, missing, repaired int, args ...string) {
	f.t.Helper()
	r := f.run(append([]string{"verify"}, args...)...)
	if r.code != code {
		f.t.Errorf("verify %v: exit %d, want %d\n%s%s", args, r.code, code, r.stdout, r.stderr)
	}
	for _, id := range fourSources() {
		want := []string{id, fmt.Sprint(onServer), fmt.Sprint(onServer - missing), fmt.Sprint(missing), "0", fmt.Sprint(repaired)}
		if !slices.ContainsFunc(strings.Split(r.stdout, "\n"), func(line string) bool { return slices.Equal(strings.Fields(line), want) }) {
			f.t.Errorf("verify %v says nothing like %v:\n%s", args, want, r.stdout)
		}
	}
}

// TestVerifyFourKinds hides an item from the ledger at each kind of source: verify finds it missing, and brings it.
func TestVerifyFourKinds(t *testing.T) {
	t.Parallel()
	f := newFourKinds(t)
	f.importGuests()
	f.add("first", 3)
	f.must("sync")
	f.wantProof(0, 1, 0, 0)
	f.add("hidden", 4) // no sync reads it
	f.wantProof(1, 2, 1, 0)
	f.wantProof(0, 2, 1, 1, "--repair")
	f.wantProof(0, 2, 0, 0)
	if diff := cmp.Diff(eachSource("logged matched", 2), f.rows()); diff != "" {
		t.Errorf("ledger after the repair (-want +got):\n%s", diff)
	}
	before := f.tales()
	f.must("sync")
	if diff := cmp.Diff(before, f.tales()); diff != "" || len(before) != 8 {
		t.Errorf("%d activities; the sync after the repair changed (-before +after):\n%s", len(before), diff)
	}
}

// TestLateFourKinds reads items of somebody unknown, makes them known, keeps them out, and lets them in again. Each time
// the items come from their sources, since nothing of them is kept.
func TestLateFourKinds(t *testing.T) {
	t.Parallel()
	f := newFourKinds(t)
	f.add("late", 3)
	f.google.Mailbox(sato).Deliver(letter("inside", sato, suzuki, "inside"), time.Now(), "SENT")
	for _, put := range []func(string, *appointment){f.google.put, f.dav.put} {
		put(sato, &appointment{id: "inside", summary: "inside", start: clock(t, 4, 10), end: clock(t, 4, 11), organiser: sato, guests: []guest{{suzuki, "accepted"}}})
	}
	f.must("sync")
	want := eachSource("unmatched nobody", 1)
	for _, id := range []string{atCalendar, atDAV} { // we made these appointments: a contact is proposed
		delete(want, id+" unmatched nobody")
		want[id+" waiting new_contact"] = 1
	}
	for _, id := range []string{atGmail, atCalendar, atDAV} {
		want[id+" excluded internal"] = 1
	}
	if diff := cmp.Diff(want, f.rows()); diff != "" {
		t.Errorf("ledger before anybody is known (-want +got):\n%s", diff)
	}
	for _, text := range []string{"Hello about late", f.secret("late")} { // a review shows the subject
		if file := grepData(t, f.site, text); file != "" {
			t.Errorf("nothing is logged, and %q is in %s", text, file)
		}
	}
	f.explains(map[string]string{"unmatched": "Nobody on it is known", "waiting": "A contact is proposed", "excluded": "Everybody on it belongs to the organisation"})

	f.google.ResetCalls()
	f.dav.proxy.take()
	f.importGuests()
	f.must("sync")
	tales := f.tales()
	wantTales := []tale{
		{"email", "late mail", "Hello about late mail.", "address", atGmail},
		{"meeting", "late event", f.secret("late"), "address", atCalendar},
		{"form", "contact", f.secret("late") + "\n\nお名前: 田中\nメールアドレス: " + tanaka, "address", atForms},
		{"meeting", "late entry", f.secret("late"), "address", atDAV},
	}
	slices.SortFunc(wantTales, func(x, y tale) int { return strings.Compare(x.Source+x.Subject, y.Source+y.Subject) })
	if diff := cmp.Diff(wantTales, tales); diff != "" {
		t.Errorf("after the person became known (-want +got):\n%s", diff)
	}
	f.wantFetched()
	for _, a := range f.activities() {
		if out := f.must("explain", a.ID); !strings.Contains(out, tanaka) || !strings.Contains(out, "It was logged late") {
			t.Errorf("explain %s %s:\n%s", a.Kind, a.Subject, out)
		}
	}

	f.dryRun()
	f.configure(f.config("screen: {addresses: [" + tanaka + "]}, "))
	f.must("sync")
	want = eachSource("excluded address: "+tanaka, 1)
	for _, id := range []string{atGmail, atCalendar, atDAV} {
		want[id+" excluded internal"] = 1
	}
	if diff := cmp.Diff(want, f.rows()); diff != "" {
		t.Errorf("ledger after the exclusion (-want +got):\n%s", diff)
	}
	if found := f.traces("late"); found != nil || len(f.activities()) != 0 {
		t.Errorf("%d activities are left; of excluded items: %v", len(f.activities()), found)
	}
	f.explains(map[string]string{"excluded": ""})

	f.configure(f.config(""))
	f.must("sync")
	if diff := cmp.Diff(tales, f.tales()); diff != "" {
		t.Errorf("after the exclusion went (-before +after):\n%s", diff)
	}
	f.must("verify")
}

// explains asks for every row that is not logged why, and wants the words for its verdict.
func (f *fourKinds) explains(words map[string]string) {
	f.t.Helper()
	for _, row := range f.ledger() {
		out := f.must("explain", row.Source+"/"+row.ExternalID)
		want, known := words[row.Verdict]
		if !known || !strings.Contains(out, want) || !strings.Contains(out, row.ExternalID) || strings.Contains(out, row.Reason+"\n") {
			f.t.Errorf("explain %s %s (%s, %s):\n%s", row.Source, row.ExternalID, row.Verdict, row.Reason, out)
		}
	}
}

// wantFetched demands that each source was asked for its item.
func (f *fourKinds) wantFetched() {
	f.t.Helper()
	asked := map[string]int{}
	for _, call := range f.google.Calls() {
		asked[call.Method]++
	}
	for _, method := range []string{"gmail.users.messages.get", "calendar.events.get", "forms.forms.responses.get"} {
		if asked[method] == 0 {
			f.t.Errorf("%s was not called: %v", method, asked)
		}
	}
	if davAsked := f.dav.proxy.take(); !slices.Contains(davAsked, "REPORT /sato/work/") {
		f.t.Errorf("the entry was not asked for: %v", davAsked)
	}
}

// dryRun says what an exclusion and another rule would do, and changes nothing.
func (f *fourKinds) dryRun() {
	f.t.Helper()
	activities, ledger := f.must("export", "activities"), f.must("export", "ledger")
	if out := f.must("replay", "--dry-run"); !strings.Contains(out, "0 added, 0 changed, 0 removed") {
		f.t.Errorf("replay with the same mapping:\n%s", out)
	}
	f.configure(f.config("screen: {addresses: [" + tanaka + "]}, "))
	if out := f.must("replay", "--dry-run"); !strings.Contains(out, "would change: 0 added, 0 changed, 4 removed") {
		f.t.Errorf("replay with an exclusion:\n%s", out)
	}
	if diff := cmp.Diff(activities, f.must("export", "activities")); diff != "" {
		f.t.Errorf("the dry run changed activities:\n%s", diff)
	}
	if diff := cmp.Diff(ledger, f.must("export", "ledger")); diff != "" {
		f.t.Errorf("the dry run changed the ledger:\n%s", diff)
	}
}
