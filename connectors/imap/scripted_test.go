package imap

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// script is an IMAP server of a few folders that does hostile things on cue.
type script struct {
	t        *testing.T
	listener net.Listener
	mu       sync.Mutex
	caps     string
	boxes    map[string]*box
	log      []string // every command line without its tag
	signIns  int

	// answer, if set, may replace the answer to a FETCH for one message. cut closes the connection after it.
	answer func(m mail, items string) (text string, cut, replaced bool)
	// before, if set, may answer a command itself.
	before func(w io.Writer, tag, command string) (handled bool)
	// limit, if set, is after how many bytes the next connection is cut; below 0 never.
	limit func() int
	// extra goes out in the middle of every FETCH.
	extra string
	idle  chan string // lines sent during IDLE
}

// box is a folder.
type box struct {
	validity, next uint32
	mails          []mail
	attrs          string
	hidden         uint32 // messages with UIDs from here on are announced but not found by a search; 0: none
}

// mail is a message of one text part, unless structure says otherwise.
type mail struct {
	uid       uint32
	header    string
	body      string
	structure string
	flags     string
}

func newScript(t *testing.T) *script {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, listener: listener, caps: "IMAP4rev1 SASL-IR AUTH=PLAIN IDLE ESEARCH SPECIAL-USE LIST-EXTENDED",
		boxes: map[string]*box{"INBOX": {validity: 7, next: 1}}, idle: make(chan string, 8)}
	var serving sync.WaitGroup
	var conns sync.Map
	t.Cleanup(func() {
		listener.Close()
		conns.Range(func(c, _ any) bool { c.(net.Conn).Close(); return true })
		serving.Wait()
	})
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns.Store(conn, true)
			limit := -1
			s.mu.Lock()
			if s.limit != nil {
				limit = s.limit()
			}
			s.mu.Unlock()
			serving.Go(func() { s.serve(&cutter{Conn: conn, left: limit}) })
		}
	})
	return s
}

// fill puts n plain messages into a folder.
func (s *script) fill(folder string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.boxes[folder]
	for range n {
		b.add(fmt.Sprintf("text of message %d in %s\r\n", b.next, folder))
	}
}

func (b *box) add(body string) {
	uid := b.next
	b.next++
	b.mails = append(b.mails, mail{uid: uid, body: body, structure: plainStructure(body), flags: `\Seen`,
		header: fmt.Sprintf("Message-ID: <%d.%d@example.com>\r\nFrom: a@example.com\r\nTo: b@example.org\r\nSubject: number %d\r\nDate: Sat, 21 Nov 2026 10:00:00 +0900\r\n\r\n", b.validity, uid, uid)})
}

func plainStructure(body string) string {
	return fmt.Sprintf(`("text" "plain" ("charset" "utf-8") NIL NIL "8bit" %d 1 NIL NIL NIL NIL)`, len(body))
}

func (s *script) settings() *Settings {
	settings := Kind().NewSettings().(*Settings)
	settings.Addr, settings.TLS, settings.Username, settings.Password, settings.Since = s.listener.Addr().String(), tlsNone, "u", "p", "all"
	settings.Folders = []string{"INBOX"}
	return settings
}

// cutter breaks a connection after some bytes.
type cutter struct {
	net.Conn
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	if c.left < 0 {
		return c.Conn.Write(p)
	}
	n := min(len(p), c.left)
	c.left -= n
	if n > 0 {
		if _, err := c.Conn.Write(p[:n]); err != nil {
			return 0, err
		}
	}
	if n < len(p) {
		c.Close()
		return n, io.ErrClosedPipe
	}
	return n, nil
}

// serve speaks with one client.
func (s *script) serve(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewReader(conn)
	fmt.Fprintf(conn, "* OK ready\r\n")
	var open *box
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		tag, command, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		s.mu.Lock()
		s.log = append(s.log, command)
		before := s.before
		s.mu.Unlock()
		if before != nil && before(conn, tag, command) {
			continue
		}
		if strings.ToUpper(command) == "IDLE" {
			if !s.serveIdle(conn, lines, tag) {
				return
			}
			continue
		}
		if !s.handle(conn, &open, tag, command) {
			return
		}
	}
}

func (s *script) serveIdle(conn net.Conn, lines *bufio.Reader, tag string) bool {
	fmt.Fprintf(conn, "+ idling\r\n")
	done := make(chan error, 1)
	go func() { _, err := lines.ReadString('\n'); done <- err }()
	for {
		select {
		case line := <-s.idle:
			fmt.Fprintf(conn, "%s\r\n", line)
		case err := <-done:
			fmt.Fprintf(conn, "%s OK idle done\r\n", tag)
			return err == nil
		}
	}
}

