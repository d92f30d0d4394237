package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
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
	settled bool // the directory and its messages had been left alone for a while when it was read
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
	for name := range s.indexes {
		if _, found := slices.BinarySearch(l.mboxes, name); !found {
			delete(s.indexes, name)
		}
	}
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
	f := &folder{modTime: info.ModTime()}
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
	newest := info.ModTime()
	for i := range f.entries { // one may still be written, which does not show on the directory
		if at := time.Unix(0, f.entries[i].changed); at.After(newest) {
			newest = at
		}
	}
	f.settled = time.Since(newest) > settling
	s.folders[dir] = f
	return f, nil
}
