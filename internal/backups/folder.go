// Package backups keeps copies of the store in a folder, and the form that they have.
//
// A copy is written under another name, made durable and then named after the second it was made in, so that a file
// of that name is always whole. After each one those beyond the number to keep are removed, the oldest first; what is
// not named like a back-up of ours is left alone. A back-up is tried out by restoring it: it is copied to a place beside the
// store, its sum is checked, every record is read, and the copy is opened like a store.
package backups

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

// Folder holds back-ups. Its methods may be called by several goroutines; one copy is made at a time.
type Folder struct {
	Dir    string                                                         // made when the first one is
	Keep   int                                                            // how many stay; 0 for all
	Write  func(ctx context.Context, w io.Writer) error                   // a copy of the store
	Expect func() int64                                                   // how many bytes that will be, about; nil if unknown
	Free   func(dir string) int64                                         // bytes that may be written in a folder, -1 if unknown; nil for unknown
	Open   func(ctx context.Context, path string) (crm.BackupTest, error) // opens a restored copy as a store and counts what is in it

	making sync.Mutex
}

const (
	stampForm = "20060102T150405Z"
	partForm  = ".tsunagu-*.part"
	partAge   = 24 * time.Hour // a part that is older was left behind by a crash
	spare     = 64 << 20       // bytes that stay free on the disk
)

var nameForm = regexp.MustCompile(`^tsunagu-(\d{8}T\d{6}Z)\.db$`)

// List gives the back-ups, newest first; none if there is no such folder.
func (f *Folder) List() ([]crm.Backup, error) {
	entries, err := os.ReadDir(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list back-ups in %s: %w", f.Dir, cause(err))
	}
	var list []crm.Backup
	for _, e := range entries {
		m := nameForm.FindStringSubmatch(e.Name())
		if m == nil || !e.Type().IsRegular() {
			continue
		}
		at, err := time.Parse(stampForm, m[1])
		info, statErr := e.Info()
		if err != nil || statErr != nil {
			continue // no time, or removed meanwhile
		}
		list = append(list, crm.Backup{Name: e.Name(), At: at, Bytes: info.Size()})
	}
	slices.SortFunc(list, func(a, b crm.Backup) int { return strings.Compare(b.Name, a.Name) })
	return list, nil
}

// Read opens a back-up to be read; crm.ErrNotFound if there is none of this name.
func (f *Folder) Read(name string) (*os.File, error) {
	path := filepath.Join(f.Dir, name)
	if !nameForm.MatchString(name) {
		return nil, fmt.Errorf("read back-up: %w", crm.ErrNotFound)
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular():
		return nil, fmt.Errorf("read back-up: %w", crm.ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("read back-up %s: %w", path, cause(err))
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read back-up %s: %w", path, cause(err))
	}
	return file, nil
}

// Make writes a back-up and removes those that are too many. crm.ErrConflict if one is being made, crm.ErrFull if
// there is no room for it.
func (f *Folder) Make(ctx context.Context, now time.Time) (crm.Backup, error) {
	if !f.making.TryLock() {
		return crm.Backup{}, fmt.Errorf("make back-up: %w", crm.ErrConflict)
	}
	defer f.making.Unlock()
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return crm.Backup{}, fmt.Errorf("make folder of back-ups %s: %w", f.Dir, cause(err))
	}
	f.sweep(now)
	if err := f.room(f.Dir); err != nil {
		return crm.Backup{}, fmt.Errorf("make back-up in %s: %w", f.Dir, err)
	}
	b := crm.Backup{Name: "tsunagu-" + now.UTC().Format(stampForm) + ".db", At: now.UTC().Truncate(time.Second)}
	if _, err := os.Lstat(filepath.Join(f.Dir, b.Name)); err == nil {
		return crm.Backup{}, fmt.Errorf("make back-up: one of this second is there: %w", crm.ErrConflict)
	}
	var err error
	if b.Bytes, err = f.write(ctx, filepath.Join(f.Dir, b.Name)); err != nil {
		return crm.Backup{}, fmt.Errorf("make back-up in %s: %w", f.Dir, cause(err))
	}
	return b, f.retain()
}

