package oauth

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Transport signs requests for one account. It holds no connections of its own.
type Transport struct {
	Keeper       *Keeper
	Base         http.RoundTripper
	Origins      map[string]bool   // of the provider's services, as Origins gives them; others get no token and no request
	QuotaProject string            // X-Goog-User-Project; "" for the application's own
	Explain      func(error) error // puts an error of the Keeper into the caller's form; nil leaves it
}

// Origins are scheme, host and port of addresses, the keys of Transport.Origins. Those that are no addresses to which a
// token may go are left out.
func Origins(addresses ...string) map[string]bool {
	out := map[string]bool{}
	for _, s := range addresses {
		if u, err := url.Parse(s); err == nil && CheckURL(s) == nil {
			out[origin(u)] = true
		}
	}
	return out
}

// RoundTrip sends a signed copy of req. On a 401 the token is refreshed and the request repeated, once, if its body can
// be read again.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !t.Origins[origin(req.URL)] {
		closeBody(req)
		return nil, fmt.Errorf("%w: %s", ErrForeignHost, req.URL.Host)
	}
	access, err := t.Keeper.Token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, t.explain(err)
	}
	resp, err := t.Base.RoundTrip(t.signed(req, access))
	if err != nil || resp.StatusCode != http.StatusUnauthorized || req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return resp, err
	}
	t.Keeper.Refused(access)
	again := req
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return resp, nil //nolint:nilerr // the 401 is the answer then
		}
		again = req.Clone(req.Context())
		again.Body = body
	}
	access, err = t.Keeper.Token(req.Context())
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	_ = resp.Body.Close()
	if err != nil {
		closeBody(again)
		return nil, t.explain(err)
	}
	return t.Base.RoundTrip(t.signed(again, access))
}

func (t *Transport) signed(req *http.Request, access string) *http.Request {
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", "Bearer "+access)
	if t.QuotaProject != "" {
		out.Header.Set("X-Goog-User-Project", t.QuotaProject)
	}
	return out
}

func (t *Transport) explain(err error) error {
	if t.Explain == nil {
		return err
	}
	return t.Explain(err)
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
