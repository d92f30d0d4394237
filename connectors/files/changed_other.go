//go:build !linux

package files

import "io/fs"

// changed gives the time at which a file's content was last changed, in nanoseconds since 1970.
func changed(info fs.FileInfo) int64 { return info.ModTime().UnixNano() }
