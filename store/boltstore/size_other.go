//go:build !unix

package boltstore

import "os"

func bytesOnDisk(info os.FileInfo) int64 { return info.Size() }
