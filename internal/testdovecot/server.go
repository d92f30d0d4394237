package testdovecot

import (
	"iter"
	"testing"
	"time"
)

// Server is a Bare for tests: what fails, fails the test.
type Server struct {
	*Bare
	tb testing.TB
}

// Start starts a server that lives as long as the test. If the test fails, the end of Dovecot's log is shown.
func Start(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	b, err := StartBare("", opts...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			log := b.Log()
			tb.Logf("dovecot's log:\n%s", log[max(0, len(log)-8000):])
		}
		if err := b.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &Server{Bare: b, tb: tb}
}

// AddUser adds an account; see Bare.AddUser.
func (s *Server) AddUser(name, password string) {
	s.tb.Helper()
	s.check(s.Bare.AddUser(name, password))
}

// ChangePassword gives an account another password. Whoever is signed in stays so until Restart.
func (s *Server) ChangePassword(name, password string) {
	s.tb.Helper()
	s.check(s.Bare.ChangePassword(name, password))
}

// Deliver hands a message to the user's INBOX over LMTP; see Bare.Deliver.
func (s *Server) Deliver(name string, raw []byte) {
	s.tb.Helper()
	s.check(s.Bare.Deliver(name, raw))
}

// Append puts a message into a folder by IMAP APPEND; see Bare.Append.
func (s *Server) Append(name, folder string, raw []byte, date time.Time, flags ...string) {
	s.tb.Helper()
	s.check(s.Bare.Append(name, folder, raw, date, flags...))
}

// Fill writes messages straight into a folder's Maildir and gives their number; see Bare.Fill.
func (s *Server) Fill(name, folder string, messages iter.Seq[Message]) int {
	s.tb.Helper()
	n, err := s.Bare.Fill(name, folder, messages)
	s.check(err)
	return n
}

// Doveadm runs doveadm on this server and gives its standard output; see Bare.Doveadm.
func (s *Server) Doveadm(args ...string) string {
	s.tb.Helper()
	out, err := s.Bare.Doveadm(args...)
	s.check(err)
	return out
}

// Stop ends the server and every connection to it.
func (s *Server) Stop() {
	s.tb.Helper()
	s.check(s.Bare.Stop())
}

// Restart stops the server if it runs, and starts it again on the same ports with the same mail.
func (s *Server) Restart() {
	s.tb.Helper()
	s.check(s.Bare.Restart())
}

func (s *Server) check(err error) {
	s.tb.Helper()
	if err != nil {
		s.tb.Fatal(err)
	}
}
