package webform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// Fingerprint changes with every setting. Of the secrets it holds sixteen bits of a hash: enough that a new
// token is noticed, too little to find it out.
func (s *Settings) Fingerprint() string {
	open, err := json.Marshal(s)
	if err != nil {
		return "" // cannot happen: the type has plain values only
	}
	hidden := fmt.Sprintf("%q %q %q %q %q", s.Bearer, s.Body, s.Proxy, s.Headers, s.Query)
	if s.Basic != nil {
		hidden += fmt.Sprintf(" %q", s.Basic.Password)
	}
	a, b := sha256.Sum256(open), sha256.Sum256([]byte(hidden))
	return hex.EncodeToString(a[:8]) + hex.EncodeToString(b[:2])
}

// shape is a hash of the settings that decide what is asked for and how it is read. Secrets, limits and
// certificates may change without a new reading.
func (s *Settings) shape() string {
	plain := *s
	plain.Recipe, plain.Basic, plain.Allow, plain.CAFile, plain.Timeout = "", nil, nil, "", ""
	plain.MaxBytes, plain.MaxItems, plain.MaxPages, plain.ItemURL, plain.Item = 0, 0, 0, "", ""
	plain.Cursor.Overlap = ""
	query := make(map[string]string)
	for name, text := range s.Query {
		if !secretName(name) {
			query[name] = text
		}
	}
	text, err := json.Marshal(struct {
		Settings

		Query map[string]string
		Body  string
	}{plain, query, s.Body})
	if err != nil {
		return "" // cannot happen: the type has plain values only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}

// Open makes the source; the first Fetch connects.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	if problems := s.Check(); len(problems) > 0 {
		p := problems[0]
		return nil, permanent("open webform source", fmt.Errorf("%s: %s", p.Path, p.What), p.Hint)
	}
	return s.open(env, nil, time.Now)
}

// open makes the source of settings without mistakes.
func (s *Settings) open(env connectors.Env, resolver safehttp.Resolver, now func() time.Time) (connectors.Source, error) {
	cfg := s.effective()
	out := &source{cfg: cfg, shape: cfg.shape(), limits: env.Limits.OrDefault(), log: env.Log, now: now, first: 1}
	if out.log == nil {
		out.log = slog.New(slog.DiscardHandler)
	}
	if cfg.Paging.First != nil {
		out.first = *cfg.Paging.First
	}
	if out.keep = cfg.MaxItems / 10 * 9; cfg.Cursor.By != byAll {
		out.keep = min(out.keep, keepRows)
	}
	out.delimiter = delimiterOf(cfg.Delimiter)
	timeout, err := time.ParseDuration(cfg.Timeout)
	if err == nil {
		out.overlap, err = time.ParseDuration(cfg.Cursor.Overlap)
	}
	if err == nil {
		out.start, err = startTime(cfg.Cursor.Start, now())
	}
	if err == nil {
		filled, _ := fill(cfg.URL, nil, inURL)
		out.base, err = url.Parse(filled)
	}
	if err == nil {
		err = out.compile()
	}
	if err == nil {
		if cfg.CAFile != "" && !filepath.IsAbs(cfg.CAFile) {
			cfg.CAFile = filepath.Join(env.BaseDir, cfg.CAFile)
		}
		out.client, err = safehttp.New(safehttp.Options{Allow: cfg.Allow, CAFile: cfg.CAFile, Proxy: cfg.Proxy,
			Timeout: timeout, MaxBytes: cfg.MaxBytes, Resolver: resolver})
	}
	if err != nil {
		return nil, permanent("open webform source", err, "")
	}
	return out, nil
}

func delimiterOf(text string) rune {
	if text == "tab" {
		return '\t'
	}
	r, _ := utf8.DecodeRuneInString(text)
	return r
}
