package imap

import (
	"bytes"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// stallLimit is how long a server may stay silent while a command waits for it.
const stallLimit = 2 * time.Minute

// tap stands between the network and go-imap. Reading frames every response: FETCH answers and the ends of
// this package's own commands go to the reader of this package, what go-imap cannot take is dropped, and
// the rest passes through unchanged. go-imap's reading goroutine drives it; there is no other.
type tap struct {
	net.Conn
	frames framer
	mem    scratch // of the FETCH answer that is being read
	out    []byte  // a response, or the rest of one, on its way to go-imap
	active atomic.Int32
	bulk   atomic.Bool // messages are being read
	stall  time.Duration

	news   chan struct{} // holds one token when the selected folder may have grown
	grown  atomic.Bool   // the same, for who does not wait
	mu     sync.Mutex
	sink   func(fetched)         // gets FETCH answers; nil drops them
	ends   map[string]chan error // our own commands under way, by tag
	tags   int
	closed error  // why reading ended
	bye    string // the text of BYE, if the server said it
}

// newTap wraps conn. greeting, if not empty, is what go-imap reads first: after STARTTLS there is none.
func newTap(conn net.Conn, greeting string) *tap {
	t := &tap{Conn: conn, out: []byte(greeting), stall: stallLimit,
		news: make(chan struct{}, 1), ends: make(map[string]chan error)}
	t.frames = framer{conn: conn, stall: t.patience, busy: t.bulk.Load, ack: quickAcker(conn)}
	return t
}

// begin says that an answer is due; end takes it back. In between a silent server breaks the connection.
func (t *tap) begin() {
	t.active.Add(1)
	_ = t.Conn.SetReadDeadline(time.Now().Add(t.stall))
}

func (t *tap) end() {
	if t.active.Add(-1) == 0 {
		_ = t.Conn.SetReadDeadline(time.Time{})
	}
}

func (t *tap) patience() time.Duration {
	if t.active.Load() > 0 {
		return t.stall
	}
	return 0
}

// SetReadDeadline is go-imap's; its limits are replaced by begin and end.
func (t *tap) SetReadDeadline(time.Time) error { return nil }

// SetDeadline is refused likewise for reading.
func (t *tap) SetDeadline(at time.Time) error { return t.SetWriteDeadline(at) }

// Read gives go-imap the responses meant for it.
func (t *tap) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		fr, err := t.frames.next()
		if err == nil {
			err = t.route(fr)
		}
		if err != nil {
			t.fail(err)
			return 0, err
		}
	}
	n := copy(p, t.out)
	t.out = t.out[n:]
	if len(t.out) == 0 {
		t.out = nil
	}
	return n, nil
}

// fail ends all own commands with err.
func (t *tap) fail(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.bye != "" {
		err = fmt.Errorf("server said goodbye: %s: %w", t.bye, err)
	}
	if t.closed == nil {
		t.closed = lost{err}
	}
	for tag, end := range t.ends {
		end <- t.closed
		delete(t.ends, tag)
	}
	t.notify()
}

// Close closes the connection and ends all own commands, which nobody would read answers for any more.
func (t *tap) Close() error {
	err := t.Conn.Close()
	t.fail(net.ErrClosed)
	return err
}

// notify leaves a token for whoever waits for news.
func (t *tap) notify() {
	t.grown.Store(true)
	select {
	case t.news <- struct{}{}:
	default:
	}
}

// route decides what becomes of a response.
func (t *tap) route(fr frame) error {
	line := fr.raw
	switch {
	case bytes.HasPrefix(line, []byte("* ")):
		return t.untagged(fr)
	case bytes.HasPrefix(line, []byte("+")):
		return t.pass(fr)
	case line[0] == 'T':
		return t.pass(fr)
	case line[0] == 'F':
		t.tagged(line)
	}
	return nil // a blank line or noise
}

func (t *tap) pass(fr frame) error {
	if fr.oversize {
		return errOversized
	}
	if len(fr.raw) == 1 { // a bare line feed would hold go-imap up
		return nil
	}
	t.out = fr.whole()
	return nil
}