// room says whether the disk has room for another copy.
func (f *Folder) room(dir string) error {
	if f.Expect == nil || f.Free == nil {
		return nil
	}
	if free := f.Free(dir); free >= 0 && free < f.Expect()+spare {
		return fmt.Errorf("%w: %d MiB are free, and about %d MiB are needed", crm.ErrFull, free>>20, (f.Expect()+spare)>>20)
	}
	return nil
}

// write makes a file that appears whole or not at all.
func (f *Folder) write(ctx context.Context, path string) (n int64, err error) {
	part, err := os.CreateTemp(f.Dir, partForm)
	if err != nil {
		return 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, gone(os.Remove(part.Name())))
		}
	}()
	sum := NewSummed(part)
	err = f.Write(ctx, sum)
	if err == nil {
		err = sum.Finish()
	}
	if err == nil {
		err = part.Sync()
	}
	info, statErr := part.Stat()
	if err = errors.Join(err, statErr, part.Close()); err != nil {
		return 0, err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return 0, err
	}
	dir, err := os.Open(f.Dir)
	if err != nil {
		return 0, err
	}
	return info.Size(), errors.Join(dir.Sync(), dir.Close())
}

// retain removes what is beyond the number to keep.
func (f *Folder) retain() error {
	list, err := f.List()
	if err != nil || f.Keep <= 0 || len(list) <= f.Keep {
		return err
	}
	var failures []error
	for _, b := range list[f.Keep:] {
		if err := gone(os.Remove(filepath.Join(f.Dir, b.Name))); err != nil {
			failures = append(failures, fmt.Errorf("remove old back-up: %w", err))
		}
	}
	return errors.Join(failures...)
}

// sweep removes what a crash left behind.
func (f *Folder) sweep(now time.Time) {
	parts, _ := filepath.Glob(filepath.Join(f.Dir, partForm)) // the pattern is ours
	for _, part := range parts {
		if info, err := os.Lstat(part); err == nil && now.Sub(info.ModTime()) > partAge {
			_ = os.Remove(part) // it is tried again the next time
		}
	}
}

// Try restores a back-up into a folder below scratch and removes that again. What is wrong with the back-up is in the
// test's Error; the error is for a test that could not be made.
func (f *Folder) Try(ctx context.Context, name, scratch string) (t crm.BackupTest, err error) {
	from, err := f.Read(name)
	if err != nil {
		return t, err
	}
	defer func() { _ = from.Close() }()
	if err := f.room(scratch); err != nil {
		return t, fmt.Errorf("try to restore %s: %w", name, err)
	}
	dir, err := os.MkdirTemp(scratch, "restore-test-")
	if err != nil {
		return t, fmt.Errorf("try to restore %s: %w", name, cause(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "tsunagu.db")
	whole, err := copyChecked(ctx, path, from)
	if err != nil {
		return t, fmt.Errorf("try to restore %s: %w", name, cause(err))
	}
	if whole {
		err = boltstore.VerifyFile(ctx, path)
	} else {
		err = fmt.Errorf("%w: its sum is another one", crm.ErrCorrupt)
	}
	if err == nil {
		t, err = f.Open(ctx, path)
	}
	if ctx.Err() != nil {
		return t, ctx.Err()
	}
	t.Name = name
	if err != nil {
		t.Error = strings.ReplaceAll(err.Error(), path, name)
	}
	return t, nil
}

// copyChecked copies a back-up without its sum, and says whether that is right.
func copyChecked(ctx context.Context, path string, from io.Reader) (whole bool, err error) {
	to, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	if _, err := io.Copy(to, reader{ctx, from}); err != nil {
		return false, err
	}
	return TakeSum(ctx, to)
}

// gone takes that a file is not there for no error.
func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// cause is an error of the operating system without the name of the file, which the message names already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
