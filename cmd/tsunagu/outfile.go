package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// output is a file that appears whole or not at all: it is written under another name, made durable, and
// renamed by Commit. Close without Commit leaves nothing behind.
type output struct {
	*bufio.Writer
	file    *os.File // nil for standard output
	path    string
	replace bool // a file that is there gives way
	done    bool
}

// create opens the output of a command: a file of mode 0600, or standard output if the path is "" or "-".
// Inside the daemon everything goes to standard output, since the file is the caller's.
func (a *app) create(path string, replace bool) (*output, error) {
	if path == "" || path == "-" || a.held != nil {
		return &output{Writer: bufio.NewWriter(a.stdout)}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tsunagu-*.part")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, failed("make it first, or name another place", "there is no folder %s to write %s into", filepath.Dir(path), filepath.Base(path))
	case err != nil:
		return nil, fmt.Errorf("write %s: %w", path, cause(err))
	}
	return &output{Writer: bufio.NewWriterSize(namedWriter{f, path}, 64<<10), file: f, path: path, replace: replace}, nil
}

// namedWriter names the file that will be in its errors, not the temporary one.
type namedWriter struct {
	to   io.Writer
	path string
}

// Write writes p.
func (w namedWriter) Write(p []byte) (int, error) {
	n, err := w.to.Write(p)
	if err != nil {
		return n, fmt.Errorf("write %s: %w", w.path, cause(err))
	}
	return n, nil
}

// Settle makes what was written durable, still under the other name, and gives that.
func (o *output) Settle() (string, error) {
	if err := o.Flush(); err != nil {
		return "", err
	}
	if err := o.file.Sync(); err != nil {
		return "", fmt.Errorf("write %s: %w", o.path, cause(err))
	}
	return o.file.Name(), nil
}

// Commit makes what was written durable and visible.
func (o *output) Commit() error {
	if o.file == nil {
		o.done = true
		if err := o.Flush(); err != nil {
			return fmt.Errorf("write standard output: %w", cause(err))
		}
		return nil
	}
	if _, err := o.Settle(); err != nil {
		return err
	}
	if err := replaceable(o.path, o.replace); err != nil {
		return err // it was made in between
	}
	o.done = true
	err := o.file.Close()
	if err == nil {
		err = os.Rename(o.file.Name(), o.path)
	}
	if err == nil {
		err = syncFolder(o.path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", o.path, cause(err)), removeIfThere(o.file.Name()))
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
// always standard input, to which the caller sends the file. Folders and devices, which may never end, are
// refused before anything is read.
func (a *app) open(path string) (io.ReadCloser, error) {
	if path == "-" || a.held != nil {
		return io.NopCloser(a.stdin), nil
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, failed("look at the name", "there is no file %s", path)
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, cause(err))
	case info.IsDir():
		return nil, failed("name a file in it", "%s is a folder", path)
	case info.Mode()&os.ModeDevice != 0:
		return nil, failed("name a file, or - for standard input", "%s is a device, not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, cause(err))
	}
	return f, nil
}
