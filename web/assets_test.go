package web

import (
	"bytes"
	"io/fs"
	"testing"
)

// TestStaticFilesStaySmall holds sheets and scripts to a length that can be read in one go: what a page loads is put
// together of them anyway.
func TestStaticFilesStaySmall(t *testing.T) {
	must(t, fs.WalkDir(staticFiles, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := staticFiles.ReadFile(file)
		if n := bytes.Count(raw, []byte("\n")); n > 400 {
			t.Errorf("%s has %d lines", file, n)
		}
		return err
	}))
}
