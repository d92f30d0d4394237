package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func TestProposedRules(t *testing.T) {
	const had = "# ours\nscreen:\n  addresses: [a@b.example] # first\n  subjects: [社外秘]\n"
	dismissed := crm.Review{Kind: crm.ReviewNewContact, State: crm.ReviewDismissed, Address: "spam@bad.example"}
	shared := crm.Review{Kind: crm.ReviewAmbiguous, State: crm.ReviewDismissed, Address: "1234@client.example"}
	accepted := crm.Review{Kind: crm.ReviewNewContact, State: crm.ReviewAccepted, Address: "new@client.example"}
	for name, c := range map[string]struct {
		review   crm.Review
		document string
		want     mapping.Document //
		none     bool
	}{
		"not wanted": {review: dismissed, want: mapping.Document{Screen: mapping.Screen{Addresses: []string{"spam@bad.example"}}}},
		"not wanted, beside others": {review: dismissed, document: had,
			want: mapping.Document{Screen: mapping.Screen{Addresses: []string{"a@b.example", "spam@bad.example"}, Subjects: []string{"社外秘"}}}},
		"known already":     {review: dismissed, document: "screen: {addresses: [spam@bad.example]}", none: true},
		"an empty document": {review: dismissed, document: "{}\n", want: mapping.Document{Screen: mapping.Screen{Addresses: []string{"spam@bad.example"}}}},
		"an empty section":  {review: dismissed, document: "screen:\n", want: mapping.Document{Screen: mapping.Screen{Addresses: []string{"spam@bad.example"}}}},
		"an office":         {review: shared, want: mapping.Document{Match: mapping.MatchRules{RoleNames: []string{"1234"}}}},
		"wanted":            {review: accepted, document: "people: {new: never}", want: mapping.Document{People: mapping.People{New: mapping.PolicyAlways}}},
		"wanted already":    {review: accepted, document: "people: {new: always}", none: true},
		"open":              {review: crm.Review{Kind: crm.ReviewNewContact, State: crm.ReviewOpen, Address: "a@b.example"}, none: true},
		"chosen":            {review: crm.Review{Kind: crm.ReviewAmbiguous, State: crm.ReviewAccepted, Address: "a@b.example"}, none: true},
		"a form's mail":     {review: crm.Review{Kind: crm.ReviewFormMail, State: crm.ReviewDismissed, Address: "contact"}, none: true},
		"not YAML":          {review: dismissed, document: "screen: [", none: true},
	} {
		t.Run(name, func(t *testing.T) {
			rule, ok := proposeRule(c.review, c.document)
			if ok == c.none {
				t.Fatalf("proposed %v: %+v", ok, rule)
			}
			if c.none {
				return
			}
			got, problems := mapping.Parse([]byte(rule.Document))
			if len(problems) > 0 {
				t.Fatalf("%v in\n%s", problems, rule.Document)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, comment := range []string{"# ours", "# first"} {
				if strings.Contains(c.document, comment) && !strings.Contains(rule.Document, comment) {
					t.Errorf("%q is gone:\n%s", comment, rule.Document)
				}
			}
		})
	}
}

// TestReviewOffersItsRule decides a review, looks at the rule that is offered, and saves it.
func TestReviewOffersItsRule(t *testing.T) {
	m := &fakeMapping{}
	f := newFixture(t, func(c *Config) { c.Mapping = m })
	id := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	c := f.signedIn(t, "suzuki@example.co.jp")
	_, page := c.post(t, "/reviews/"+id, "action", "dismiss")
	for _, want := range []string{"screen.addresses: new@prospect.example", "/reviews/" + id + "/rule", "→ 除外"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	if m.previews != 1 {
		t.Errorf("%d previews", m.previews)
	}
	if code, body := c.post(t, "/reviews/"+id+"/rule"); code != http.StatusOK {
		t.Fatalf("%d: %s", code, body)
	}
	if len(m.versions) != 1 || m.versions[0].Author != "suzuki@example.co.jp" || !strings.Contains(m.versions[0].Document, "new@prospect.example") {
		t.Fatalf("versions: %+v", m.versions)
	}
	if _, page := c.get(t, "/reviews?decided="+id); strings.Contains(page, id+"/rule") {
		t.Error("a rule that the mapping has is offered again")
	}
}

// TestRepsAreOfferedNoRule has a rep decide: the mapping is the admins'.
func TestRepsAreOfferedNoRule(t *testing.T) {
	m := &fakeMapping{}
	f := newFixture(t, func(c *Config) { c.Mapping = m })
	id := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	c := f.signedIn(t, "sato@example.co.jp")
	if _, page := c.post(t, "/reviews/"+id, "action", "dismiss"); strings.Contains(page, id+"/rule") || m.previews > 0 {
		t.Error("a rep is offered a rule")
	}
	if status, _ := c.post(t, "/reviews/"+id+"/rule"); status != http.StatusForbidden || len(m.versions) > 0 {
		t.Errorf("a rep saves a rule: %d", status)
	}
}
