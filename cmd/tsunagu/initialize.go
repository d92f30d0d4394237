package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/internal/secret"
)

type initCommand struct {
	Dir string `arg:"" optional:"" default:"." help:"Folder to write into (default: here)."`
}

// Run writes the example configuration and a key file, both of mode 0600, and overwrites nothing.
func (c *initCommand) Run(a *app) error {
	if info, err := os.Stat(c.Dir); err == nil && !info.IsDir() {
		return failed("name a folder, which need not be there yet", "%s is a file, not a folder", c.Dir)
	}
	file, key := filepath.Join(c.Dir, "tsunagu.yaml"), filepath.Join(c.Dir, "tsunagu.key")
	for _, path := range []string{file, key} {
		if _, err := os.Lstat(path); err == nil {
			return failed("it is not overwritten; name another folder, or move it away", "%s is there already", path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look at %s: %w", path, cause(err))
		}
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("create folder %s: %w", c.Dir, cause(err))
	}
	if _, err := secret.Create(key); err != nil {
		return err
	}
	if err := writeNew(file, config.Example()); err != nil {
		return errors.Join(err, removeIfThere(key))
	}
	a.sayf("%s and %s are written.", file, key)
	a.sayf("Next: put your domains and your mailbox into %s, then run `tsunagu -c %s check accounts`.", file, file)
	return nil
}

// writeNew writes a file of mode 0600 that must not be there yet.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, cause(err)), f.Close(), os.Remove(path))
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return nil
}
