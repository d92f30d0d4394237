package imap

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// busyDelay is how long a server that is busy or counts connections is left alone.
const busyDelay = 2 * time.Minute

// fault classifies err, unless it is classified already or nothing but ctx's end.
func (s *source) fault(ctx context.Context, op string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", op, context.Cause(ctx))
	}
	var known *connectors.Fault
	if errors.As(err, &known) {
		return err
	}
	var refused *imap.Error
	if errors.As(err, &refused) {
		if f := busyFault(op, refused); f != nil {
			return f
		}
		return &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err}
	}
	return networkFault(op, s.settings.Addr, err)
}

// busyFault recognises a server that wants to be left alone for a while (RFC 5530); nil if it does not.
func busyFault(op string, refused *imap.Error) error {
	text := strings.ToLower(refused.Text)
	busy := refused.Code == imap.ResponseCodeUnavailable || refused.Code == imap.ResponseCodeInUse ||
		refused.Code == imap.ResponseCodeOverQuota || refused.Code == imap.ResponseCodeLimit || refused.Code == "THROTTLED"
	for _, sign := range []string{"too many", "maximum number of connections", "throttl", "rate limit", "try again later", "temporar"} {
		busy = busy || strings.Contains(text, sign)
	}
	if !busy {
		return nil
	}
	return &connectors.Fault{Kind: connectors.Retryable, Op: op, After: busyDelay, Err: refused,
		Hint: "the server is busy or counts connections; if this lasts, close other programs that use the mailbox"}
}

// networkFault classifies what can go wrong on the way to a server.
func networkFault(op, addr string, err error) error {
	f := &connectors.Fault{Kind: connectors.Retryable, Op: op, Err: err}
	var dns *net.DNSError
	var timeout net.Error
	var caFile *caFileError
	switch {
	case errors.As(err, &caFile):
		f.Kind, f.Hint = connectors.Permanent, "let ca_file name a readable PEM file"
	case certificateHint(err) != "":
		f.Kind, f.Hint = connectors.Permanent, certificateHint(err)
	case errors.Is(err, errNoStartTLS):
		f.Kind, f.Hint = connectors.Permanent, "try tls: implicit with port 993"
	case errors.As(err, &dns):
		f.Hint = fmt.Sprintf("the name %s is not known; check addr, or the name service if it was right before", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		f.Hint = fmt.Sprintf("nothing answers at %s; check the port and whether the server runs", addr)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		f.Hint = fmt.Sprintf("%s does not answer in time; check the address, firewalls and tls (implicit or starttls)", addr)
	case strings.Contains(err.Error(), "first record does not look like a TLS handshake"):
		f.Kind, f.Hint = connectors.Permanent, "this port does not speak TLS from the start; try tls: starttls, or port 993"
	}
	return f
}

// certificateHint says what is wrong with a certificate; "" if err is about something else.
func certificateHint(err error) string {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if now := time.Now(); now.Before(invalid.Cert.NotBefore) {
			return fmt.Sprintf("the server's certificate is valid only from %s; check this machine's clock", invalid.Cert.NotBefore.Format(time.DateOnly))
		}
		return fmt.Sprintf("the server's certificate expired on %s; its operator must renew it", invalid.Cert.NotAfter.Format(time.DateOnly))
	case errors.As(err, &invalid):
		return "the server's certificate is not valid: " + invalid.Error()
	case errors.As(err, &unknown):
		return "the server's certificate was signed by an unknown authority; put that authority's certificate into ca_file"
	case errors.As(err, &name) && name.Certificate != nil:
		return fmt.Sprintf("the server's certificate is for %s, not for %s; write the right name as server_name or in addr",
			strings.Join(name.Certificate.DNSNames, ", "), name.Host)
	}
	return ""
}
