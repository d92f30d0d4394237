package sample

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Password opens both mailboxes of the sample; they can be reached from this machine only.
const Password = "sample-mailbox"

// Mailbox is one rep's mailbox on the sample server.
type Mailbox struct {
	Username string // also the local part of the address
	Owner    string // address
}

// Mailboxes are those of the two reps.
func Mailboxes() []Mailbox {
	return []Mailbox{{"sato", "sato@example.co.jp"}, {"suzuki", "suzuki@example.co.jp"}}
}

// The folders of each mailbox. Private is not to be read.
const (
	inbox   = "INBOX"
	sent    = "送信済み"
	Private = "プライベート"
)

// Server is a mail server on the loopback interface that holds the story.
type Server struct {
	Addr string // host:port; IMAP without TLS

	imap  *imapserver.Server
	users map[string]*imapmemserver.User
	live  []letter
	zone  *time.Location

	mu     sync.Mutex
	next   int
	ids    map[string]string   // letter id → Message-ID
	chains map[string][]string // Message-ID → what it refers to, itself included
}

// Start fills the mailboxes and begins to serve them. Close ends it. Generation counts the starts on the same
// data, from 0: mail that arrived in an earlier one is gone, so the folders get a new UIDVALIDITY (RFC 3501
// section 2.3.1.1).
func Start(now time.Time, zone *time.Location, generation int) (*Server, error) {
	now = now.In(zone)
	p, err := parse(story, now)
	if err != nil {
		return nil, err
	}
	s := &Server{users: map[string]*imapmemserver.User{}, live: p.live, zone: zone, ids: map[string]string{}, chains: map[string][]string{}}
	memory := imapmemserver.New()
	for _, m := range Mailboxes() {
		user := imapmemserver.NewUser(m.Username, Password)
		for range generation * 3 {
			if err := errors.Join(user.Create("earlier", nil), user.Delete("earlier")); err != nil {
				return nil, fmt.Errorf("count folders: %w", err)
			}
		}
		for _, folder := range []string{inbox, sent, Private} {
			var options *imap.CreateOptions
			if folder == sent {
				options = &imap.CreateOptions{SpecialUse: []imap.MailboxAttr{imap.MailboxAttrSent}}
			}
			if err := user.Create(folder, options); err != nil {
				return nil, fmt.Errorf("create folder %s: %w", folder, err)
			}
		}
		s.users[m.Owner] = user
		memory.AddUser(user)
	}
	letters := slices.Concat(p.past, bulk(now))
	slices.SortStableFunc(letters, func(a, b letter) int { return a.sent.Compare(b.sent) })
	for i, l := range letters {
		if err := s.deliver(l, fmt.Sprintf("story-%d", i)); err != nil {
			return nil, err
		}
	}
	return s, s.serve(memory)
}

func (s *Server) serve(memory *imapmemserver.Server) error {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return fmt.Errorf("start sample mail server: %w", err)
	}
	s.Addr = listener.Addr().String()
	s.imap = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return memory.NewSession(), nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapIdle: {}},
		Logger:       log.New(io.Discard, "", 0),
		InsecureAuth: true, // the loopback interface
	})
	go func() { _ = s.imap.Serve(listener) }() // it ends with Close
	return nil
}

// Close stops the server.
func (s *Server) Close() error { return s.imap.Close() }

// Arrive delivers the next mail of the story's end, beginning anew after the last, and gives its subject.
func (s *Server) Arrive(ctx context.Context, now time.Time) (string, error) {
	if len(s.live) == 0 {
		return "", errors.New("the story has no end")
	}
	s.mu.Lock()
	l := s.live[s.next%len(s.live)]
	round := s.next / len(s.live)
	s.next++
	s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	l.sent = now.In(s.zone)
	if round > 0 {
		l.subject = fmt.Sprintf("%s (%d)", l.subject, round+1)
	}
	return l.subject, s.deliver(l, fmt.Sprintf("live-%d", now.UnixNano()))
}

// deliver puts a letter into the mailbox of each rep who is on it: what a rep sent into Sent.
func (s *Server) deliver(l letter, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	id += l.from.Address[strings.IndexByte(l.from.Address, '@'):]
	references := s.chains[s.ids[l.reply]]
	if l.reply == "" {
		references = nil
	}
	raw, err := l.write(id, references)
	if err != nil {
		return err
	}
	s.ids[l.id] = id
	s.chains[id] = append(slices.Clone(references), id)
	for owner, user := range s.users {
		folder := l.folderOf(owner)
		if folder == "" {
			continue
		}
		_, err := user.Append(folder, literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: l.sent})
		if err != nil {
			return fmt.Errorf("deliver %q: %w", l.subject, err)
		}
	}
	return nil
}

// folderOf is where the letter lies in an owner's mailbox; "" if it does not.
func (l letter) folderOf(owner string) string {
	if l.from.Address == owner {
		return sent
	}
	for _, a := range append(slices.Clone(l.to), l.cc...) {
		if a.Address == owner {
			if l.folder != "" {
				return l.folder
			}
			return inbox
		}
	}
	return ""
}

// literal is a message of known length.
type literal struct{ *bytes.Reader }

// Size is the length in bytes.
func (l literal) Size() int64 { return l.Reader.Size() }
