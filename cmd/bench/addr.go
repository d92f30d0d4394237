package main

import (
	"fmt"
	"net"
)

// loopback is a free port of this machine.
func loopback() *net.TCPAddr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// freeAddr is an address of this machine that nobody listens on.
func freeAddr() (string, error) {
	listener, err := net.ListenTCP("tcp", loopback())
	if err != nil {
		return "", fmt.Errorf("find free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
