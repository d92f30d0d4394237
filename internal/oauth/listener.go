package oauth

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Listener receives the answer of a browser on this machine (RFC 8252 section 7.3).
type Listener struct {
	listener net.Listener
	state    string
	answers  chan url.Values
	server   *http.Server
}

// Listen opens a port of 127.0.0.1; 0 for an ephemeral one. Close the Listener.
func Listen(ctx context.Context, port uint16) (*Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return nil, fmt.Errorf("listen for the browser: %w", err)
	}
	return &Listener{listener: l, answers: make(chan url.Values, 1)}, nil
}

// Redirect is the address the browser is to come back to.
func (l *Listener) Redirect() string { return "http://" + l.listener.Addr().String() + "/" }

// Wait serves until the answer to the state has come, at most for FlowLimit. Other requests, such as a browser's for an
// icon or somebody's with another state, get 404 and do not end it; the second answer does, too.
func (l *Listener) Wait(ctx context.Context, state string) (url.Values, error) {
	l.state = state
	ctx, cancel := context.WithTimeoutCause(ctx, FlowLimit, &Error{Op: "wait for the browser", Kind: ErrFlow, Err: errors.New("it took longer than ten minutes")})
	defer cancel()
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10}
	done := make(chan error, 1)
	go func() { done <- l.server.Serve(l.listener) }()
	select {
	case q := <-l.answers:
		end, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer stop()
		_ = l.server.Shutdown(end) // the page is written, then it ends
		return q, nil
	case err := <-done:
		return nil, fmt.Errorf("listen for the browser: %w", err)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ServeHTTP takes the one answer.
func (l *Listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if r.Method != http.MethodGet || r.URL.Path != "/" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(l.state)) != 1 {
		http.NotFound(w, r)
		return
	}
	select {
	case l.answers <- q:
	default:
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Connection", "close")
	text := "サインインの結果を受け取りました。このページを閉じて、ターミナルに戻ってください。</p><p lang=en>Your answer has arrived. Close this page and go back to the terminal."
	if q.Get("error") != "" {
		text = "サインインは許可されませんでした。このページを閉じて、ターミナルに戻ってください。</p><p lang=en>The sign-in was not granted. Close this page and go back to the terminal."
	}
	_, _ = io.WriteString(w, `<!doctype html><html lang=ja><meta charset=utf-8><title>Tsunagu</title><style>body{font:16px/1.7 system-ui,sans-serif;max-width:34em;margin:20vh auto;padding:0 1em}</style><h1>Tsunagu</h1><p>`+text+`</p>`)
}

// Close ends it.
func (l *Listener) Close() {
	if l.server != nil {
		_ = l.server.Close()
	}
	_ = l.listener.Close()
}
