package importing

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestDecisions(t *testing.T) {
	first := []byte("会社名,氏名,メールアドレス\nサンプル商事,田中 太郎,tanaka@sample.example\n")
	again := []byte("会社名,氏名,メールアドレス\nサンプル商事,田中 太郎,taro@other.example\n")
	for name, tt := range map[string]struct {
		decide func(id string) Decision
		people int
		held   int
		emails int
	}{
		"nobody decided":    {func(string) Decision { return Decision{} }, 1, 1, 1},
		"the same person":   {func(id string) Decision { return Decision{Same: id} }, 1, 0, 2},
		"somebody else":     {func(string) Decision { return Decision{New: true} }, 2, 0, 1},
		"left out":          {func(string) Decision { return Decision{Leave: true} }, 1, 0, 1},
		"of another record": {func(string) Decision { return Decision{Same: "0123"} }, 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			m := newPeopleMemory()
			m.take(t, first, "leads", false)
			id := onePerson(m).ID
			_, r := m.takeWith(t, again, Options{Kind: "leads", Decided: map[int]Decision{2: tt.decide(id)}}, false)
			if len(r.Held) != tt.held || len(m.people) != tt.people || len(m.people[id].Emails) != tt.emails {
				t.Errorf("%d held, %d people: %+v\n%+v", len(r.Held), len(m.people), m.people, r)
			}
			for _, h := range r.Held {
				if h.Row != 2 || h.Person.Name != "田中 太郎" || !r.Duplicates[0].Held || r.Duplicates[0].Said.Code != "dup_name_held" {
					t.Errorf("held %+v, %+v", h, r.Duplicates)
				}
			}
		})
	}
}

// onePerson is the person who is there.
func onePerson(m *peopleMemory) (p crm.Person) {
	for _, p = range m.people {
	}
	return p
}

func TestStatusesThatNeedAReasonAndConsentToCome(t *testing.T) {
	words := Words{Statuses: []Word{{Code: "new", Names: []string{"新規"}}, {Code: "nurturing", Names: []string{"育成"}, Reasoned: true}}}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	m := newPeopleMemory()
	file := "氏名,会社名,メールアドレス,ステータス,理由,同意,同意日\n" +
		"一,A,a@a.example,育成,時期,可,2026-11-01\n" +
		"二,B,b@b.example,育成,,可,2026-11-01\n" +
		"三,C,c@c.example,新規,,可,2027-01-01\n"
	_, r := m.takeWith(t, []byte(file), Options{Kind: "leads", Words: words, Now: now}, false)
	if len(r.Bad) != 2 || r.Bad[0].Said.Code != "reason_needed" || r.Bad[0].Row != 3 || r.Bad[1].Said.Code != "date_ahead" || r.Bad[1].Column != "同意日" {
		t.Errorf("left out: %+v", r.Bad)
	}
	// Read again without its reason, a record keeps it.
	_, r = m.takeWith(t, []byte("氏名,会社名,メールアドレス,ステータス\n一,A,a@a.example,育成\n"), Options{Kind: "leads", Words: words, Now: now}, false)
	if len(r.Bad) != 0 || onePerson(m).Reason != "時期" || onePerson(m).Status != crm.StatusNurturing {
		t.Errorf("%+v %+v", r.Bad, m.people)
	}
}

// TestSentences holds that every sentence that is made has words, and that a Problem can be told in any language.
func TestSentences(t *testing.T) {
	for code, text := range english() {
		if text == "" {
			t.Errorf("%s says nothing", code)
		}
	}
	if s := sentence("no_such"); s.String() != "no_such" {
		t.Errorf("an unknown code says %q", s)
	}
	if s := sentence("no_date", "{2}", "x"); s.String() != "{2} is no date" {
		t.Errorf("a part is taken for a place: %q", s)
	}
	_, err := Read(bytes.NewReader(nil))
	var p *Problem
	if !errors.As(err, &p) || p.Said.Code != "file_empty" || p.Advice.Code != "todo_heading" || !strings.Contains(p.Error(), p.Said.String()) {
		t.Errorf("%#v", p)
	}
}
