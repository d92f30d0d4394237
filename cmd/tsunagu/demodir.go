package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The demo's files in its folder. The marker counts its starts, and with the first line of the configuration it
// tells the demo's folder from a real installation.
const (
	demoMarker     = "starts"
	demoConfigName = "tsunagu.yaml"
	demoFirstLine  = "# The demo's configuration; it is written anew at every start."
)

// dir is where the data goes, and how to get rid of it.
func (c *demoCommand) dir() (string, func() error, error) {
	if c.Data != "" {
		dir, err := filepath.Abs(c.Data)
		if err != nil {
			return "", nil, fmt.Errorf("find %s: %w", c.Data, err)
		}
		if err := mayDemo(dir); err != nil {
			return "", nil, err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return "", nil, fmt.Errorf("create %s: %w", c.Data, cause(err))
		}
		return dir, func() error { return nil }, nil
	}
	dir, err := os.MkdirTemp("", "tsunagu-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("create temporary folder: %w", err)
	}
	return dir, func() error { return os.RemoveAll(dir) }, nil
}

// mayDemo refuses a folder in which anything is that the demo did not make.
func mayDemo(dir string) error {
	const todo = "name a new folder with --data, or leave it out"
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look into %s: %w", dir, cause(err))
	case !info.IsDir():
		return failed(todo, "%s is a file, not a folder", dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("look into %s: %w", dir, cause(err))
	}
	if len(entries) == 0 {
		return nil
	}
	marker, err := os.Lstat(filepath.Join(dir, demoMarker))
	if err != nil || !marker.Mode().IsRegular() {
		return failed(todo, "%s is not empty, and the demo did not make what is in it", dir)
	}
	config, err := os.ReadFile(filepath.Join(dir, demoConfigName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) || err == nil && !strings.HasPrefix(string(config), demoFirstLine) {
		return failed(todo, "%s holds a configuration that the demo did not make", dir)
	}
	return nil
}

// writeAnew writes a file of mode 0600, whatever stood there before.
func writeAnew(path string, data []byte) error {
	if err := removeIfThere(path); err != nil {
		return fmt.Errorf("write %s: %w", path, cause(err))
	}
	return writeNew(path, data)
}

// countStart says how often the demo was started on this data before, and counts this start.
func countStart(path string) (int, error) {
	before := 0
	if text, err := os.ReadFile(path); err == nil {
		before, _ = strconv.Atoi(strings.TrimSpace(string(text))) // 0 if somebody wrote into it
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(before+1)+"\n"), 0o600); err != nil {
		return 0, fmt.Errorf("count starts of the demo: %w", err)
	}
	return min(max(before, 0), 10_000), nil
}
