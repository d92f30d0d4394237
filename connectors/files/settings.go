package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// The formats, as written in the settings.
const (
	formatAuto    = "auto"
	formatEML     = "eml"
	formatMaildir = "maildir"
	formatMbox    = "mbox"
)

// Settings are the settings of a files source.
type Settings struct {
	Path   string `yaml:"path" json:"path"`     // a file or a folder; a relative one starts at the configuration file's folder
	Format string `yaml:"format" json:"format"` // auto, eml, maildir or mbox; auto knows them by name and content
	Since  string `yaml:"since" json:"since"`   // 90d, 2026-01-31 or all: older mail is left alone
}

// Kind describes the files source.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{
		Name:        "files",
		Schedule:    "@every 5m",
		NewSettings: func() connectors.Settings { return &Settings{Format: formatAuto, Since: "all"} },
	}
}

// Check finds every mistake at once. Whether the path exists is for the first pass to find out.
func (s *Settings) Check() []connectors.Problem {
	var out []connectors.Problem
	if strings.TrimSpace(s.Path) == "" {
		out = append(out, connectors.Problem{Path: "path", What: "The path is missing.", Hint: "Name a file or a folder with mail, such as ./mail."})
	}
	switch s.Format {
	case formatAuto, formatEML, formatMaildir, formatMbox, "":
	default:
		out = append(out, connectors.Problem{Path: "format", What: fmt.Sprintf("There is no format %q.", s.Format), Hint: "Write auto, eml, maildir or mbox."})
	}
	if _, err := sinceTime(s.Since, time.Unix(0, 0)); err != nil {
		out = append(out, connectors.Problem{Path: "since", What: "The start cannot be read: " + err.Error() + ".", Hint: "Write a number of days such as 90d, a date such as 2026-01-31, or all."})
	}
	return out
}

// Fingerprint changes with every setting.
func (s *Settings) Fingerprint() string {
	open, err := json.Marshal(s)
	if err != nil {
		return "" // cannot happen: the type has strings only
	}
	sum := sha256.Sum256(open)
	return hex.EncodeToString(sum[:8])
}

// Open makes the source. The path is looked at by the first Fetch.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	since, err := sinceTime(s.Since, time.Now())
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: "read setting since", Err: err}
	}
	path := s.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(env.BaseDir, path)
	}
	limits := env.Limits.OrDefault()
	log := env.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &source{path: path, format: s.Format, since: since, limits: limits, log: log,
		folders: make(map[string]*folder), indexes: make(map[string]*index)}, nil
}

// sinceTime reads the setting since. The zero time is the beginning of all mail.
func sinceTime(text string, now time.Time) (time.Time, error) {
	if text == "" || text == "all" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil && n > 0 {
			return now.AddDate(0, 0, -int(n)).UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a number of days nor a date nor all", text)
}
