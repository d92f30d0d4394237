package main

import (
	"net"
	"syscall"
)

// acknowledge makes the kernel acknowledge at once what has arrived. Without it a server that waits for
// acknowledgements (Nagle's algorithm, RFC 896) would see 40 ms that belong to the proxy, not to the line.
func acknowledge(conn net.Conn) {
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // only a matter of speed
	})
}
