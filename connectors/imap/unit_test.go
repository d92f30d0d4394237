package imap

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
)

func TestConformance(t *testing.T) {
	s := newScript(t)
	s.boxes["送信済み"] = &box{validity: 9, next: 1}
	s.fill("INBOX", 30)
	s.boxes["Sent"] = &box{validity: 9, next: 1, attrs: `\Sent`}
	delete(s.boxes, "送信済み")
	s.fill("Sent", 12)
	settings := s.settings()
	settings.Folders = []string{"INBOX", `\Sent`}
	sourcetest.Run(t, func(t *testing.T) connectors.Source {
		src, err := settings.Open(t.Context(), connectors.Env{ID: "test", Limits: connectors.Limits{BatchItems: 7}})
		if err != nil {
			t.Fatal(err)
		}
		return src
	})
}

// TestBudgetAndGapGetOn has a budget that ends in a range whose front is not answered at first.
func TestBudgetAndGapGetOn(t *testing.T) {
	const n = 60
	s := newScript(t)
	s.fill("INBOX", n)
	s.mu.Lock()
	for i := range s.boxes["INBOX"].mails {
		m := &s.boxes["INBOX"].mails[i]
		m.body += strings.Repeat("x\r\n", 2000)
		m.structure = plainStructure(m.body)
	}
	s.answer = func(m mail, items string) (string, bool, bool) {
		return "", false, m.uid%7 == 4 && !strings.Contains(items, "PEEK[]")
	}
	s.mu.Unlock()
	src := openSource(t, s.settings(), connectors.Limits{BatchItems: 50, BatchBytes: 32 << 10})
	checkPlain(t, drain(t, src, "", 0), n)
}

