package files

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestPipesAreLeftAlone holds that nothing is opened that is no file: a pipe would keep the source for ever.
func TestPipesAreLeftAlone(t *testing.T) {
	for _, format := range []string{formatAuto, formatMbox, formatEML} {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"pipe", "pipe.eml", "pipe.mbox"} {
				if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(t, filepath.Join(dir, "a.eml"), mail(1))
			write(t, filepath.Join(dir, "a.mbox"), mboxMail(2))
			ids, _ := drain(t, openSource(t, Settings{Path: dir, Format: format}), "")
			want := map[string]int{formatAuto: 2, formatMbox: 1, formatEML: 1}[format]
			if len(ids) != want {
				t.Errorf("got %v, want %d messages", ids, want)
			}
		})
	}
}
