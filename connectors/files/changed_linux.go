package files

import (
	"io/fs"
	"syscall"
)

// changed gives the time at which a file's content, name or place was last changed, in nanoseconds since 1970.
func changed(info fs.FileInfo) int64 {
	at := info.ModTime().UnixNano()
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		at = max(at, int64(stat.Ctim.Sec)*1e9+int64(stat.Ctim.Nsec)) //nolint:unconvert // 32 bits wide on some machines
	}
	return at
}
