package files

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// errLongName is why a file is left alone whose name would not fit into an external id.
var errLongName = errors.New("its path is longer than 1,000 bytes")

// maildirPart says whether dir is the cur/ or new/ of a Maildir. Both hold messages and nothing else.
func (s *source) maildirPart(dir string) bool {
	if s.format == formatEML || s.format == formatMbox {
		return false
	}
	base := path.Base(dir)
	if base != "cur" && base != "new" {
		return false
	}
	parent := s.folders[path.Dir(dir)]
	return parent != nil && parent.maildir()
}

func (f *folder) maildir() bool {
	cur, fresh := false, false
	for _, name := range f.folders {
		switch path.Base(name) {
		case "cur":
			cur = true
		case "new":
			fresh = true
		}
	}
	return cur && fresh
}

// hasMaildir says whether a directory with these children is a Maildir.
func hasMaildir(children []fs.DirEntry) bool {
	found := 0
	for _, child := range children {
		if child.IsDir() && (child.Name() == "cur" || child.Name() == "new") {
			found++
		}
	}
	return found == 2
}

// message lists a file in cur/ or new/. Its id leaves out which of the two it is in, and the flags, since both
// change while the message stays the same. Trashed mail is left out, as IMAP's trash folders are.
func (s *source) message(root *os.Root, f *folder, name string) error {
	base := path.Base(name)
	if strings.HasPrefix(base, ".") || hasFlag(base, 'T') {
		return nil
	}
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	unique, _, _ := strings.Cut(base, flagsMark)
	box := path.Dir(path.Dir(name))
	id, err := escapeID(path.Join(box, unique))
	if err != nil {
		return err
	}
	return s.keep(root, f, entry{id: id, path: name, changed: changed(info), folder: maildirName(box),
		draft: hasFlag(base, 'D'), modTime: info.ModTime()})
}

// flagsMark stands between a message's unique name and its flags.
const flagsMark = ":2,"

// hasFlag says whether the name of a message's file has a flag: D for a draft, T for one that is trashed and
// removed when its mail program gets to it.
func hasFlag(base string, flag byte) bool {
	_, flags, _ := strings.Cut(base, flagsMark)
	return strings.IndexByte(flags, flag) >= 0
}

// maildirName is a Maildir's name as people read it. In Maildir++ ".Sales.2026" is the folder Sales/2026, in
// modified UTF-7 (RFC 3501, section 5.1.3).
func maildirName(box string) string {
	if box == "." {
		return "INBOX"
	}
	parts := strings.Split(box, "/")
	for i, part := range parts {
		if inner, ok := strings.CutPrefix(part, "."); ok {
			part = strings.ReplaceAll(inner, ".", "/")
		}
		parts[i] = decodeModifiedUTF7(part)
	}
	return strings.ToValidUTF8(strings.Join(parts, "/"), "?")
}

// decodeModifiedUTF7 reads the names of IMAP folders. What is no modified UTF-7 stays as it is.
func decodeModifiedUTF7(s string) string {
	var b strings.Builder
	for rest := s; ; {
		before, after, found := strings.Cut(rest, "&")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		code, next, closed := strings.Cut(after, "-")
		if !closed {
			return s
		}
		if code == "" {
			b.WriteByte('&')
		} else {
			raw, err := base64.RawStdEncoding.DecodeString(strings.ReplaceAll(code, ",", "/"))
			if err != nil || len(raw)%2 != 0 {
				return s
			}
			units := make([]uint16, 0, len(raw)/2)
			for i := 0; i < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			b.WriteString(string(utf16.Decode(units)))
		}
		rest = next
	}
}

// escapeID makes a path printable: bytes that are not become %XX, and so does "%".
func escapeID(name string) (string, error) {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); {
		c, n := utf8.DecodeRuneInString(name[i:])
		if c == '%' || c == '#' || c == utf8.RuneError && n == 1 || !unicode.IsPrint(c) {
			for _, octet := range []byte(name[i : i+n]) {
				b.WriteByte('%')
				b.WriteByte(hex[octet>>4])
				b.WriteByte(hex[octet&15])
			}
		} else {
			b.WriteString(name[i : i+n])
		}
		i += n
	}
	if b.Len() > 960 { // leaves room for the place in an mbox
		return "", errLongName
	}
	return b.String(), nil
}
