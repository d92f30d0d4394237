package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed static
var staticFiles embed.FS

// assets are the static files by name. Pages load one sheet, app.css, and one script, app.js: all of static/css and
// static/js in the order of their names.
type assets map[string]asset

type asset struct {
	raw, packed []byte // as it is, and compressed; packed is nil where that does not pay
	version     string // names the content, so that browsers may keep it for ever
	kind        string // media type
}

func newAssets() (assets, error) {
	contents := map[string][]byte{}
	err := fs.WalkDir(staticFiles, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := staticFiles.ReadFile(file)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(file, "static/")
		switch path.Dir(name) { // in lexical order
		case "css":
			name = "app.css"
		case "js":
			name = "app.js"
		}
		contents[name] = slices.Concat(contents[name], raw, []byte("\n"))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read static files: %w", err)
	}
	list := assets{}
	for name, raw := range contents {
		if list[name], err = newAsset(name, raw); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func newAsset(name string, raw []byte) (asset, error) {
	sum := sha256.Sum256(raw)
	a := asset{raw: raw, version: hex.EncodeToString(sum[:6]), kind: mime.TypeByExtension(path.Ext(name))}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return a, fmt.Errorf("compress %s: %w", name, err)
	}
	if _, err := z.Write(raw); err != nil {
		return a, fmt.Errorf("compress %s: %w", name, err)
	}
	if err := z.Close(); err != nil {
		return a, fmt.Errorf("compress %s: %w", name, err)
	}
	if b.Len() < len(raw) {
		a.packed = b.Bytes()
	}
	return a, nil
}

// address is where a page finds a file; it changes with its content.
func (l assets) address(name string) string { return "/static/" + name + "?v=" + l[name].version }

// ServeHTTP answers with a file, compressed for browsers that can read that.
func (l assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := l[strings.TrimPrefix(r.URL.Path, "/static/")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	body := a.raw
	if a.packed != nil && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser may have gone
	}
}
