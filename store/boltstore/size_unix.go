//go:build unix

package boltstore

import (
	"os"
	"syscall"
)

// bytesOnDisk leaves out the holes that a file may have.
func bytesOnDisk(info os.FileInfo) int64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return stat.Blocks * 512
	}
	return info.Size()
}
