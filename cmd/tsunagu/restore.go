package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/backups"
	"github.com/tsunagu-crm/tsunagu/store/boltstore"
)

type restoreCommand struct {
	File string `arg:"" help:"Back-up to read; - for standard input."`
}

// Run puts a back-up into an empty data directory. It is read from end to end before it gets the store's
// name, and then opened, so that a damaged or foreign one leaves nothing behind.
func (c *restoreCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	path := filepath.Join(cfg.DataDir, storeName)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return failed("move it away first, or name another data_dir", "the data directory %s holds a store already", cfg.DataDir)
	}
	if _, err := os.Stat(cfg.Secrets.KeyFile); errors.Is(err, fs.ErrNotExist) {
		return failed("put it back first", "the key file %s, which belongs to the back-up, is missing", cfg.Secrets.KeyFile)
	}
	input, err := a.open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = input.Close() }()
	if err := os.MkdirAll(cfg.DataDir, 0o700); err != nil {
		return fmt.Errorf("create data directory %s: %w", cfg.DataDir, cause(err))
	}
	if err := c.put(a, input, path); err != nil {
		return err
	}
	sources, err := c.openOnce(a, cfg)
	if err != nil {
		return errors.Join(err, removeIfThere(path))
	}
	a.sayf("%s is restored into %s, with %s.", c.name(), cfg.DataDir, counted(sources, "source", "sources"))
	return nil
}

// put writes the back-up beside the place of the store, proves it there, and moves it.
func (c *restoreCommand) put(a *app, input io.Reader, path string) error {
	reader := bufio.NewReaderSize(input, 64<<10)
	if head, err := reader.Peek(magicEnd); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", c.name(), cause(err))
	} else if !startsLikeStore(head) {
		return c.useless()
	}
	free := freeSpace(filepath.Dir(path))
	if file, ok := input.(*os.File); ok && free >= 0 {
		if info, err := file.Stat(); err == nil && info.Size() > free {
			return failed("free some space, or name another data_dir", "%s has %d MiB, and %s has room for %d MiB", c.File, info.Size()>>20, filepath.Dir(path), free>>20)
		}
	}
	out, err := a.create(path, false)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	if err := copyWithin(a.ctx, out, reader, free); err != nil {
		return fmt.Errorf("restore %s: %w", c.name(), err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if whole, err := backups.TakeSum(a.ctx, out.file); err != nil {
		return err
	} else if !whole {
		return c.useless()
	}
	part, err := out.Settle()
	if err != nil {
		return err
	}
	switch err := boltstore.VerifyFile(a.ctx, part); {
	case errors.Is(err, crm.ErrCorrupt):
		return c.useless()
	case errors.Is(err, crm.ErrNewer):
		return failed("restore it with the version that made it, or a newer one", "%s was made by a newer version of Tsunagu", c.name())
	case err != nil:
		return fmt.Errorf("restore %s: %w", c.name(), cause(err))
	}
	return out.Commit()
}

// name is what people call the input.
func (c *restoreCommand) name() string {
	if c.File == "-" {
		return "standard input"
	}
	return c.File
}

func (c *restoreCommand) useless() error {
	return failed("nothing was restored; try another one", "%s is damaged, or is no back-up", c.name())
}

// openOnce opens the restored store, which brings an older one up to date, and counts its sources.
func (c *restoreCommand) openOnce(a *app, cfg *config.Config) (int, error) {
	in, err := openInstance(a.ctx, cfg, a.logger(cfg, true))
	if errors.Is(err, crm.ErrCorrupt) {
		return 0, c.useless()
	}
	if err != nil {
		return 0, fmt.Errorf("restore %s: %w", c.name(), err)
	}
	sources, err := in.store.ListSources(a.ctx)
	return len(sources), errors.Join(err, in.Close())
}

// A store file starts with a page header of 16 bytes and this number, in the machine's byte order (bbolt).
const (
	storeMagic = 0xED0CDAED
	magicEnd   = 20
)

// startsLikeStore tells a store from anything else by its first bytes.
func startsLikeStore(head []byte) bool {
	magic := binary.NativeEndian.AppendUint32(nil, storeMagic)
	return len(head) == magicEnd && bytes.HasSuffix(head, magic)
}

// kept is what a restore leaves free on the disk, in bytes.
const kept = 16 << 20

// copyWithin copies no more than there is room for, so that an input without end does not fill the disk. No
// limit if free is negative.
func copyWithin(ctx context.Context, to io.Writer, from io.Reader, free int64) error {
	room := max(free-kept, 0)
	if free < 0 {
		room = 1<<63 - 2
	}
	n, err := io.Copy(to, io.LimitReader(readerWithContext{ctx, from}, room+1))
	if err == nil && n > room {
		return fmt.Errorf("%w: there is room for %d MiB", crm.ErrFull, room>>20)
	}
	return err
}

// readerWithContext ends a long read with its context.
type readerWithContext struct {
	ctx  context.Context
	from io.Reader
}

// Read reads into p.
func (r readerWithContext) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
