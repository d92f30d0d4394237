//go:build darwin || freebsd || linux

package main

import "syscall"

// freeSpace is how many bytes may still be written in a folder; -1 if the system does not say.
func freeSpace(folder string) int64 {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize) //nolint:unconvert // other systems have other types here
}
