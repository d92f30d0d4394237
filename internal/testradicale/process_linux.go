package testradicale

import "syscall"

// processAttributes make the server a process group of its own that ends when the test's process dies,
// however it dies.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
