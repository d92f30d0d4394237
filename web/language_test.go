package web

import (
	"context"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func testSpeakers(t *testing.T) map[string]*speaker {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	must(t, err)
	sps, err := newSpeakers(zone)
	must(t, err)
	return sps
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	sps := testSpeakers(t)
	ja, en := sps["ja"], sps["en"]
	for key, m := range en.messages {
		base := strings.TrimSuffix(key, ".one")
		other, ok := ja.messages[base]
		if !ok {
			t.Errorf("Japanese lacks %s", key)
			continue
		}
		if key == base && placeholders(m) != placeholders(other) {
			t.Errorf("%s: placeholders %s in English, %s in Japanese", key, placeholders(m), placeholders(other))
		}
	}
	for key := range ja.messages {
		if !en.has(key) {
			t.Errorf("English lacks %s", key)
		}
	}
}

func placeholders(m message) string {
	found := map[string]bool{}
	for i := 1; i < len(m); i += 2 {
		found[m[i]] = true
	}
	var b strings.Builder
	for _, name := range []string{"a", "b", "c", "address", "account", "by", "class", "d", "date", "detail", "done", "evidence", "folder", "from", "kind", "n", "name", "owners", "percent", "rule", "source", "time", "to", "total", "value"} {
		if found[name] {
			b.WriteString(name + " ")
			delete(found, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		b.WriteString("unforeseen:" + name + " ")
	}
	return b.String()
}

// TestNoUnknownKey looks for every key that templates and code name in full.
func TestNoUnknownKey(t *testing.T) {
	en := testSpeakers(t)["en"]
	inTemplates := regexp.MustCompile(`\b(?:t|th) "([a-z_.]+)"`)
	seen := 0
	err := fs.WalkDir(templateFiles, "templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := templateFiles.ReadFile(path)
		for _, m := range inTemplates.FindAllStringSubmatch(string(raw), -1) {
			if seen++; !en.has(m[1]) {
				t.Errorf("%s uses the unknown key %s", path, m[1])
			}
		}
		return err
	})
	must(t, err)
	if seen < 100 {
		t.Errorf("only %d keys were found", seen)
	}
}

func TestEveryCodeHasAWord(t *testing.T) {
	sets := map[string][]string{
		"verdict":     {"logged", "excluded", "unmatched", "waiting", "failed"},
		"kind":        {string(crm.KindEmail), string(crm.KindMeeting), string(crm.KindForm), string(crm.KindCall), string(crm.KindNote)},
		"direction":   {string(crm.DirectionIn), string(crm.DirectionOut), string(crm.DirectionInternal), string(crm.DirectionNone)},
		"class":       {string(crm.ClassPersonal), string(crm.ClassAutoReply), string(crm.ClassBounce), string(crm.ClassBulk), string(crm.ClassInvitation), string(crm.ClassFormNotification)},
		"rule":        {string(crm.RuleDecision), string(crm.RuleAddress), string(crm.RuleNormalized), string(crm.RuleThread), string(crm.RuleDomain)},
		"why.rule":    {string(crm.RuleDecision), string(crm.RuleAddress), string(crm.RuleNormalized), string(crm.RuleThread), string(crm.RuleDomain), "other"},
		"state":       {string(crm.SourceOK), string(crm.SourceRetrying), string(crm.SourceAuthExpired), string(crm.SourceNeedsIT), string(crm.SourceDisabled), string(crm.SourceNeverRun), string(crm.SourceBackfilling)},
		"state_text":  {string(crm.SourceOK), string(crm.SourceRetrying), string(crm.SourceAuthExpired), string(crm.SourceNeedsIT), string(crm.SourceDisabled), string(crm.SourceNeverRun), string(crm.SourceBackfilling)},
		"role":        {string(crm.RoleRep), string(crm.RoleAdmin), string(crm.RoleIT)},
		"person_kind": {string(crm.Lead), string(crm.Contact), "account"},
		"lead_status": {string(crm.StatusNew), string(crm.StatusWorking), string(crm.StatusScheduling), string(crm.StatusMeetingWon), string(crm.StatusUntouched),
			string(crm.StatusNurturing), string(crm.StatusNurturingPlanned), string(crm.StatusDisqualified)},
		"reason": reasonCodes(), "reason_short": reasonCodes(),
		"review_state": {string(crm.ReviewOpen), string(crm.ReviewAccepted), string(crm.ReviewDismissed)},
		"status":       {"confirmed", "tentative", "cancelled"},
		"error":        {"not_found", "forbidden", "form", "too_large", "full", "timeout", "internal", "signed_out", "busy", "decided"},
		"notice":       {"welcome", "person_saved", "person_deleted", "account_saved", "review_accepted", "review_dismissed", "review_open", "source_woken", "saved", "user_added"},
		"form":         {"too_long", "no_name", "bad_kind", "too_many", "bad_address", "bad_domain", "account_ambiguous", "no_account", "bad_email", "weak_password"},
	}
	for lang, sp := range testSpeakers(t) {
		for set, codes := range sets {
			for _, code := range codes {
				if !sp.has(set + "." + code) {
					t.Errorf("%s has no word for %s.%s", lang, set, code)
				}
			}
		}
	}
}

func TestSpeak(t *testing.T) {
	sps := testSpeakers(t)
	at := time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	for name, tt := range map[string][2]string{
		"ja time":                 {sps["ja"].when(at), "2026年11月21日(土) 10:00"},
		"en time":                 {sps["en"].when(at), "21 Nov 2026 10:00"},
		"zero time":               {sps["en"].when(time.Time{}), ""},
		"one":                     {sps["en"].text("review.items", "n", 1), "1 item waits for the answer"},
		"many":                    {sps["en"].text("review.items", "n", 12345), "12,345 items wait for the answer"},
		"no plural":               {sps["ja"].text("review.items", "n", 1), "1件が答えを待っています"},
		"a value is only a value": {string(sps["en"].html("reason.other", "detail", "<b>{n}</b>")), "<bdi>&lt;b&gt;{n}&lt;/b&gt;</bdi>"},
		"an unknown key is seen":  {sps["en"].text("no.such"), "no.such"},
		"reason with a detail":    {string(sps["en"].reason("folder: A: B")), "It is in the excluded folder <bdi>A: B</bdi>."},
		"reason without":          {string(sps["ja"].reason("internal")), "社内だけのやり取りです。"},
		"reason nobody has heard": {string(sps["en"].reason("moon: full")), "<bdi>moon: full</bdi>"},
		"unknown status":          {sps["en"].label("status", "odd"), "odd"},
	} {
		if tt[0] != tt[1] {
			t.Errorf("%s: %q instead of %q", name, tt[0], tt[1])
		}
	}
}

func TestLanguageIsChosen(t *testing.T) {
	f := newFixture(t)
	for name, tt := range map[string]struct {
		setting, query, accept, want string
	}{
		"the user's own":             {"en", "", "ja", "en"},
		"the address":                {"", "?lang=en", "ja", "en"},
		"the address, for once":      {"en", "?lang=ja", "en", "ja"},
		"the browser":                {"", "", "en-GB,en;q=0.9,ja;q=0.5", "en"},
		"the browser, with a region": {"", "?lang=xx", "ja-JP", "ja"},
		"neither is spoken":          {"", "", "fi,sv;q=0.5", "ja"},
		"nothing is said":            {"", "", "", "ja"},
		"nonsense is said":           {"", "", ";;;,=", "ja"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/"+tt.query, nil)
			r.Header.Set("Accept-Language", tt.accept)
			if got := f.server.speakerFor(r, crm.User{Locale: tt.setting}).lang; got != tt.want {
				t.Errorf("got %s", got)
			}
		})
	}
}
