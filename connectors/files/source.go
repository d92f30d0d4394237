package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxMessage is the most that is read of one message, bytes.
const maxMessage = 64 << 20

// source reads mail files. It implements connectors.Source, Getter, Census and Prober.
type source struct {
	path   string
	format string
	since  time.Time
	limits connectors.Limits
	log    *slog.Logger

	folders map[string]*folder // by path; see folder
	indexes map[string]*index  // of mboxes by path
}

var (
	_ connectors.Source = (*source)(nil)
	_ connectors.Getter = (*source)(nil)
	_ connectors.Census = (*source)(nil)
	_ connectors.Prober = (*source)(nil)
)

// Close has nothing to give up: files are open only during a call.
func (s *source) Close() error { return nil }

// shut closes what was only read.
func shut(c io.Closer) { _ = c.Close() }

// Fetch reads what is new, then history from its newest message down.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	p, err := parseCursor(cur)
	if err != nil {
		return connectors.Batch{}, err
	}
	root, only, err := s.open()
	if err != nil {
		return connectors.Batch{}, err
	}
	defer shut(root)
	l, err := s.list(ctx, root, only)
	if err != nil {
		return connectors.Batch{}, err
	}
	if cur == "" {
		p.start(l.entries)
	}
	f := &fetch{s: s, ctx: ctx, root: root, place: p}
	f.batch.Notes = l.notes
	boxes, err := f.survey(l)
	if err != nil {
		return connectors.Batch{}, err
	}
	for _, step := range []func() error{
		func() error { return f.freshMessages(l) }, func() error { return f.freshOf(boxes) },
		func() error { return f.history(l) }, func() error { return f.historyOf(boxes) },
	} {
		if err := step(); err != nil {
			return connectors.Batch{}, err
		}
	}
	f.batch.Backfill = !p.Done
	for _, m := range p.Mbox {
		f.batch.Backfill = f.batch.Backfill || !m.done()
	}
	f.batch.Progress = crm.Progress{Done: p.Read, Total: max(p.Read, p.Total)}
	f.batch.Next = p.cursor(l.entries)
	return f.batch, nil
}

// fetch is one Fetch under way.
type fetch struct {
	s     *source
	ctx   context.Context
	root  *os.Root
	place *place
	batch connectors.Batch
	bytes int64
}

// full says whether the batch holds all it may; if so, there is more.
func (f *fetch) full() bool {
	if len(f.batch.Items) >= f.s.limits.BatchItems || f.bytes >= f.s.limits.BatchBytes {
		f.batch.More = true
		return true
	}
	return false
}

func (f *fetch) add(item connectors.Item) {
	const overhead = 2048
	f.bytes += overhead
	if item.Message != nil {
		f.bytes += int64(len(item.Message.FullText))
	}
	f.batch.Items = append(f.batch.Items, item)
}

func (f *fetch) freshMessages(l *listing) error {
	for i := range l.entries {
		e := &l.entries[i]
		if !f.place.fresh(e) {
			continue
		}
		if f.full() {
			return nil
		}
		if err := f.read(e); err != nil {
			return err
		}
		f.place.know(e)
	}
	return nil
}

func (f *fetch) history(l *listing) error {
	if f.place.Done {
		return nil
	}
	for i := len(l.entries) - 1; i >= 0; i-- {
		e := &l.entries[i]
		if e.mark().compare(f.place.Low) >= 0 {
			continue
		}
		if f.full() {
			return nil
		}
		if err := f.read(e); err != nil {
			return err
		}
		f.place.Low = e.mark()
		f.place.Read++
	}
	f.place.Done = true
	return nil
}

// read adds the item of a file, unless the file is gone.
func (f *fetch) read(e *entry) error {
	if err := f.ctx.Err(); err != nil {
		return fmt.Errorf("read mail files: %w", err)
	}
	if item, ok := f.s.item(f.root, e); ok {
		f.add(item)
	}
	return nil
}

// item reads one file. ok is false if it is gone.
func (s *source) item(root *os.Root, e *entry) (item connectors.Item, ok bool) {
	env := mimeitem.Envelope{ExternalID: e.id, Folder: e.folder, Draft: e.draft}
	file, name, err := openMoved(root, e.path)
	if name != e.path {
		env.Draft = hasFlag(path.Base(name), 'D')
	}
	if errors.Is(err, fs.ErrNotExist) {
		return item, false
	}
	if err != nil {
		return unreadable(env, e.modTime, err), true
	}
	defer shut(file)
	raw, err := io.ReadAll(io.LimitReader(file, maxMessage))
	if err != nil {
		return unreadable(env, e.modTime, err), true
	}
	return s.parse(env, raw, e.modTime), true
}

// openMoved opens a file. In a Maildir it may have got other flags, or moved from new/ to cur/, since it was
// listed; found is its path now. One that was trashed is gone.
func openMoved(root *os.Root, name string) (file *os.File, found string, err error) {
	file, err = root.Open(name)
	dir, base := path.Split(name)
	if !errors.Is(err, fs.ErrNotExist) || path.Base(dir) != "new" && path.Base(dir) != "cur" {
		return file, name, err
	}
	unique, _, _ := strings.Cut(base, flagsMark)
	cur := path.Join(path.Dir(path.Clean(dir)), "cur")
	children, listErr := fs.ReadDir(root.FS(), cur)
	if listErr != nil {
		return nil, name, err
	}
	for _, child := range children {
		moved := child.Name()
		if (moved == unique || strings.HasPrefix(moved, unique+flagsMark)) && !hasFlag(moved, 'T') {
			found = path.Join(cur, moved)
			file, err = root.Open(found)
			return file, found, err
		}
	}
	return nil, name, err
}

// parse makes an item of a message's bytes. One that says nothing of when it was received gets the time of
// its file.
func (s *source) parse(env mimeitem.Envelope, raw []byte, modTime time.Time) connectors.Item {
	item := mimeitem.FromRaw(env, raw, s.limits.TextBytes)
	if item.Received.IsZero() {
		item.Received = modTime.UTC()
		if item.Message != nil {
			item.Message.Date = item.Received
		}
	}
	return item
}

func unreadable(env mimeitem.Envelope, at time.Time, err error) connectors.Item {
	return connectors.Item{ExternalID: env.ExternalID, Kind: crm.KindEmail, Folder: env.Folder, Received: at.UTC(),
		Draft: env.Draft, Err: fmt.Errorf("read file: %w", err)}
}
