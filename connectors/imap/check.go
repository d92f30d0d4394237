package imap

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Check finds every mistake at once.
func (s *Settings) Check() []connectors.Problem {
	var c checker
	host := c.addr(s.Addr)
	c.oneOf("tls", s.TLS, tlsImplicit, tlsStart, tlsNone)
	if s.TLS == tlsNone && host != "" && !loopback(host) {
		c.add("tls", "an unprotected connection is refused except to this machine", "write implicit (port 993) or starttls (port 143)")
	}
	if s.Username == "" {
		c.add("username", "the user name is missing", "write the mailbox's user name, often the full address")
	}
	c.oneOf("auth", s.Auth, authAuto, authLogin, authPlain, authXOAuth2, authOAuthBearer)
	s.checkSecret(&c)
	if len(s.Folders) == 0 {
		c.add("folders", "no folder is named", `write [INBOX, '\Sent'] or leave the setting out`)
	}
	c.folders("folders", s.Folders)
	c.folders("exclude_folders", s.ExcludeFolders)
	if _, err := sinceDay(s.Since, time.Now()); err != nil {
		c.add("since", err.Error(), "write a number of days such as 90d, a date such as 2026-01-31, or all")
	}
	return c.problems
}

// checkSecret checks what the way of signing in needs.
func (s *Settings) checkSecret(c *checker) {
	byToken := s.Auth == authXOAuth2 || s.Auth == authOAuthBearer
	switch {
	case byToken && s.OAuth == nil:
		c.add("oauth", "auth: "+s.Auth+" needs this block", "write provider, client_id and client_secret, and sign the mailbox in with `tsunagu connect imap`")
	case byToken && s.Password != "":
		c.add("password", "auth: "+s.Auth+" does not use a password", "take the password out")
	case (s.Auth == authLogin || s.Auth == authPlain) && s.OAuth != nil:
		c.add("oauth", "auth: "+s.Auth+" does not use tokens", "write auth: xoauth2 or take the block out")
	case s.OAuth == nil && s.Password == "":
		c.add("password", "the password is missing", `write "${NAME}" and put the password into that environment variable`)
	}
	if s.OAuth == nil {
		return
	}
	c.oauth(s.OAuth)
}

// checker collects problems.
type checker struct{ problems []connectors.Problem }

func (c *checker) add(path, what, hint string) {
	c.problems = append(c.problems, connectors.Problem{Path: path, What: what, Hint: hint})
}

// addr checks host:port and gives the host, or "" if it is unusable.
func (c *checker) addr(addr string) string {
	if addr == "" {
		c.add("addr", "the server's address is missing", `write "mail.example.co.jp:993"`)
		return ""
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" {
		c.add("addr", fmt.Sprintf("%q is not host:port", addr), `write "mail.example.co.jp:993"`)
		return ""
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		c.add("addr", fmt.Sprintf("%q is not a port number", port), "993 is usual for tls: implicit, 143 for starttls")
	}
	return host
}

func (c *checker) oneOf(path, got string, allowed ...string) {
	if !slices.Contains(allowed, got) {
		c.add(path, fmt.Sprintf("%q is not known", got), "write one of "+strings.Join(allowed, ", "))
	}
}

func (c *checker) folders(path string, names []string) {
	for i, name := range names {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case strings.TrimSpace(name) == "" || strings.ContainsAny(name, "\r\n\x00"):
			c.add(at, "this is not a folder name", `write a name as your mail program shows it, or a special use such as \Sent`)
		case strings.HasPrefix(name, `\`) && !knownUse(name):
			c.add(at, fmt.Sprintf("%q is not a special use", name), `write one of \Sent, \Archive, \All, \Drafts, \Junk, \Trash, \Flagged, \Important`)
		case slices.Index(names, name) < i:
			c.add(at, fmt.Sprintf("%q is named twice", name), "take one out")
		}
	}
}

// loopback says whether host names this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
