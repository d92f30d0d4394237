package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

func TestRulesAreToldToReps(t *testing.T) {
	f, m := mappingFixture(t)
	_, err := m.Save(t.Context(), "it@example.co.jp", startMapping+"lifecycle:\n  accept: [bad_address]\n  segments: [{name: cold, label: {ja: 疎遠}, if: 'standing.days_since_heard > 90'}]\n", "")
	must(t, err)
	b := f.signedIn(t, "sato@example.co.jp")
	for lang, wants := range map[string][]string{
		"ja": {"<bdi>lawyer@law.example</bdi> が関わるものは記録しません", "<bdi>こちらからメールを送ったとき</bdi>、<bdi>「新規」または「未接触」</bdi>のリードは「<bdi>アプローチ中</bdi>」になります。", "30日間やり取りがないとき", "疎遠", "届かないアドレス", "知らない人は登録せず"},
		"en": {"Nothing with <bdi>lawyer@law.example</bdi> on it is logged", "a lead that is <bdi>“New” or “Untouched”</bdi> becomes “<bdi>Working</bdi>”", "nothing happens for 30 days"},
	} {
		code, page := b.get(t, "/rules?lang="+lang)
		if code != http.StatusOK {
			t.Fatalf("%s: %d", lang, code)
		}
		wantIn(t, page, wants...)
		wantOut(t, page, "days_since_heard", `href="/rules/match"`, "meeting_won", "mail_sent")
	}
	if code, _ := b.get(t, "/rules/match"); code != http.StatusForbidden {
		t.Errorf("a rep changes rules: %d", code)
	}
	if code, _ := b.post(t, "/rules/match", "base", "2"); code != http.StatusForbidden {
		t.Errorf("a rep posts rules: %d", code)
	}
}

