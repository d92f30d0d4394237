package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// entry is a file that holds one message.
type entry struct {
	id      string
	path    string // below the root, with slashes
	changed int64  // see changed
	folder  string // as people read it
	draft   bool
	modTime time.Time
}

func (e *entry) mark() mark { return mark{e.changed, e.id} }

// listing is what lies below the root now.
type listing struct {
	entries []entry  // ordered by mark
	mboxes  []string // paths
	notes   []string
}

// folder is what a directory held when it was read last. It is used again while the directory is unchanged,
// so that a pass over a large tree asks for directories only.
type folder struct {
	modTime time.Time
	settled bool // the directory had been left alone for a while when it was read
	entries []entry
	mboxes  []string
	folders []string
	notes   []string
}

// open opens the root: the folder of the settings, or the folder around the one file they name.
func (s *source) open() (root *os.Root, only string, err error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return nil, "", pathFault(err)
	}
	dir := s.path
	if !info.IsDir() {
		dir, only = filepath.Split(s.path)
		if dir == "" {
			dir = "."
		}
	}
	root, err = os.OpenRoot(dir)
	if err != nil {
		return nil, "", pathFault(err)
	}
	return root, only, nil
}

func pathFault(err error) error {
	kind, hint := connectors.Retryable, ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		kind, hint = connectors.Permanent, "Check the setting path: there is nothing by this name."
	case errors.Is(err, fs.ErrPermission):
		kind, hint = connectors.Permanent, "Let the user that runs Tsunagu read this path."
	}
	return &connectors.Fault{Kind: kind, Op: "open mail files", Hint: hint, Err: err}
}

// list lists everything below the root.
func (s *source) list(ctx context.Context, root *os.Root, only string) (*listing, error) {
	l := new(listing)
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list mail files: %w", err)
	}
	if only != "" {
		f := &folder{}
		if err := s.file(root, f, only, ""); err != nil {
			return nil, pathFault(err)
		}
		l.add(f)
		return l, nil
	}
	seen := make(map[string]bool)
	pending := []string{"."}
	for len(pending) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list mail files: %w", err)
		}
		dir := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		f, err := s.readFolder(root, dir)
		if err != nil {
			if dir == "." {
				return nil, pathFault(err)
			}
			if !errors.Is(err, fs.ErrNotExist) {
				l.notes = append(l.notes, fmt.Sprintf("folder %s cannot be read: %v", dir, err))
			}
			continue
		}
		l.add(f)
		seen[dir] = true
		pending = append(pending, f.folders...)
	}
	for dir := range s.folders {
		if !seen[dir] {
			delete(s.folders, dir)
		}
	}
	l.order()
	return l, nil
}

func (l *listing) add(f *folder) {
	l.entries = append(l.entries, f.entries...)
	l.mboxes = append(l.mboxes, f.mboxes...)
	l.notes = append(l.notes, f.notes...)
}

// order sorts the entries and drops what was listed twice: a message that moved from new/ to cur/ meanwhile.
func (l *listing) order() {
	slices.Sort(l.mboxes)
	slices.SortFunc(l.entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.id, b.id), -cmp.Compare(a.changed, b.changed))
	})
	l.entries = slices.CompactFunc(l.entries, func(a, b entry) bool { return a.id == b.id })
	slices.SortFunc(l.entries, func(a, b entry) int { return a.mark().compare(b.mark()) })
}

// readFolder lists one directory, or gives what it held before if it has not changed.
func (s *source) readFolder(root *os.Root, dir string) (*folder, error) {
	const settling = 2 * time.Second
	info, err := root.Lstat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return &folder{}, nil
	}
	if f := s.folders[dir]; f != nil && f.settled && f.modTime.Equal(info.ModTime()) {
		return f, nil
	}
	children, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		return nil, err
	}
	f := &folder{modTime: info.ModTime(), settled: time.Since(info.ModTime()) > settling}
	maildir := s.maildirPart(dir)
	for _, child := range children {
		name := path.Join(dir, child.Name())
		switch {
		case child.IsDir():
			if child.Name() != "tmp" || !hasMaildir(children) {
				f.folders = append(f.folders, name)
			}
		case maildir:
			err = s.message(root, f, name)
		default:
			err = s.file(root, f, name, folderName(dir))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.notes = append(f.notes, fmt.Sprintf("%s is left alone: %v", name, err))
		}
	}
	s.folders[dir] = f
	return f, nil
}

// file lists a file outside of a Maildir.
func (s *source) file(root *os.Root, f *folder, name, folder string) error {
	extension := strings.ToLower(path.Ext(name))
	isMbox := extension == ".mbox" || extension == ".mbx"
	isEML := extension == ".eml"
	single := folder == "" && f.modTime.IsZero() // the settings name this very file
	switch s.format {
	case formatMaildir:
		return nil
	case formatEML:
		isMbox, isEML = false, isEML || single
	case formatMbox:
		isMbox, isEML = isMbox || single || startsWithFrom(root, name), false
	default:
		if single && !isMbox {
			isMbox = startsWithFrom(root, name)
			isEML = !isMbox
		}
	}
	if !isMbox && !isEML {
		return nil
	}
	info, err := root.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	if isMbox {
		f.mboxes = append(f.mboxes, name)
		return nil
	}
	id, err := escapeID(name)
	if err != nil {
		return err
	}
	return s.keep(root, f, entry{id: id, path: name, changed: changed(info), folder: folder, modTime: info.ModTime()})
}

// keep adds an entry unless it is older than the settings ask for.
func (s *source) keep(root *os.Root, f *folder, e entry) error {
	if !s.since.IsZero() {
		at, err := s.head(root, &e)
		if err != nil {
			return err
		}
		if at.Before(s.since) {
			return nil
		}
	}
	f.entries = append(f.entries, e)
	return nil
}

// head reads when a message was received from the start of its file.
func (s *source) head(root *os.Root, e *entry) (time.Time, error) {
	const enough = 64 << 10
	file, err := root.Open(e.path)
	if err != nil {
		return time.Time{}, err
	}
	defer file.Close()
	start, err := io.ReadAll(io.LimitReader(file, enough))
	if err != nil {
		return time.Time{}, err
	}
	return received(mimeitem.FromRaw(mimeitem.Envelope{}, start, 1), e.modTime), nil
}

// received is when an item was received, or the time of its file if it does not say.
func received(item connectors.Item, modTime time.Time) time.Time {
	if item.Received.IsZero() {
		return modTime.UTC()
	}
	return item.Received
}

func startsWithFrom(root *os.Root, name string) bool {
	file, err := root.Open(name)
	if err != nil {
		return false
	}
	defer file.Close()
	start := make([]byte, 5)
	_, err = io.ReadFull(file, start)
	return err == nil && string(start) == "From "
}

// folderName is the folder of a file outside of a Maildir, as people read it.
func folderName(dir string) string {
	if dir == "." {
		return "/"
	}
	return strings.ToValidUTF8(dir, "?")
}
