//go:build !linux

package imap

import "net"

// quickAcker does nothing where acknowledgements cannot be hastened.
func quickAcker(net.Conn) func() { return func() {} }
