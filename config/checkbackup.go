package config

import (
	"os"
	"path/filepath"
	"strings"
)

// maxKeptBackups bounds backup.keep.
const maxKeptBackups = 10_000

// backup checks where back-ups go and when they are made.
func (k *checker) backup(c *Config) {
	b := &c.Backup
	if b.Dir == "" {
		b.Dir = filepath.Join(c.DataDir, "backups")
	} else {
		b.Dir = k.path("backup.dir", b.Dir)
		if info, err := os.Stat(b.Dir); err == nil && !info.IsDir() {
			k.bad("backup.dir", k.shown("backup.dir", b.Dir)+" is a file", "name a folder, which need not be there yet")
		}
	}
	if strings.TrimSpace(b.Schedule) != "" {
		k.schedule("backup.schedule", b.Schedule)
	}
	if b.Keep < 1 || b.Keep > maxKeptBackups {
		k.bad("backup.keep", k.shown("backup.keep", "")+" is no number of back-ups to keep", "write keep: 14")
	}
}