func TestCheckNamesEveryMistake(t *testing.T) {
	valid := func() *Settings {
		s := Kind().NewSettings().(*Settings)
		s.Addr, s.Username, s.Password = "mail.example.co.jp:993", "sato", "secret"
		return s
	}
	cases := map[string]struct {
		change func(*Settings)
		want   []string
	}{
		"valid":                {func(*Settings) {}, nil},
		"empty":                {func(s *Settings) { *s = Settings{} }, []string{"addr", "tls", "username", "auth", "password", "folders", "since"}},
		"no port":              {func(s *Settings) { s.Addr = "mail.example.co.jp" }, []string{"addr"}},
		"port out of range":    {func(s *Settings) { s.Addr = "mail.example.co.jp:99999" }, []string{"addr"}},
		"none to the network":  {func(s *Settings) { s.TLS = tlsNone }, []string{"tls"}},
		"none to loopback":     {func(s *Settings) { s.TLS, s.Addr = tlsNone, "127.0.0.1:143" }, nil},
		"unknown words":        {func(s *Settings) { s.TLS, s.Auth = "ssl", "ntlm" }, []string{"tls", "auth"}},
		"folders":              {func(s *Settings) { s.Folders = []string{"", "A", "A", `\Inbox`} }, []string{"folders[0]", "folders[2]", "folders[3]"}},
		"since":                {func(s *Settings) { s.Since = "a while" }, []string{"since"}},
		"tokens without block": {func(s *Settings) { s.Auth, s.Password = authXOAuth2, "" }, []string{"oauth"}},
		"block is empty":       {func(s *Settings) { s.OAuth = &OAuth{} }, []string{"oauth.token_url", "oauth.client_id"}},
		"plain token endpoint": {func(s *Settings) { s.OAuth = &OAuth{TokenURL: "http://example.com/t", ClientID: "c"} }, []string{"oauth.token_url"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := valid()
			c.change(s)
			var got []string
			for _, p := range s.Check() {
				got = append(got, p.Path)
				if p.What == "" || p.Hint == "" {
					t.Errorf("%s: what %q, hint %q", p.Path, p.What, p.Hint)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFingerprint(t *testing.T) {
	a := &Settings{Addr: "a:1", Username: "u", Password: "p"}
	b := *a
	if a.Fingerprint() != b.Fingerprint() {
		t.Error("equal settings differ")
	}
	b.Password = "q"
	if a.Fingerprint() == b.Fingerprint() {
		t.Error("a new password is not noticed")
	}
}

func TestExternalID(t *testing.T) {
	cases := map[string]string{
		"INBOX":   "INBOX;UIDVALIDITY=1;UID=2",
		"送信済み":    "送信済み;UIDVALIDITY=1;UID=2",
		"a b;c%d": "a%20b%3Bc%25d;UIDVALIDITY=1;UID=2",
		"a\x00":   "a%00;UIDVALIDITY=1;UID=2",
	}
	for folder, want := range cases {
		if got := externalID(folder, 1, 2); got != want {
			t.Errorf("%q: got %q, want %q", folder, got, want)
		}
		if encoded, validity, uid, ok := parseID(want); !ok || encoded != folderID(folder) || validity != 1 || uid != 2 {
			t.Errorf("%q cannot be taken apart: %q %d %d %v", want, encoded, validity, uid, ok)
		}
	}
	if id := externalID(strings.Repeat("長", 2000), 1<<32-1, 1<<32-1); len(id) > 1000 {
		t.Errorf("id has %d bytes", len(id))
	}
}

func TestWidenedSinceReadsTheRest(t *testing.T) {
	src := &source{history: map[string]listing{}}
	read := place{Validity: 1, Next: 50, Since: 100, Done: 9, Total: 9}
	cases := map[string]struct {
		at    place
		since day
		want  place
	}{
		"same day":            {read, 100, read},
		"later, nothing left": {read, 120, read},
		"earlier":             {read, 40, place{Validity: 1, Next: 50, Since: 40, Before: 100, Below: 50}},
		"all":                 {read, 0, place{Validity: 1, Next: 50, Since: 0, Before: 100, Below: 50}},
		"earlier while reading": {place{Validity: 1, Next: 50, Since: 100, Below: 20}, 40,
			place{Validity: 1, Next: 50, Since: 40, Below: 50}},
		"later while reading": {place{Validity: 1, Next: 50, Since: 0, Below: 20}, 40,
			place{Validity: 1, Next: 50, Since: 40, Below: 20}},
	}
	for name, c := range cases {
		if diff := cmp.Diff(c.want, src.widen("INBOX", c.at, c.since)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestChoose(t *testing.T) {
	all := []folder{{name: "INBOX"}, {name: "Sent", attrs: nil}, {name: "Junk"}, {name: "営業"}, {name: "Trash"}}
	cases := map[string]struct {
		folders, exclude, want, missing []string
	}{
		"by use without the extension": {[]string{"inbox", `\Sent`}, nil, []string{"INBOX", "Sent"}, nil},
		"excluded":                     {[]string{"INBOX", "営業"}, []string{"営業"}, []string{"INBOX"}, nil},
		"missing":                      {[]string{"INBOX", "X", `\All`}, nil, []string{"INBOX"}, []string{"X", `\All`}},
		"junk only when named":         {[]string{`\Junk`}, nil, []string{"Junk"}, nil},
	}
	for name, c := range cases {
		got := (&Settings{Folders: c.folders, ExcludeFolders: c.exclude}).choose(all)
		if !slices.Equal(got.names, c.want) || !slices.Equal(got.missing, c.missing) {
			t.Errorf("%s: got %q, missing %q", name, got.names, got.missing)
		}
	}
}

func TestNetworkFaults(t *testing.T) {
	cases := map[string]struct {
		err  error
		kind connectors.Kind
		hint string
	}{
		"unknown host": {&net.DNSError{Name: "mail.example.invalid", IsNotFound: true, Err: "no such host"}, connectors.Retryable, "mail.example.invalid"},
		"no STARTTLS":  {errNoStartTLS, connectors.Permanent, "993"},
		"other":        {errors.New("odd"), connectors.Retryable, ""},
	}
	for name, c := range cases {
		f := connectors.Classify(networkFault("connect", "mail.example.invalid:993", c.err))
		if f.Kind != c.kind || !strings.Contains(f.Hint, c.hint) {
			t.Errorf("%s: %v, hint %q", name, f.Kind, f.Hint)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(`{"v":1,"folders":{"INBOX":{"val":1,"next":2}}}`)
	f.Add(`{"v":2}`)
	f.Fuzz(func(t *testing.T, text string) {
		pos, err := decode(connectors.Cursor(text))
		if err != nil {
			if connectors.Classify(err).Kind != connectors.CursorInvalid {
				t.Errorf("kind of %v", err)
			}
			return
		}
		again, err := pos.encode()
		if err != nil {
			t.Fatal(err)
		}
		if back, err := decode(again); err != nil || !samePlaces(pos, back) {
			t.Errorf("%q is not stable: %v", again, err)
		}
	})
}

func FuzzExternalID(f *testing.F) {
	f.Add("INBOX;UIDVALIDITY=1;UID=2")
	f.Fuzz(func(t *testing.T, id string) {
		if folder, validity, uid, ok := parseID(id); ok && uid == 0 {
			t.Errorf("%q gave %q %d %d", id, folder, validity, uid)
		}
		if made := externalID(id, 3, 4); id != "" {
			if folder, validity, uid, ok := parseID(made); !ok || folder != folderID(id) || validity != 3 || uid != 4 {
				t.Errorf("folder %q gives the id %q, which does not come apart", id, made)
			}
		}
	})
}

// feed is a connection that only gives bytes.
type feed struct {
	net.Conn
	rest []byte
}

func (c *feed) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func FuzzResponses(f *testing.F) {
	f.Add([]byte("* 1 FETCH (UID 3 BODYSTRUCTURE (\"text\" \"plain\" NIL NIL NIL \"7bit\" 3 1) BODY[HEADER]<0> {3}\r\na\r\n)\r\n* BYE\r\n"))
	f.Add([]byte("* LIST (\\Sent) \"/\" \"&kAFP4W4IMH8-\"\r\nF1 OK done\r\n"))
	f.Fuzz(func(_ *testing.T, wire []byte) {
		tap := newTap(&feed{rest: wire}, "")
		tap.listen(func(got fetched) {
			m := &message{uid: got.uid}
			m.merge(got)
			m.plan(1 << 10)
		})
		buf := make([]byte, 100)
		for {
			if _, err := tap.Read(buf); err != nil {
				return
			}
		}
	})
}

func TestFramerKeepsItsPlace(t *testing.T) {
	long := strings.Repeat("x", maxResponse)
	wire := "* 1 FETCH (X {5}\r\nab\r\nc Y {3+}\r\n)\r\n)\r\n" +
		"* 2 FETCH (Z \"" + long + "\" {4}\r\nabcd)\r\n" + "* OK end\r\n"
	fr := framer{conn: &feed{rest: []byte(wire)}, stall: func() time.Duration { return 0 }, busy: func() bool { return true }, ack: func() {}}
	var got []string
	for {
		frame, err := fr.next()
		if err != nil {
			break
		}
		got = append(got, string(frame.raw[:min(len(frame.raw), 8)]))
	}
	if diff := cmp.Diff([]string{"* 1 FETC", "* OK end"}, slices.DeleteFunc(got, func(s string) bool { return !strings.HasPrefix(s, "* 1") && !strings.HasPrefix(s, "* O") })); diff != "" || len(got) != 3 {
		t.Errorf("responses (-want +got), %d of 3:\n%s", len(got), diff)
	}
}
