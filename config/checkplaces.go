package config

import (
	"errors"
	"os"
	"syscall"
)

// places looks at what is where the data and the key are to be. What is missing is made later.
func (k *checker) places(c *Config) {
	if info, err := os.Stat(c.DataDir); err == nil && !info.IsDir() || errors.Is(err, syscall.ENOTDIR) {
		k.bad("data_dir", k.shown("data_dir", c.DataDir)+" is a file, or lies below one", "name a folder, which need not be there yet")
	}
	if info, err := os.Stat(c.Secrets.KeyFile); err == nil && info.IsDir() {
		k.bad("secrets.key_file", k.shown("secrets.key_file", c.Secrets.KeyFile)+" is a folder", "name the file in it: tsunagu.key")
	}
}