// untagged sorts a response that starts with "* ".
func (t *tap) untagged(fr frame) error {
	word, rest := nextWord(fr.raw[2:])
	if seq, err := strconv.ParseUint(word, 10, 32); err == nil && seq <= 1<<32-1 {
		kind, _ := nextWord(rest)
		switch kind {
		case "FETCH":
			t.deliver(fr)
			return nil
		case "EXISTS":
			t.notify()
			return t.pass(fr)
		case "EXPUNGE", "RECENT":
			return nil // nothing here counts messages
		}
		return nil
	}
	switch word {
	case "OK":
		if bytes.HasPrefix(bytes.ToUpper(rest[:min(len(rest), 20)]), []byte("[PERMANENTFLAGS")) {
			return nil
		}
		return t.pass(fr)
	case "BYE":
		t.mu.Lock()
		t.bye = strings.TrimSpace(string(rest[:min(len(rest), 300)]))
		t.mu.Unlock()
		return t.pass(fr)
	case "LIST":
		if !readableList(fr) {
			return nil
		}
		return t.pass(fr)
	case "PREAUTH", "NO", "BAD", "CAPABILITY", "ENABLED", "STATUS", "SEARCH", "ESEARCH":
		return t.pass(fr)
	}
	return nil // VANISHED, FLAGS and whatever else nobody asked for
}

// deliver hands a FETCH answer to the reader. One that makes no sense is dropped: its message is missed and
// asked for again in another way.
func (t *tap) deliver(fr frame) {
	t.mu.Lock()
	sink := t.sink
	t.mu.Unlock()
	if sink == nil {
		return
	}
	if f, err := parseFetch(fr, &t.mem); err == nil {
		sink(f)
	}
}

// tagged ends one of our own commands.
func (t *tap) tagged(line []byte) {
	tag, rest := nextWord(line)
	status, text := nextWord(rest)
	t.mu.Lock()
	end := t.ends[tag]
	delete(t.ends, tag)
	t.mu.Unlock()
	if end == nil {
		return
	}
	if status == "OK" {
		end <- nil
		return
	}
	end <- &refusal{status: status, text: strings.TrimSpace(string(text))}
}

// broken says whether the connection is known to be lost.
func (t *tap) broken() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed != nil
}

// reason is why the connection was lost; nil while it is not.
func (t *tap) reason() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// send writes commands and gives, for each, the channel that tells its end. The commands must not change
// anything; only FETCH goes this way.
func (t *tap) send(commands []string) ([]<-chan error, error) {
	ends := make([]<-chan error, len(commands))
	var out []byte
	t.mu.Lock()
	for i, command := range commands {
		end := make(chan error, 1)
		ends[i] = end
		if t.closed != nil {
			end <- t.closed
			continue
		}
		t.tags++
		tag := "F" + strconv.Itoa(t.tags)
		t.ends[tag] = end
		out = append(append(append(append(out, tag...), ' '), command...), "\r\n"...)
	}
	t.mu.Unlock()
	_ = t.SetWriteDeadline(time.Now().Add(t.stall))
	if _, err := t.Write(out); err != nil {
		return nil, lost{err}
	}
	return ends, nil
}

// listen directs FETCH answers to sink until it is called again; nil stops them.
func (t *tap) listen(sink func(fetched)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sink = sink
	t.bulk.Store(sink != nil)
}

// nextWord takes a word off, upper-case.
func nextWord(b []byte) (string, []byte) {
	end := bytes.IndexAny(b, " \r\n")
	if end < 0 {
		end = len(b)
	}
	word := strings.ToUpper(string(b[:end]))
	return word, bytes.TrimPrefix(b[end:], []byte(" "))
}

// lost marks an error that ends the connection.
type lost struct{ err error }

func (l lost) Error() string { return "connection lost: " + l.err.Error() }
func (l lost) Unwrap() error { return l.err }

// refusal is NO or BAD to a FETCH.
type refusal struct{ status, text string }

func (r *refusal) Error() string { return r.status + " " + r.text }
