package webform

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update", false, "write the expected problems anew")

func load(t *testing.T, file string) *Settings {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	settings, ok := Kind().NewSettings().(*Settings)
	if !ok {
		t.Fatal("the settings are of another type")
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(settings); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return settings
}

func TestMistakes(t *testing.T) {
	files, err := filepath.Glob("testdata/*.bad.yaml")
	if err != nil || len(files) < 3 {
		t.Fatalf("fixtures: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var got strings.Builder
			for _, p := range load(t, file).Check() {
				fmt.Fprintf(&got, "%s: %s %s\n", p.Path, p.What, p.Hint)
			}
			golden := strings.TrimSuffix(file, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGoodSettings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.good.yaml")
	if err != nil || len(files) < 1+len(Recipes()) {
		t.Fatalf("fixtures: %v, %v", files, err)
	}
	for _, file := range files {
		if problems := load(t, file).Check(); len(problems) > 0 {
			t.Errorf("%s: %+v", file, problems)
		}
	}
}

func TestFingerprint(t *testing.T) {
	base := func() *Settings { return load(t, "testdata/generic.good.yaml") }
	changes := map[string]func(s *Settings){
		"bearer": func(s *Settings) { s.Bearer = "other" }, "query": func(s *Settings) { s.Query = map[string]string{"a": "b"} },
		"header": func(s *Settings) { s.Headers["X-Api-Version"] = "3" }, "list": func(s *Settings) { s.List = "x" },
		"password": func(s *Settings) { s.Basic = &Basic{Password: "x"} }, "proxy": func(s *Settings) { s.Proxy = "http://p" },
	}
	if first, second := base().Fingerprint(), base().Fingerprint(); first != second {
		t.Error("the same settings have two fingerprints")
	}
	for name, change := range changes {
		s := base()
		change(s)
		if s.Fingerprint() == base().Fingerprint() {
			t.Errorf("a change of %s does not show", name)
		}
		if strings.Contains(s.Fingerprint(), "other") {
			t.Errorf("the fingerprint holds a secret")
		}
	}
}

func TestSecretsAreNamed(t *testing.T) {
	s := &Settings{Headers: map[string]string{"X-Api-Key": "a", "Accept": "b"}, Query: map[string]string{"apikey": "a", "page": "1", "access_token": "c"}}
	got := s.Secrets()
	slices.Sort(got)
	if diff := cmp.Diff([]string{"bearer", "headers.X-Api-Key", "proxy", "query.access_token", "query.apikey"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