// TestGuidedRulesRoundTrip makes every kind of change through its form: the draft says it, keeps every comment, and is shown
// on the form again once it is saved.
func TestGuidedRulesRoundTrip(t *testing.T) {
	usual := life.Default()
	for name, c := range map[string]struct {
		section string
		fields  []string
		want    func(*mapping.Document) any
		is      any
	}{
		"excluded": {"exclusions", []string{"do", "save", "screen.addresses", "lawyer@law.example\r\n*@private.example", "screen.subjects", "社外秘: #1"},
			func(d *mapping.Document) any { return d.Screen }, mapping.Screen{Addresses: []string{"lawyer@law.example", "*@private.example"}, Subjects: []string{"社外秘: #1"}}},
		"match": {"match", []string{"do", "save", "people.new", "always", "meetings.private", "full"},
			func(d *mapping.Document) any { return []any{*d.Match.Domain, d.People.New, d.Meetings.Private} }, []any{false, mapping.PolicyAlways, "full"}},
		"a status": {"statuses", []string{"do", "add", "name", "paused", "label.ja", "保留", "closed", "true"},
			func(d *mapping.Document) any { return d.Lifecycle.Statuses[len(usual.Statuses)] }, life.Status{Name: life.Name{Name: "paused", Label: life.Label{Ja: "保留"}}, Closed: true}},
		"renamed": {"statuses", []string{"do", "save", "index", "3", "name", "meeting_won", "label.ja", "アポ獲得", "won", "true"},
			func(d *mapping.Document) any { return d.Lifecycle.Statuses[3] }, life.Status{Name: life.Name{Name: "meeting_won", Label: life.Label{Ja: "アポ獲得"}}, Won: true}},
		"retired": {"reasons", []string{"do", "save", "index", "3", "name", "research", "label.ja", "情報収集", "retired", "true"},
			func(d *mapping.Document) any { return d.Lifecycle.Reasons[3].Retired }, true},
		"ordered":   {"results", []string{"do", "down", "index", "0"}, func(d *mapping.Document) any { return d.Lifecycle.Results[1].Name.Name }, crm.CallNoAnswer},
		"taken out": {"reasons", []string{"do", "remove", "index", "1"}, func(d *mapping.Document) any { return len(d.Lifecycle.Reasons) }, len(usual.Reasons) - 1},
		"moved": {"lifecycle", []string{"do", "add", "name", "架電", "on", "call", "result", "lost", "to", "nurturing", "reason", "cost", "if", `activity.subject.contains("予算")`},
			func(d *mapping.Document) any { return d.Lifecycle.Rules[len(d.Lifecycle.Rules)-1] },
			life.Rule{Name: "架電", On: crm.EventCall, Result: []string{"lost"}, To: "nurturing", Reason: "cost", If: `activity.subject.contains("予算")`}},
		"assigned": {"assignment", []string{"do", "add", "name", "全部", "owners", "sato@example.co.jp\nkato@example.co.jp", "cap", "50", "language", "en"},
			func(d *mapping.Document) any { return d.Lifecycle.Assignment },
			[]life.Assignment{{Name: "全部", Owners: []string{"sato@example.co.jp", "kato@example.co.jp"}, Cap: 50, Language: "en"}}},
		"a segment": {"segments", []string{"do", "add", "name", "makers", "label.ja", "製造業", "if", `person.company.contains("製作所")`, "follow_up", "60d"},
			func(d *mapping.Document) any { return d.Lifecycle.Segments },
			[]life.Segment{{Name: life.Name{Name: "makers", Label: life.Label{Ja: "製造業"}}, If: `person.company.contains("製作所")`, After: "60d"}}},
		"a territory": {"territories", []string{"do", "add", "name", "rest", "label.ja", "その他", "if", "true"},
			func(d *mapping.Document) any { return d.Lifecycle.Territories[0].If }, "true"},
		"accepted": {"proposals", []string{"do", "save", "lifecycle.accept", "bad_address"}, func(d *mapping.Document) any { return d.Lifecycle.Accept }, []crm.ProposalKind{crm.ProposeBadAddress}},
	} {
		t.Run(name, func(t *testing.T) {
			f, m := mappingFixture(t)
			b := f.signedIn(t, "suzuki@example.co.jp")
			code, page := b.post(t, "/rules/"+c.section, append(c.fields, "base", "1")...)
			if code != http.StatusOK {
				t.Fatalf("%d: %v", code, regexp.MustCompile(`(?s)class="problem.*?</`).FindAllString(page, 3))
			}
			wantIn(t, page, `class="plus"`)
			draft := draftIn(t, page)
			doc, problems := mapping.Parse([]byte(draft))
			if len(problems) > 0 {
				t.Fatalf("%v in\n%s", problems, draft)
			}
			if diff := cmp.Diff(c.is, c.want(&doc)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, draft)
			}
			for _, comment := range []string{"# ours\n", "# never\n", "# the lawyer\n", "# who\n"} {
				if !strings.Contains(draft, comment) {
					t.Errorf("%q is gone:\n%s", comment, draft)
				}
			}
			if code, _ := b.post(t, "/mapping", "document", draft, "base", "1"); code != http.StatusOK || len(m.versions) != 2 {
				t.Errorf("saved: %d", code)
			}
			if code, _ := b.get(t, "/rules/"+c.section); code != http.StatusOK {
				t.Errorf("shown again: %d", code)
			}
			if code, _ := b.post(t, "/rules/"+c.section, append(c.fields, "base", "1")...); code != http.StatusConflict {
				t.Errorf("a stale form: %d", code)
			}
		})
	}
}

func TestGuidedRulesAreChecked(t *testing.T) {
	f, m := mappingFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	for name, c := range map[string]struct {
		section string
		fields  []string
	}{
		"a bad name":        {"statuses", []string{"do", "add", "name", "保留", "label.ja", "保留"}},
		"no label":          {"statuses", []string{"do", "add", "name", "paused"}},
		"no such entry":     {"reasons", []string{"do", "remove", "index", "99"}},
		"no such deed":      {"reasons", []string{"do", "dance", "index", "0"}},
		"a needed status":   {"statuses", []string{"do", "remove", "index", "0"}},
		"a bad expression":  {"segments", []string{"do", "add", "name", "x", "label.ja", "x", "if", "person.nothing =="}},
		"a bad number":      {"assignment", []string{"do", "add", "name", "x", "owners", "a@b.example", "cap", "-1"}},
		"steps of nothing":  {"plans", []string{"do", "add", "name", "x", "segment", "y", "steps", "soon"}},
		"too much":          {"exclusions", []string{"do", "save", "screen.domains", strings.Repeat("a", maxEntry+1)}},
		"no domain":         {"exclusions", []string{"do", "save", "screen.domains", "not a domain"}},
		"nothing, not even": {"lifecycle", []string{"do", "save", "index", "x"}},
	} {
		if code, page := b.post(t, "/rules/"+c.section, append(c.fields, "base", "1")...); code != http.StatusUnprocessableEntity || !strings.Contains(page, `class="problem`) {
			t.Errorf("%s: %d", name, code)
		}
	}
	if len(m.versions) != 1 {
		t.Error("something was saved")
	}
}

