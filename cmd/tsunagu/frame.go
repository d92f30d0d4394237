package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

// A conversation over the control socket is made of frames: one byte that says what it is, the length as
// four bytes, and the data.
const (
	frameRequest = 'q' // JSON: request
	frameInput   = 'i' // a piece of standard input
	frameEnd     = 'e' // of standard input
	frameOut     = 'o' // a piece of standard output
	frameErr     = 'r' // a piece of standard error
	frameExit    = 'x' // one byte: the exit code
)

// maxFrame bounds what is held for a frame.
const maxFrame = 64 << 10

// frameWriter sends everything written to it as frames of one type. Several may share a connection.
type frameWriter struct {
	to   io.Writer
	lock *sync.Mutex
	kind byte
}

// Write sends p.
func (w frameWriter) Write(p []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	written := 0
	for written < len(p) {
		part := p[written:min(len(p), written+maxFrame)]
		if err := w.frame(part); err != nil {
			return written, err
		}
		written += len(part)
	}
	return written, nil
}

func (w frameWriter) frame(data []byte) error {
	var head [5]byte
	head[0] = w.kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(data)))
	if _, err := w.to.Write(append(head[:], data...)); err != nil {
		return fmt.Errorf("send to control socket: %w", err)
	}
	return nil
}

// readFrame reads one frame.
func readFrame(r io.Reader) (kind byte, data []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a frame of %d bytes is too large", n)
	}
	data = make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return 0, nil, err
	}
	return head[0], data, nil
}
