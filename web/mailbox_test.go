package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// fakeMailboxes writes down what it is asked for.
type fakeMailboxes struct {
	did     []string
	last    Mailbox
	trouble error
	choices map[string]SourceChoice
}

func (m *fakeMailboxes) note(words ...string) error {
	if m.trouble == nil {
		m.did = append(m.did, strings.Join(words, " "))
	}
	return m.trouble
}

func (m *fakeMailboxes) Test(_ context.Context, box Mailbox) (MailboxReport, error) {
	m.last = box
	return MailboxReport{Items: 42, Lines: []string{"Folder <INBOX>: 42."}}, m.note("test", box.Server)
}

func (m *fakeMailboxes) Connect(_ context.Context, actor string, box Mailbox) (string, error) {
	m.last = box
	return "imap-at-1", m.note("connect", actor, box.Server)
}

func (m *fakeMailboxes) Repair(_ context.Context, actor, source, password string) error {
	return m.note("repair", actor, source, password)
}

func (m *fakeMailboxes) Choices(context.Context) (map[string]SourceChoice, error) {
	return m.choices, nil
}

func (m *fakeMailboxes) Pause(_ context.Context, actor, source string, paused bool) error {
	word := "resume"
	if paused {
		word = "pause"
	}
	return m.note(word, actor, source)
}

func (m *fakeMailboxes) ChooseFolders(_ context.Context, actor, source string, read, leave []string) error {
	return m.note("folders", actor, source, strings.Join(read, "+"), strings.Join(leave, "+"))
}

func (m *fakeMailboxes) Disconnect(_ context.Context, actor, source string, forget bool) error {
	if forget {
		return m.note("forget", actor, source)
	}
	return m.note("disconnect", actor, source)
}

func withMailboxes(t *testing.T) (*fixture, *fakeMailboxes) {
	m := &fakeMailboxes{choices: map[string]SourceChoice{
		"sato-mail": {Own: true, Password: true, Folders: true, Labels: true, Username: "sato", Read: []string{"INBOX"}},
	}}
	return newFixture(t, func(c *Config) { c.Mailboxes = m }), m
}

func TestMailboxIsConnected(t *testing.T) {
	f, m := withMailboxes(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/connections")
	wantIn(t, page, "/connections/new?kind=imap", "/connections/new?kind=caldav", `id="sato-mail"`)
	wantOut(t, page, `id="suzuki-mail"`)
	_, page = b.get(t, "/connections/new?kind=caldav")
	wantIn(t, page, "カレンダーサーバーのアドレス")
	fields := []string{"kind", "imap", "server", "mail.example.co.jp", "username", "sato", "password", "geheim", "since", "90d"}
	_, page = b.post(t, "/connections/new", append(fields, "test", "1")...)
	wantIn(t, page, "読み取る対象は42件です", "Folder &lt;INBOX&gt;", `value="mail.example.co.jp"`)
	wantOut(t, page, "geheim")
	if m.last.Owner != "sato@example.co.jp" || m.last.Any {
		t.Errorf("tested %+v", m.last)
	}
	m.trouble = &MailboxTrouble{TroubleSignIn, "NO [AUTHENTICATIONFAILED] <b>"}
	code, page := b.post(t, "/connections/new", fields...)
	if code != http.StatusUnprocessableEntity {
		t.Errorf("refused: %d", code)
	}
	wantIn(t, page, "ユーザー名またはパスワードが受け付けられませんでした", "&lt;b&gt;")
	wantOut(t, page, "geheim")
	m.trouble = nil
	_, page = b.post(t, "/connections/new", fields...)
	wantIn(t, page, "つながりました")
	for name, bad := range map[string][]string{
		"no server": {"kind", "imap", "server", " ", "username", "x", "password", "x", "since", "90d"},
		"no secret": {"kind", "imap", "server", "x", "username", "x", "password", "", "since", "90d"},
	} {
		if code, _ := b.post(t, "/connections/new", bad...); code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", name, code)
		}
	}
	if code, _ := b.post(t, "/connections/new", "kind", "pop3"); code != http.StatusBadRequest {
		t.Errorf("another kind: %d", code)
	}
	if code, _ := newFixture(t).signedIn(t, "sato@example.co.jp").get(t, "/connections/new"); code != http.StatusNotFound {
		t.Errorf("where none can be connected: %d", code)
	}
}

