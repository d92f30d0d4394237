package config_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

var update = flag.Bool("update", false, "write the golden files")

// mailSettings behave like those of a real connector: decoded, then checked as a whole.
type mailSettings struct {
	Addr     string        `yaml:"addr"`
	TLS      tlsMode       `yaml:"tls"`
	Username string        `yaml:"username"`
	Password string        `yaml:"password"`
	Folders  []string      `yaml:"folders"`
	Since    time.Duration `yaml:"since"`
	Port     uint16        `yaml:"port"`
	Idle     bool          `yaml:"idle"`
	Auth     struct {
		Pin string `yaml:"pin" secret:"true"`
	} `yaml:"auth"`
}

type tlsMode string

func (m *tlsMode) UnmarshalText(text []byte) error {
	switch *m = tlsMode(text); *m {
	case "implicit", "starttls", "none":
		return nil
	}
	return fmt.Errorf("%q is not one of implicit, starttls, none", text)
}

func (s *mailSettings) Check() []connectors.Problem {
	var ps []connectors.Problem
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		ps = append(ps, connectors.Problem{Path: "addr", What: "the server is missing", Hint: `addr: "mail.example.co.jp:993"`})
	}
	if ip := net.ParseIP(host); s.TLS == "none" && host != "localhost" && !ip.IsLoopback() {
		ps = append(ps, connectors.Problem{Path: "tls", What: "a server elsewhere is not spoken to without TLS", Hint: "write tls: implicit or starttls"})
	}
	for i, f := range s.Folders {
		if f == "" {
			ps = append(ps, connectors.Problem{Path: fmt.Sprintf("folders[%d]", i), What: "the name of the folder is empty"})
		}
	}
	return ps
}

func (s *mailSettings) Fingerprint() string { return s.Addr }

func (s *mailSettings) Open(context.Context, connectors.Env) (connectors.Source, error) {
	return nil, errors.New("only for reading settings")
}

func kinds() map[string]connectors.SourceKind {
	kind := connectors.SourceKind{Name: "imap", Schedule: "@every 5m", NewSettings: func() connectors.Settings {
		return &mailSettings{TLS: "implicit", Since: 90 * 24 * time.Hour}
	}}
	files := kind
	files.Name = "files"
	return map[string]connectors.SourceKind{"imap": kind, "files": files}
}

func env(name string) (string, bool) {
	v, ok := map[string]string{"SATO_PASSWORD": "hush", "PORT": "993", "EMPTY": ""}[name]
	return v, ok
}

func TestEveryMistakeIsNamed(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("fixtures: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, problems := config.Load(file, env, kinds())
			if c != nil || !problems.Fatal() {
				t.Errorf("the file was accepted: %v", problems)
			}
			got := problems.Error() + "\n"
			got = strings.ReplaceAll(got, mustAbs(t, "testdata"), "DIR")
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
			if strings.Contains(got, "hush") {
				t.Error("a message shows a secret")
			}
		})
	}
}

func TestGoodFilesLoad(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("fixtures: %v, %v", files, err)
	}
	for _, file := range append(files, "example.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, problems := config.Load(file, env, kinds())
			if len(problems) > 0 {
				t.Fatal(problems.Error())
			}
			if c.Location == nil || len(c.Organization.Domains) == 0 || !filepath.IsAbs(c.DataDir) {
				t.Errorf("not complete: %+v", c)
			}
		})
	}
}

