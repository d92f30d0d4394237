package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tsunagu-crm/tsunagu/config"
)

// mayWrite refuses an output that would destroy something: a file that is there unless replace says that it
// may go, whatever is no regular file, and, always, the configuration, the key file and the data directory.
// Inside the daemon there is nothing to ask: the file is the caller's, who has asked.
func (a *app) mayWrite(cfg *config.Config, path string, replace bool) error {
	if path == "" || path == "-" || a.held != nil {
		return nil
	}
	if inside(path, cfg.DataDir) {
		return failed("name a place outside of it", "%s lies in the data directory %s, which belongs to the store alone", path, cfg.DataDir)
	}
	if same(path, a.configPath) {
		return failed("name another file", "%s is the configuration", path)
	}
	if same(path, cfg.Secrets.KeyFile) {
		return failed("name another file", "%s is the key file", path)
	}
	return replaceable(path, replace)
}

// replaceable refuses a path where something is that must stay.
func replaceable(path string, replace bool) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", path, cause(err))
	case info.IsDir():
		return failed("name a file in it", "%s is a folder", path)
	case !info.Mode().IsRegular():
		return failed("name another file, or - for standard output", "%s is not a regular file and is not replaced", path)
	case !replace:
		return failed("name another file, or move it away", "%s is there already and is not overwritten", path)
	}
	return nil
}

// same says whether two names are of one file, also through links.
func same(a, b string) bool {
	if resolved(a) == resolved(b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// inside says whether a path is a folder or lies below it.
func inside(path, folder string) bool {
	below, err := filepath.Rel(resolved(folder), resolved(path))
	return err == nil && below != ".." && !strings.HasPrefix(below, ".."+string(filepath.Separator))
}

// resolved is the path of a file that need not exist, with the links on the way to it followed.
func resolved(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if whole, err := filepath.EvalSymlinks(path); err == nil {
		return whole
	}
	dir := filepath.Dir(path)
	if dir == path {
		return path
	}
	return filepath.Join(resolved(dir), filepath.Base(path))
}
