package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// idleServer is an IMAP server in this process, so that it knows to the microsecond when it told of a mail.
type idleServer struct {
	listener net.Listener
	server   *imapserver.Server
	users    []*imapmemserver.User
	idling   atomic.Int64
}

// countingSession counts who is in IDLE. It hides MOVE and the like, which nobody needs here.
type countingSession struct {
	imapserver.Session
	idling *atomic.Int64
}

func (s countingSession) Idle(w *imapserver.UpdateWriter, stop <-chan struct{}) error {
	s.idling.Add(1)
	defer s.idling.Add(-1)
	return s.Session.Idle(w, stop)
}

func idleUser(i int) string { return fmt.Sprintf("user%d@example.co.jp", i) }

func newIdleServer(users int) (*idleServer, error) {
	memory := imapmemserver.New()
	s := &idleServer{}
	for i := range users {
		user := imapmemserver.NewUser(idleUser(i), userPassword)
		if err := user.Create("INBOX", nil); err != nil {
			return nil, fmt.Errorf("make mailbox: %w", err)
		}
		memory.AddUser(user)
		s.users = append(s.users, user)
	}
	listener, err := net.ListenTCP("tcp", loopback())
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s.listener = listener
	s.server = imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return countingSession{memory.NewSession(), &s.idling}, nil, nil
		},
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}, imap.CapIdle: {}},
		InsecureAuth: true,
		Logger:       log.New(io.Discard, "", 0),
	})
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

func (s *idleServer) addr() string { return s.listener.Addr().String() }

func (s *idleServer) deliver(user int, raw []byte) error {
	_, err := s.users[user].Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Time: time.Now()})
	if err != nil {
		return fmt.Errorf("deliver mail: %w", err)
	}
	return nil
}

func (s *idleServer) close() { _ = s.server.Close() }

// literal is a reader that knows its size.
type literal struct{ *bytes.Reader }

func (l literal) Size() int64 { return l.Reader.Size() }
