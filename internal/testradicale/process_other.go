//go:build unix && !linux

package testradicale

import "syscall"

// processAttributes make the server a process group of its own.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
