package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// formsSite is an installation with the form "contact", without mailboxes and without limits on how fast one
// address may send.
func formsSite(t *testing.T, more string) *site {
	t.Helper()
	return newSite(t, strings.Replace(listenOn(freePort(t)), "sources:\n", "", 1)+
		"forms:\n  - {id: contact, rate_per_minute: 1000000, min_fill_seconds: 0"+more+"}\n")
}

// knownPeople are customers before the first enquiry.
const knownPeople = `氏名,会社名,メールアドレス,電話番号
田中 一郎,株式会社クライアント,tanaka@client.example,03-1234-5678
鈴木 花子,有限会社鈴木商店,hanako@suzuki.example,06-6123-4567
髙橋 健,合同会社高橋設計,ken@takahashi.example,090-1111-2222
`

// enquiry is what one person sends once, perhaps edited later.
type enquiry struct {
	response string
	fields   map[string]string
	edit     string // the message of the edit; "" if there is none
	lead     string // who it has to be: a known customer's address, or the lead's
}

// enquiries are n submissions: of ten, six from a new person each, one from somebody who has asked before, one that is
// edited, and two from known customers who give their address in capitals, only their telephone number in another
// writing, or only name and company in another writing.
func enquiries(n int) []enquiry {
	known := []struct {
		address string
		fields  map[string]string
	}{
		{"tanaka@client.example", map[string]string{"email": "TANAKA@Client.example", "name": "田中"}},
		{"hanako@suzuki.example", map[string]string{"name": "鈴木", "phone": "+81 6 6123 4567"}},
		{"ken@takahashi.example", map[string]string{"name": "高橋健", "company": "高橋設計(同)"}},
	}
	var list []enquiry
	for i := range n {
		e := enquiry{response: fmt.Sprintf("r%06d", i)}
		who := i
		switch i % 10 {
		case 6:
			who = i - 6 // has asked before, or will: the order is that of the network
		case 7:
			e.edit = fmt.Sprintf("edited message %d", i)
		case 8, 9:
			k := known[(i/10+i)%len(known)]
			e.lead, e.fields = k.address, maps.Clone(k.fields)
		}
		if e.fields == nil {
			e.lead = fmt.Sprintf("person%d@new%d.example", who, who/3)
			e.fields = map[string]string{"email": e.lead, "name": fmt.Sprintf("新規 %d", who), "company": fmt.Sprintf("新規商会%d", who/3)}
		}
		e.fields["description"], e.fields["_response_id"] = fmt.Sprintf("message %d", i), e.response
		list = append(list, e)
	}
	return list
}

// TestEnquiries posts from fifty clients while the daemon is killed three times and started again.
func TestEnquiries(t *testing.T) {
	t.Parallel()
	count := 2_000
	if os.Getenv("TSUNAGU_SOAK") != "" {
		count = 10_000
	}
	s := formsSite(t, "")
	path := filepath.Join(s.dir, "people.csv")
	if err := os.WriteFile(path, []byte(knownPeople), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must("import", "people", path, "--kind", "contacts")
	d := s.start()
	d.ready()
	url := d.url() + "/forms/contact"

	list := enquiries(count)
	var posted atomic.Int64
	var clients sync.WaitGroup
	for c := range 50 {
		clients.Go(func() {
			for i := c; i < len(list); i += 50 {
				postUntilTaken(t, url, list[i].fields)
				if list[i].edit != "" {
					list[i].fields["description"] = list[i].edit
					postUntilTaken(t, url, list[i].fields)
				}
				posted.Add(1)
			}
		})
	}
	random := rand.New(rand.NewPCG(3, 1))
	for kill := range int64(3) {
		at := int64(count)*(kill+1)/5 + random.Int64N(int64(count)/10)
		eventually(t, 3*time.Minute, "enquiries before the next kill", func() bool { return posted.Load() >= at })
		_ = d.cmd.Process.Kill()
		<-d.done
		d.cmd = nil
		d = s.start()
	}
	clients.Wait()
	if t.Failed() {
		t.FailNow()
	}
	eventually(t, time.Minute, "the last enquiry becomes an activity", func() bool { return len(s.ledger()) >= count })
	checkEnquiries(t, s, list)
}

// postUntilTaken sends a submission as often as it takes, as a browser or another server would.
func postUntilTaken(t *testing.T, url string, fields map[string]string) {
	body, err := json.Marshal(fields)
	if err != nil {
		t.Error(err)
		return
	}
	for try := 0; ; try++ {
		response, err := http.Post(url, "application/json", bytes.NewReader(body))
		if err == nil {
			answer, _ := io.ReadAll(io.LimitReader(response.Body, 1000))
			response.Body.Close()
			if response.StatusCode/100 == 2 {
				return
			}
			if response.StatusCode < 500 {
				t.Errorf("post %s: %s: %s", body, response.Status, answer)
				return
			}
		}
		if try == 600 {
			t.Errorf("post %s: never taken: %v", body, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// checkEnquiries demands one activity for each enquiry, with the newest text and the right person, and no lead
// more or less.
func checkEnquiries(t *testing.T, s *site, list []enquiry) {
	t.Helper()
	addresses := make(map[string]string)
	leads := 0
	for _, what := range []string{"leads", "contacts"} {
		for _, p := range decodeLines[struct {
			ID     string
			Emails []string
		}](t, s.must("export", what)) {
			if len(p.Emails) > 0 {
				addresses[p.ID] = p.Emails[0]
			}
			if what == "leads" {
				leads++
			}
		}
	}
	texts, wantLeads := make(map[string][]exported), make(map[string]bool)
	for _, a := range s.activities() {
		if a.Kind != "form" {
			t.Errorf("an activity of kind %s: %s", a.Kind, a.Subject)
		}
		message, _, _ := strings.Cut(a.Text, "\n")
		texts[message] = append(texts[message], a)
	}
	wrong := 0
	for _, e := range list {
		if strings.Contains(e.lead, "@new") {
			wantLeads[e.lead] = true
		}
		found := texts[e.fields["description"]]
		if len(found) != 1 || !slices.ContainsFunc(found[0].People, func(p struct{ Kind, ID, Email, Role string }) bool { return addresses[p.ID] == e.lead }) {
			if wrong++; wrong <= 5 {
				t.Errorf("%s of %s: %d activities: %+v", e.fields["description"], e.lead, len(found), found)
			}
		}
		delete(texts, e.fields["description"])
	}
	if wrong > 0 || len(texts) > 0 {
		t.Errorf("%d enquiries are wrong, %d activities belong to none", wrong, len(texts))
	}
	if leads != len(wantLeads) {
		t.Errorf("%d leads, want %d", leads, len(wantLeads))
	}
	if rows := s.ledger(); len(rows) != len(list) {
		t.Errorf("%d ledger rows for %d enquiries", len(rows), len(list))
	}
}
