//go:build !linux

package main

import "net"

// acknowledge does nothing: only Linux can be told to acknowledge at once.
func acknowledge(net.Conn) {}
