package imap

import (
	"net"
	"syscall"
)

// quickAcker gives a function that makes the kernel acknowledge at once what has arrived. A server that sends the
// end of an answer only when everything before is acknowledged (Nagle's algorithm, RFC 896) would otherwise
// be held up by our kernel's delayed acknowledgements, 40 ms for every command.
func quickAcker(conn net.Conn) func() {
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = secured.NetConn()
	}
	tcp, ok := conn.(*net.TCPConn)
	if !ok {
		return func() {}
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return func() {}
	}
	acknowledge := func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_QUICKACK, 1) // only a matter of speed
	}
	return func() { _ = raw.Control(acknowledge) }
}