func TestSourceIsChanged(t *testing.T) {
	f, m := withMailboxes(t)
	b := f.signedIn(t, "sato@example.co.jp")
	_, page := b.get(t, "/sources/sato-mail?ask=1")
	wantIn(t, page, "フォルダーとラベル", ">INBOX</textarea>", "もう一度サインインする", "接続を解除しますか")
	b.post(t, "/sources/sato-mail/pause")
	b.post(t, "/sources/sato-mail/resume", "from", "connections")
	b.post(t, "/sources/sato-mail/folders", "read", "INBOX\n\n 送信済み \nINBOX", "leave", "私用")
	b.post(t, "/sources/sato-mail/password", "password", "new")
	b.post(t, "/sources/sato-mail/disconnect")
	b.post(t, "/sources/sato-mail/disconnect", "forget", "1")
	want := []string{"pause sato@example.co.jp sato-mail", "resume sato@example.co.jp sato-mail", "folders sato@example.co.jp sato-mail INBOX+送信済み 私用",
		"repair sato@example.co.jp sato-mail new", "disconnect sato@example.co.jp sato-mail", "forget sato@example.co.jp sato-mail"}
	if !slices.Equal(m.did, want) {
		t.Errorf("did %q", m.did)
	}
	m.did = nil
	for _, path := range []string{"pause", "resume", "folders", "password", "disconnect"} {
		if code, _ := b.post(t, "/sources/suzuki-mail/"+path); code != http.StatusNotFound {
			t.Errorf("another's source, %s: %d", path, code)
		}
	}
	if code, _ := b.get(t, "/sources/suzuki-mail"); code != http.StatusNotFound || len(m.did) > 0 {
		t.Errorf("another's source: %d, %q", code, m.did)
	}
	it := f.signedIn(t, "it@example.co.jp")
	if code, _ := it.post(t, "/sources/sato-mail/pause"); code != http.StatusOK {
		t.Errorf("IT: %d", code)
	}
	m.choices["sato-mail"] = SourceChoice{Paused: true, Since: f.now}
	_, page = b.get(t, "/sources")
	wantIn(t, page, "一時停止中")
	wantOut(t, page, `id="suzuki-mail"`)
	m.trouble = &MailboxTrouble{TroubleCertificate, "x509: signed by unknown authority"}
	code, page := b.post(t, "/sources/sato-mail/password", "password", "new")
	if code != http.StatusUnprocessableEntity {
		t.Errorf("refused: %d", code)
	}
	wantIn(t, page, "サーバーの証明書を確認できません")
}

func TestTroubleIsSaidInPlainWords(t *testing.T) {
	f := newFixture(t)
	sp := f.server.speakers["en"]
	for text, want := range map[string]string{
		"dial tcp: lookup mail.example: no such host": TroubleUnknownHost, "read tcp: i/o timeout": TroubleTimeout, "x509: certificate has expired": TroubleCertificate,
		"dial tcp 10.0.0.1:993: connect: connection refused": TroubleRefused, "NO [AUTHENTICATIONFAILED] nope": TroubleSignIn, "moon is full": TroubleOther,
	} {
		src := crm.Source{State: crm.SourceRetrying, Error: text}
		if got := sp.troubleOf(&src); got != sp.text("trouble."+want) {
			t.Errorf("%s: %q", text, got)
		}
	}
	for _, code := range []string{TroubleSignIn, TroubleUnknownHost, TroubleRefused, TroubleTimeout, TroubleCertificate, TroubleSettings, TroublePort, TroubleInside,
		TroubleQuota, TroubleDisk, TroublePermission, TroubleOther} {
		if !sp.has("trouble." + code) {
			t.Errorf("no words for %s", code)
		}
	}
}