func TestLoadFillsTheTypes(t *testing.T) {
	c, problems := config.Load("testdata/good/full.yaml", env, kinds())
	if len(problems) > 0 {
		t.Fatal(problems.Error())
	}
	dir := mustAbs(t, "testdata/good")
	if c.DataDir != filepath.Join(dir, "data") || c.Secrets.KeyFile != "/etc/tsunagu/key" || c.Dir != dir {
		t.Errorf("paths: %s, %s, %s", c.DataDir, c.Secrets.KeyFile, c.Dir)
	}
	if diff := cmp.Diff([]string{"example.co.jp", "xn--wgv71a119e.jp"}, c.Organization.Domains); diff != "" {
		t.Error(diff)
	}
	if got := c.HTTP.TrustedProxies[1].String(); got != "10.0.0.0/8" || len(c.HTTP.TrustedProxies) != 2 {
		t.Errorf("proxies: %v", c.HTTP.TrustedProxies)
	}
	s := c.Sources[0]
	if s.Owner != "sato@example.co.jp" || s.NewPeople != mapping.PolicyAlways || s.Schedule != "*/10 8-19 * * 1-5" {
		t.Errorf("source: %+v", s)
	}
	want := &mailSettings{Addr: "mail.example.co.jp:993", TLS: "implicit", Username: "sato", Password: "hush!${x}", Folders: []string{"INBOX", `\Sent`},
		Since: 36 * time.Hour, Port: 993, Idle: true}
	if diff := cmp.Diff(want, s.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	second := c.Sources[1].Settings.(*mailSettings)
	if second.Addr != want.Addr || second.Username != "suzuki" || second.Password != "from a file" || second.Since != 36*time.Hour {
		t.Errorf("settings with merged keys: %+v", second)
	}
	if c.Sources[1].Schedule != "@every 5m" || c.Sources[1].NewPeople != "" {
		t.Errorf("defaults: %+v", c.Sources[1])
	}
}

func TestMappingDocumentIsStable(t *testing.T) {
	load := func(file string) string {
		c, problems := config.Load(file, env, kinds())
		if len(problems) > 0 {
			t.Fatal(problems.Error())
		}
		text, err := c.MappingDocument()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	full := load("testdata/good/full.yaml")
	if full != load("testdata/good/full.yaml") || full == load("testdata/good/shortest.yaml") {
		t.Error("the document must depend on the settings, and on nothing else")
	}
	for _, want := range []string{"社外秘", "classes: []", "domain: false", "new: never"} {
		if !strings.Contains(full, want) {
			t.Errorf("%q is missing in\n%s", want, full)
		}
	}
	if strings.Contains(full, "hush") {
		t.Error("the document holds a secret")
	}
	for file, want := range map[string]bool{"testdata/good/full.yaml": true, "testdata/good/shortest.yaml": false} {
		var doc mapping.Document
		if err := yaml.Unmarshal([]byte(load(file)), &doc); err != nil {
			t.Fatal(err)
		}
		if got := doc.Screen.Classes != nil; got != want {
			t.Errorf("%s: read back, the classes are given: %v, want %v", file, got, want)
		}
	}
}

func TestUnreadableFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct{ path, want string }{
		"missing":     {filepath.Join(dir, "none.yaml"), "there is no such file"},
		"folder":      {dir, "this is a folder, not a file"},
		"empty":       {write("empty.yaml", " \n\n"), "the file is empty"},
		"comments":    {write("comments.yaml", "# nothing\n"), "the file holds no settings"},
		"Shift_JIS":   {write("sjis.yaml", "data_dir: x\n  name: \x8a\x94\x8e\xae\n"), ":2:9: the file is not UTF-8 (save it as UTF-8; is it Shift_JIS?)"},
		"UTF-16":      {write("utf16.yaml", "\xff\xfea\x00"), "the file is UTF-16"},
		"NUL":         {write("nul.yaml", "a: b\x00\n"), ":1:5: the file holds a NUL byte"},
		"a list":      {write("list.yaml", "- a\n"), "must consist of settings"},
		"a word":      {write("word.yaml", "hello\n"), "must consist of settings"},
		"a bomb":      {write("bomb.yaml", bomb()), "the anchors make the file too large"},
		"too large":   {write("large.yaml", "# "+strings.Repeat("x", 5<<20)), "larger than 4 MiB"},
		"no YAML":     {write("no.yaml", "a: 'b\n"), "this is not YAML"},
		"recursive":   {write("rec.yaml", "a: &x\n  b: *x\n"), "the anchors make the file too large"},
		"two of them": {write("two.yaml", "data_dir: x\n---\ndata_dir: y\n"), "a second document starts here"},
	} {
		t.Run(name, func(t *testing.T) {
			got, problems := config.Load(c.path, env, kinds())
			if got != nil || !strings.Contains(problems.Error(), c.want) {
				t.Errorf("got %q; want it to say %q", problems.Error(), c.want)
			}
		})
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 8; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return b.String()
}

func TestPlainSecretsAreAllowedOnRequest(t *testing.T) {
	content, err := os.ReadFile("testdata/plain-secret.bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "c.yaml")
	if err := os.WriteFile(path, append(content, "allow_plain_secrets: true\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, problems := config.Load(path, env, kinds()); len(problems) > 0 {
		t.Errorf("mode 0600: %v", problems)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	c, problems := config.Load(path, env, kinds())
	if c == nil || problems.Fatal() || len(problems) != 2 || !strings.Contains(problems.Error(), "warning: sources[0].settings.password: a secret stands here in clear and every user") {
		t.Errorf("mode 0644: %v", problems)
	}
}

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for in, want := range map[string]time.Duration{
		"90d": 90 * day, "2w": 14 * day, "1h30m": 90 * time.Minute, "45s": 45 * time.Second, "0": 0, "1.5h": 90 * time.Minute, "1d12h": 36 * time.Hour, "250ms": 250 * time.Millisecond,
	} {
		if got, err := config.ParseDuration(in); err != nil || got != want {
			t.Errorf("%q: %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"", "90", "d", "-3d", "3 days", "1y", "99999999999999999999d", "90d "} {
		if got, err := config.ParseDuration(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func mustAbs(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}