func TestARuleIsOpenedToBeChanged(t *testing.T) {
	f, _ := mappingFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	save, second := `name="do" value="save"`, `name="index" value="1"><input type="hidden" name="do" value="save"`
	if _, page := b.get(t, "/rules/statuses"); strings.Contains(page, save) || !strings.Contains(page, "/rules/statuses?edit=1#rule-1") {
		t.Error("a form was sent that nobody asked for, or no way leads to it")
	}
	for _, odd := range []string{"99", "-1", "x", "01"} {
		if code, page := b.get(t, "/rules/statuses?edit="+odd); code != http.StatusOK || strings.Contains(page, save) {
			t.Errorf("entry %q: %d", odd, code)
		}
	}
	if _, page := b.get(t, "/rules/statuses?edit=1"); strings.Count(page, save) != 1 || !strings.Contains(page, second) {
		t.Error("the second entry is not open, or others are too")
	}
	code, page := b.post(t, "/rules/reasons", "do", "save", "index", "1", "name", "x y", "label.ja", "打ち合わせ待ち", "base", "1")
	if code != http.StatusUnprocessableEntity || !strings.Contains(page, second) || !strings.Contains(page, "打ち合わせ待ち") {
		t.Errorf("a refused change is not open with what was typed: %d", code)
	}
}

func TestRulesProposedByReviews(t *testing.T) {
	f, m := mappingFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	_, page := b.get(t, "/rules/proposed")
	wantIn(t, page, "提案はありません")
	id := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	b.post(t, "/reviews/"+id, "action", "dismiss")
	_, page = b.get(t, "/rules/proposed")
	wantIn(t, page, "new@prospect.example", "/reviews/"+id+"/rule")
	b.post(t, "/reviews/"+id+"/rule")
	if n := len(m.versions); n != 2 || !strings.Contains(m.versions[1].Document, "# the lawyer") {
		t.Errorf("versions %+v", m.versions)
	}
	_, page = b.get(t, "/rules/proposed")
	wantIn(t, page, "提案はありません")
}

func TestDiffRows(t *testing.T) {
	rows := diffRows("a\nb\nc\nd\ne\nf\ng\nh\ni\n", "a\nb\nX\nd\ne\nf\ng\nh\ni\nj\n")
	var got strings.Builder
	for _, r := range rows {
		if r.Skipped {
			got.WriteString("…")
			continue
		}
		got.WriteString(r.Op + r.Text)
	}
	if want := " a b-c+X d e f g h i+j"; got.String() != want {
		t.Errorf("%q", got.String())
	}
	if len(diffRows("x\n", "x\n")) != 0 {
		t.Error("what is the same differs")
	}
}

func TestMappingWords(t *testing.T) {
	words, err := completions()
	must(t, err)
	for path, key := range map[string]string{"": "screen", "screen": "addresses", "lifecycle.rules": "to", "fields.email.activity.*": "when"} {
		if !strings.Contains(strings.Join(words.Keys[path], " "), key) {
			t.Errorf("%q cannot be completed with %s: %v", path, key, words.Keys[path])
		}
	}
	if !strings.Contains(strings.Join(words.Values["people.new"], " "), "always") || !strings.Contains(strings.Join(words.Words, " "), "mail.subject") {
		t.Errorf("values %v", words.Values["people.new"])
	}
}
