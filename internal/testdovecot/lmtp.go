package testdovecot

import (
	"fmt"
	"net"
	"net/textproto"
	"time"
)

// Deliver hands a message to the user's INBOX over LMTP (RFC 2033), as a mail server does: Dovecot puts
// Return-Path, Delivered-To and Received before it. Bare line feeds become CRLF.
func (b *Bare) Deliver(name string, raw []byte) error {
	conn, err := net.DialTimeout("tcp", b.LMTPAddr, 10*time.Second)
	if err != nil {
		return fmt.Errorf("dial lmtp: %w", err)
	}
	_ = conn.SetDeadline(time.Now().Add(60 * time.Second))
	c := textproto.NewConn(conn)
	defer c.Close()
	if _, _, err := c.ReadResponse(220); err != nil {
		return fmt.Errorf("read lmtp greeting: %w", err)
	}
	for _, step := range []struct {
		line string
		code int
	}{
		{"LHLO localhost", 250},
		{"MAIL FROM:<sender@example.com>", 250},
		{"RCPT TO:<" + name + ">", 250},
		{"DATA", 354},
	} {
		if err := c.PrintfLine("%s", step.line); err != nil {
			return fmt.Errorf("send %s: %w", step.line, err)
		}
		if _, _, err := c.ReadResponse(step.code); err != nil {
			return fmt.Errorf("send %s: %w", step.line, err)
		}
	}
	w := c.DotWriter()
	if _, err := w.Write(raw); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	if _, _, err := c.ReadResponse(250); err != nil {
		return fmt.Errorf("deliver message to %s: %w", name, err)
	}
	return nil
}