func (s *script) handle(conn net.Conn, open **box, tag, command string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	words := strings.Fields(command)
	switch verb := strings.ToUpper(words[0]); {
	case verb == "CAPABILITY":
		fmt.Fprintf(conn, "* CAPABILITY %s\r\n", s.caps)
	case verb == "AUTHENTICATE" || verb == "LOGIN":
		s.signIns++
	case verb == "LIST":
		for name, b := range s.boxes {
			fmt.Fprintf(conn, "* LIST (%s) \"/\" %s\r\n", b.attrs, quote(name))
		}
	case verb == "STATUS":
		b := s.boxes[unquote(words[1])]
		if b == nil {
			fmt.Fprintf(conn, "%s NO [NONEXISTENT] no such folder\r\n", tag)
			return true
		}
		fmt.Fprintf(conn, "* STATUS %s (MESSAGES %d UIDNEXT %d UIDVALIDITY %d)\r\n", words[1], len(b.mails), b.next, b.validity)
	case verb == "EXAMINE":
		b := s.boxes[unquote(words[1])]
		if b == nil {
			fmt.Fprintf(conn, "%s NO [NONEXISTENT] no such folder\r\n", tag)
			return true
		}
		*open = b
		fmt.Fprintf(conn, "* %d EXISTS\r\n* OK [UIDVALIDITY %d] fine\r\n* OK [UIDNEXT %d] fine\r\n", len(b.mails), b.validity, b.next)
		fmt.Fprintf(conn, "%s OK [READ-ONLY] done\r\n", tag)
		return true
	case verb == "UID" && strings.ToUpper(words[1]) == "SEARCH":
		s.search(conn, *open, tag, command)
	case verb == "UID" && strings.ToUpper(words[1]) == "FETCH":
		if !s.fetch(conn, *open, words[2], command) {
			conn.Close()
			return false
		}
	case verb == "LOGOUT":
		fmt.Fprintf(conn, "* BYE\r\n%s OK bye\r\n", tag)
		return false
	case verb == "NOOP":
	default:
		fmt.Fprintf(conn, "%s BAD unknown command\r\n", tag)
		return true
	}
	fmt.Fprintf(conn, "%s OK done\r\n", tag)
	return true
}

func quote(name string) string   { return `"` + name + `"` }
func unquote(word string) string { return strings.Trim(word, `"`) }

func (s *script) search(conn net.Conn, open *box, tag, command string) {
	set := "1:*"
	if m := regexp.MustCompile(`\bUID ([0-9:,*]+)( |$)`).FindStringSubmatch(strings.TrimPrefix(command, "UID SEARCH")); m != nil {
		set = m[1]
	}
	var found []string
	for _, m := range open.mails {
		if inSet(set, m.uid, open.last()) && (open.hidden == 0 || m.uid < open.hidden) {
			found = append(found, strconv.Itoa(int(m.uid)))
		}
	}
	if strings.Contains(command, "RETURN") {
		if len(found) == 0 {
			fmt.Fprintf(conn, "* ESEARCH (TAG \"%s\") UID\r\n", tag)
		} else {
			fmt.Fprintf(conn, "* ESEARCH (TAG \"%s\") UID ALL %s\r\n", tag, strings.Join(found, ","))
		}
		return
	}
	fmt.Fprintf(conn, "* SEARCH %s\r\n", strings.Join(found, " "))
}

func (b *box) last() uint32 {
	if len(b.mails) == 0 {
		return 0
	}
	return b.mails[len(b.mails)-1].uid
}

// inSet has the quirk of RFC 3501: "n:*" always means the last message too.
func inSet(set string, uid, last uint32) bool {
	for _, piece := range strings.Split(set, ",") {
		from, to, isRange := strings.Cut(piece, ":")
		number := func(s string) uint32 {
			if s == "*" {
				return last
			}
			n, _ := strconv.ParseUint(s, 10, 32)
			return uint32(n)
		}
		a := number(from)
		b := a
		if isRange {
			b = number(to)
		}
		if uid >= min(a, b) && uid <= max(a, b) {
			return true
		}
	}
	return false
}

// fetch answers a FETCH; false if the connection is to be cut.
func (s *script) fetch(w io.Writer, open *box, set, command string) bool {
	_, items, _ := strings.Cut(command, " (")
	items = strings.TrimSuffix(items, ")")
	for i, m := range open.mails {
		if !inSet(set, m.uid, open.last()) {
			continue
		}
		if s.answer != nil {
			text, cut, replaced := s.answer(m, items)
			if replaced {
				io.WriteString(w, text)
				if cut {
					return false
				}
				continue
			}
		}
		fmt.Fprintf(w, "* %d FETCH (%s)\r\n", i+1, strings.Join(answerItems(m, items), " "))
		io.WriteString(w, s.extra)
	}
	return true
}

// answerItems gives what is asked for, in the order asked.
func answerItems(m mail, items string) []string {
	out := []string{fmt.Sprintf("UID %d", m.uid)}
	if strings.Contains(items, "RFC822.SIZE") {
		out = append(out, fmt.Sprintf("RFC822.SIZE %d", len(m.header)+len(m.body)),
			`INTERNALDATE "21-Nov-2026 01:00:00 +0000"`, "FLAGS ("+m.flags+")")
	}
	if strings.Contains(items, "BODYSTRUCTURE") {
		out = append(out, "BODYSTRUCTURE "+m.structure)
	}
	for _, match := range regexp.MustCompile(`BODY\.PEEK\[([^\]]*)\]<0\.(\d+)>`).FindAllStringSubmatch(items, -1) {
		content := map[string]string{"HEADER": m.header, "": m.header + m.body}[match[1]]
		if match[1] != "HEADER" && match[1] != "" {
			content = m.body
		}
		limit, _ := strconv.Atoi(match[2])
		content = content[:min(len(content), limit)]
		out = append(out, fmt.Sprintf("BODY[%s]<0> {%d}\r\n%s", match[1], len(content), content))
	}
	return out
}

// commands lists the verbs the server has seen, without arguments.
func (s *script) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var verbs []string
	for _, line := range s.log {
		words := strings.Fields(strings.ToUpper(line))
		if len(words) > 1 && words[0] == "UID" {
			words[0] += " " + words[1]
		}
		if len(words) > 0 && !slices.Contains(verbs, words[0]) {
			verbs = append(verbs, words[0])
		}
	}
	slices.Sort(verbs)
	return verbs
}
