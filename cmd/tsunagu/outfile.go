package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// output is a file that appears whole or not at all: it is written under another name, made durable, and
// renamed by Commit. Close without Commit leaves nothing behind.
type output struct {
	*bufio.Writer
	file *os.File // nil for standard output
	path string
	done bool
}

// create opens the output of a command: a file of mode 0600, or standard output if the path is "" or "-".
// Inside the daemon everything goes to standard output, since the file is the caller's.
func (a *app) create(path string) (*output, error) {
	if path == "" || path == "-" || a.held != nil {
		return &output{Writer: bufio.NewWriter(a.stdout)}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", path, err)
	}
	return &output{Writer: bufio.NewWriterSize(f, 64<<10), file: f, path: path}, nil
}

// Commit makes what was written durable and visible.
func (o *output) Commit() error {
	if err := o.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", o.name(), err)
	}
	o.done = true
	if o.file == nil {
		return nil
	}
	err := o.file.Sync()
	if closeErr := o.file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(o.file.Name(), o.path)
	}
	if err == nil {
		err = syncFolder(o.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", o.path, err), removeIfThere(o.file.Name()))
	}
	return nil
}

// Close throws away what was not committed.
func (o *output) Close() error {
	if o.done || o.file == nil {
		return nil
	}
	o.done = true
	return errors.Join(o.file.Close(), os.Remove(o.file.Name()))
}

func (o *output) name() string {
	if o.file == nil {
		return "standard output"
	}
	return o.path
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes the name of a new file durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	return dir.Sync()
}

// open opens the input of a command: a file, or standard input if the path is "-". Inside the daemon it is
// always standard input, to which the caller sends the file.
func (a *app) open(path string) (io.ReadCloser, error) {
	if path == "-" || a.held != nil {
		return io.NopCloser(a.stdin), nil
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, misused("look at the name", "there is no file %s", path)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return f, nil
}
