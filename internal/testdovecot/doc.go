// Package testdovecot runs a real Dovecot for tests and benchmarks.
//
// Each server is a child process of its own, with its own configuration, certificate authority, users and
// mail in a short-named temporary directory, on loopback ports that were free a moment ago. It works for
// root and for an ordinary user alike: nothing is chrooted, no port is privileged, every Dovecot process
// runs as whoever runs the test, or as nobody if that is root. Start writes the configuration, starts the master process and returns once
// the IMAP greeting was read; at the test's end that very process is told to stop, by its id.
//
// Users are lines of a passwd-file that Dovecot re-reads whenever it changes, so AddUser works at any time.
// OAuth tokens are checked by a token introspection endpoint (RFC 7662) inside the test's process, so a test
// can let them expire. Mail comes in over LMTP (Deliver), by IMAP APPEND (Append) or, in bulk, as files of a
// Maildir (Fill).
//
// What has no method is done with Doveadm: a new UIDVALIDITY with
//
//	Doveadm("mailbox", "update", "--uid-validity", "777", "-u", user, "INBOX")
//
// a renamed folder with "mailbox rename", a moved mail with "move".
//
// Start is for tests and fails the test; StartBare is for everything else and returns errors.
package testdovecot
