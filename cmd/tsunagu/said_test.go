package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/backups"
)

func TestWhatIsPrintedIsHarmless(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"plain":             {"株式会社青葉フーズ: 1 item", "株式会社青葉フーズ: 1 item"},
		"escape":            {"a\x1b[31mb", "a\uFFFD[31mb"},
		"C1 and NUL":        {"a\u009bb\x00", "a\uFFFDb\uFFFD"},
		"bidi":              {"gpj.\u202eexe", "gpj.\uFFFDexe"},
		"lines stay":        {"a\nb\tc", "a\nb c"},
		"a Go panic":        {"read x: runtime error: index out of range [5] with length 3: try again", "read x: try again"},
		"a slice":           {"damaged: runtime error: slice bounds out of range [:5] with capacity 3", "damaged"},
		"a nil dereference": {"runtime error: invalid memory address or nil pointer dereference (unreadable)", "(unreadable)"},
		"a fault":           {"damaged: unexpected fault address 0x7f00", "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			var said bytes.Buffer
			(&app{stdout: &said}).sayf("%s", c.text)
			if got := strings.TrimSuffix(said.String(), "\n"); got != c.want {
				t.Errorf("said %q; want %q", got, c.want)
			}
		})
	}
}

func TestAPanicIsOneSentence(t *testing.T) {
	var said bytes.Buffer
	broken := func(string) (string, bool) {
		var none map[string][]int
		return "", none["x"][3] == 0 // panics
	}
	calls := 0
	env := func(name string) (string, bool) {
		if calls++; calls == 1 {
			return broken(name)
		}
		return "", false
	}
	code := run(t.Context(), []string{"check", "config"}, strings.NewReader(""), &said, &said, env)
	if code != exitFailed || !strings.HasPrefix(said.String(), "tsunagu: an internal error stopped this command") || strings.Count(said.String(), "\n") != 1 {
		t.Errorf("exit code %d, said %q", code, said.String())
	}
	if strings.Contains(said.String(), "runtime") || strings.Contains(said.String(), "goroutine") {
		t.Errorf("said %q", said.String())
	}
}

func TestErrorsNameTheFileThatWasAskedFor(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	_, err = namedWriter{full, "copy.db"}.Write([]byte("x"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(err.Error(), "write copy.db: no space left") {
		t.Errorf("error %v", err)
	}
}

func TestARestoreDoesNotFillTheDisk(t *testing.T) {
	var written bytes.Buffer
	err := copyWithin(t.Context(), &written, endless{}, kept+1<<20)
	if !errors.Is(err, crm.ErrFull) || written.Len() > 1<<20+1 {
		t.Errorf("%d bytes written, error %v", written.Len(), err)
	}
}

func TestASumTellsEveryChange(t *testing.T) {
	var whole bytes.Buffer
	sum := backups.NewSummed(&whole)
	if _, err := sum.Write([]byte("the store")); err != nil || sum.Finish() != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(whole.Bytes(), []byte("store"), []byte("stare"), 1)
	for name, c := range map[string]struct {
		data, left string
		want       bool
	}{
		"whole":        {whole.String(), "the store", true},
		"changed":      {string(changed), string(changed), false},
		"without":      {"a store of an older version, which is long enough for a sum", "a store of an older version, which is long enough for a sum", true},
		"short":        {"x", "x", true},
		"cut in front": {whole.String()[1:], whole.String()[1:], false},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Create(filepath.Join(t.TempDir(), "part"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString(c.data); err != nil {
				t.Fatal(err)
			}
			got, err := backups.TakeSum(t.Context(), f)
			left, readErr := os.ReadFile(f.Name())
			if err != nil || readErr != nil || got != c.want || string(left) != c.left {
				t.Errorf("whole %v (%v), %q left", got, err, left)
			}
		})
	}
}

// endless is a device that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestLogsLeaveOutTimesThatNeverCome(t *testing.T) {
	var logged bytes.Buffer
	log := (&app{stderr: &logged}).logger(&config.Config{Log: config.Log{Level: "info", Format: "text"}}, false)
	log.Info("paused", "next", time.Time{}, "since", time.Unix(0, 0).UTC())
	if got := logged.String(); strings.Contains(got, "next=") || !strings.Contains(got, "since=1970") || !strings.Contains(got, "time=") {
		t.Errorf("logged %q", got)
	}
}
