package testdovecot

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf16"
)

// Message is one message for Fill.
type Message struct {
	Raw   []byte
	Date  time.Time // INTERNALDATE; zero means now
	Flags string    // Maildir letters in ASCII order: D draft, F flagged, R answered, S seen, T deleted
}

// MailDir is the user's Maildir: INBOX itself, with other folders as Maildir++ below it.
func (b *Bare) MailDir(name string) string { return b.layout.home(name) }

// FolderDir is the directory of a folder ("INBOX", "送信済み/お客様") in the user's Maildir, whether it
// exists or not.
func (b *Bare) FolderDir(name, folder string) string {
	if strings.EqualFold(folder, "INBOX") {
		return b.MailDir(name)
	}
	return filepath.Join(b.MailDir(name), "."+strings.ReplaceAll(encodeFolder(folder), "/", "."))
}

// Fill writes messages straight into a folder's Maildir, thousands in a second, and gives their number.
// Dovecot numbers them in the order given, the next time somebody opens the folder.
func (b *Bare) Fill(name, folder string, messages iter.Seq[Message]) (int, error) {
	dir := b.FolderDir(name, folder)
	for _, made := range []string{b.MailDir(name), dir, dir + "/cur", dir + "/new", dir + "/tmp"} {
		if err := b.account.makeDir(made); err != nil {
			return 0, fmt.Errorf("make folder: %w", err)
		}
	}
	if dir != b.MailDir(name) { // marks a Maildir++ subfolder
		if err := b.account.writeFile(filepath.Join(dir, "maildirfolder"), nil); err != nil {
			return 0, fmt.Errorf("make folder: %w", err)
		}
	}
	written := 0
	for m := range messages {
		path := filepath.Join(dir, "cur", b.fileName(m))
		if err := b.account.writeFile(path, m.Raw); err != nil {
			return written, fmt.Errorf("write message: %w", err)
		}
		if !m.Date.IsZero() {
			if err := os.Chtimes(path, m.Date, m.Date); err != nil {
				return written, fmt.Errorf("date message: %w", err)
			}
		}
		written++
	}
	return written, nil
}

// fileName is made so that Dovecot's order (by the number in front) is the order of writing, and so that
// it need not open the file to know its size (S=) and its size with CRLF (W=).
func (b *Bare) fileName(m Message) string {
	b.mu.Lock()
	b.delivered++
	n := b.delivered
	b.mu.Unlock()
	wire := len(m.Raw) + bytes.Count(m.Raw, []byte("\n")) - bytes.Count(m.Raw, []byte("\r\n"))
	return fmt.Sprintf("%d.M%dP1.localhost,S=%d,W=%d:2,%s", 1_500_000_000+n, n, len(m.Raw), wire, m.Flags)
}

// encodeFolder is IMAP's modified UTF-7 (RFC 3501, section 5.1.3), in which Dovecot names its directories.
func encodeFolder(name string) string {
	var out strings.Builder
	var pending []uint16
	flush := func() {
		if len(pending) == 0 {
			return
		}
		var raw []byte
		for _, u := range pending {
			raw = append(raw, byte(u>>8), byte(u))
		}
		text := base64.RawStdEncoding.EncodeToString(raw)
		out.WriteString("&" + strings.ReplaceAll(text, "/", ",") + "-")
		pending = pending[:0]
	}
	for _, r := range name {
		switch {
		case r < 0x20 || r > 0x7e:
			pending = utf16.AppendRune(pending, r)
			continue
		case r == '&':
			flush()
			out.WriteString("&-")
		default:
			flush()
			out.WriteRune(r)
		}
	}
	flush()
	return out.String()
}
