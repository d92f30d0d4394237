package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// delayProxy forwards to a server and holds every byte back for half a round trip in each direction, without
// limiting the rate.
type delayProxy struct {
	listener net.Listener
	upstream string
	half     time.Duration
}

func newDelayProxy(ctx context.Context, upstream string, roundTrip time.Duration) (*delayProxy, error) {
	listener, err := net.ListenTCP("tcp", loopback())
	if err != nil {
		return nil, fmt.Errorf("listen for delayed connections: %w", err)
	}
	p := &delayProxy{listener: listener, upstream: upstream, half: roundTrip / 2}
	go p.serve(ctx)
	return p, nil
}

func (p *delayProxy) addr() string { return p.listener.Addr().String() }

func (p *delayProxy) serve(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(ctx, "tcp", p.upstream)
		if err != nil {
			_ = client.Close()
			continue
		}
		go p.pipe(server, client)
		go p.pipe(client, server)
	}
}

// parcel is what was read at one moment.
type parcel struct {
	data []byte
	due  time.Time
}

// pipe reads as fast as it can and writes each parcel when it is due.
func (p *delayProxy) pipe(to, from net.Conn) {
	parcels := make(chan parcel, 4096)
	go p.receive(from, to, parcels)
	for parcel := range parcels {
		if wait := time.Until(parcel.due); wait > 0 {
			time.Sleep(wait)
		}
		if _, err := to.Write(parcel.data); err != nil {
			_ = from.Close()
			for range parcels { // the reader must not block for ever
			}
			return
		}
	}
	_ = to.Close()
}

// receive cuts what comes into parcels. They share memory in large pieces, so that the proxy costs little beside
// what is measured.
func (p *delayProxy) receive(from, to net.Conn, parcels chan<- parcel) {
	defer close(parcels)
	var free []byte
	for {
		if len(free) < 16<<10 {
			free = make([]byte, 1<<20)
		}
		acknowledge(from)
		n, err := from.Read(free[:min(len(free), 64<<10)])
		if n > 0 {
			parcels <- parcel{free[:n:n], time.Now().Add(p.half)}
			free = free[n:]
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_ = to.Close()
			}
			return
		}
	}
}

func (p *delayProxy) close() { _ = p.listener.Close() }
