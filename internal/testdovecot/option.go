package testdovecot

import "time"

// Option changes how a server is set up.
type Option func(*settings)

type settings struct {
	certName    string    // a DNS name instead of the server's real names; "" for the real ones
	certEnd     time.Time // when the certificate ends; zero for tomorrow
	connections int       // how many IMAP connections are held at once
	extra       string    // further configuration lines
}

// WithCertificateName makes the server's certificate valid for this DNS name only, not for the loopback
// address that clients connect to.
func WithCertificateName(name string) Option {
	return func(s *settings) { s.certName = name }
}

// WithExpiredCertificate makes the server's certificate one that ended an hour ago.
func WithExpiredCertificate() Option {
	return func(s *settings) { s.certEnd = time.Now().Add(-time.Hour) }
}

// WithConnections raises the limits so that n IMAP connections can be open at once; without it a few
// hundred can.
func WithConnections(n int) Option {
	return func(s *settings) { s.connections = n }
}

// WithConfig adds lines to the end of Dovecot's configuration, where they override what stands before:
// "imap_capability = IMAP4rev1 IDLE" hides every other capability.
func WithConfig(lines string) Option {
	return func(s *settings) { s.extra += lines + "\n" }
}
