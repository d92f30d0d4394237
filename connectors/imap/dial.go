package imap

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// connectLimit bounds connecting, TLS included.
const connectLimit = 30 * time.Second

// errNoStartTLS means that the server does not offer STARTTLS.
var errNoStartTLS = errors.New("server does not offer STARTTLS")

// dial connects and protects the connection. The greeting is what go-imap must be given to read first: ""
// unless STARTTLS used the server's own up.
func (s *Settings) dial(ctx context.Context) (conn net.Conn, greeting string, err error) {
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	config, err := s.tlsConfig()
	if err != nil {
		return nil, "", err
	}
	raw, err := safehttp.Dialer(s.Outside).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return nil, "", err
	}
	stop := context.AfterFunc(ctx, func() { _ = raw.Close() })
	defer stop()
	switch s.TLS {
	case tlsNone:
		return raw, "", nil
	case tlsStart:
		if err := startTLS(raw); err != nil {
			_ = raw.Close()
			return nil, "", cause(ctx, err)
		}
		greeting = "* OK protected\r\n"
	}
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, "", cause(ctx, err)
	}
	config.RootCAs = nil // the connection keeps its configuration; a thousand idle ones need no pools of authorities
	return secured, greeting, nil
}

// cause prefers the reason why ctx ended over what its end did to the connection.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// tlsConfig trusts the system's authorities and the private one. There is no way to skip verification.
func (s *Settings) tlsConfig() (*tls.Config, error) {
	name := s.ServerName
	if name == "" {
		name, _, _ = net.SplitHostPort(s.Addr)
	}
	config := &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	if s.CAFile == "" {
		return config, nil
	}
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, &caFileError{err}
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &caFileError{fmt.Errorf("%s holds no certificate in PEM form", s.CAFile)}
	}
	config.RootCAs = pool
	return config, nil
}

// caFileError means that the setting ca_file is of no use.
type caFileError struct{ err error }

func (e *caFileError) Error() string { return "read ca_file: " + e.err.Error() }
func (e *caFileError) Unwrap() error { return e.err }

// startTLS speaks the lines before the handshake (RFC 9051 section 6.2.1). Nothing that came in the clear is
// kept: bytes that follow the answer would have been slipped in, so they are an error.
func startTLS(conn net.Conn) error {
	if err := conn.SetDeadline(time.Now().Add(connectLimit)); err != nil {
		return err
	}
	lines := bufio.NewReader(io.LimitReader(conn, 64<<10))
	greeting, err := lines.ReadString('\n')
	if err != nil {
		return fmt.Errorf("read greeting: %w", err)
	}
	if !strings.HasPrefix(strings.ToUpper(greeting), "* OK") {
		return fmt.Errorf("greeting was %q", strings.TrimSpace(greeting))
	}
	if _, err := io.WriteString(conn, "S1 STARTTLS\r\n"); err != nil {
		return err
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return fmt.Errorf("read answer to STARTTLS: %w", err)
		}
		answer := strings.ToUpper(line)
		switch {
		case strings.HasPrefix(answer, "S1 OK"):
			if lines.Buffered() > 0 {
				return errors.New("server sent more in the clear after accepting STARTTLS")
			}
			return conn.SetDeadline(time.Time{})
		case strings.HasPrefix(answer, "S1 "):
			return fmt.Errorf("%w: %s", errNoStartTLS, strings.TrimSpace(line))
		}
	}
}
