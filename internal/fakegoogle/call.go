package fakegoogle

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// call is one request on its way through the server.
type call struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	at     time.Time
	vars   []string
	params url.Values

	method string
	user   string // address of who calls, "" before the token was read
	scopes []string
	units  int
	status int
	writes bool

	contentType string
	body        []byte
}

// serve takes a call of an API or a page of the sign-in through failure, token, scope and quota.
func (c *call) serve(r *route) {
	s := c.server
	c.params = c.r.URL.Query()
	if !r.open {
		c.identify()
	}
	c.writes = !r.open && r.handle == nil && r.verb != http.MethodGet
	if s.failures.play(c) {
		return
	}
	if r.open {
		r.handle(c)
		return
	}
	if !c.authorised(r) {
		return
	}
	if r.handle == nil {
		c.fail(insufficientScopes(c.method))
		return
	}
	if refused, ok := s.usage.admit(c); !ok {
		c.fail(refused)
		return
	}
	r.handle(c)
}

// identify reads the bearer token; a token that is no good leaves the user empty.
func (c *call) identify() {
	h := c.r.Header.Get("Authorization")
	if len(h) > 7 && strings.EqualFold(h[:7], "bearer ") {
		c.user, c.scopes = c.server.auth.bearer(strings.TrimSpace(h[7:]), c.at)
	}
}

func (c *call) authorised(r *route) bool {
	if c.user == "" {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`)
		c.fail(apiError{
			status: http.StatusUnauthorized, reason: "authError", domain: "global", code: "UNAUTHENTICATED", location: "Authorization",
			message: "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
		})
		return false
	}
	if !slices.ContainsFunc(r.scopes, func(s string) bool { return slices.Contains(c.scopes, s) }) {
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="insufficient_scope"`)
		c.fail(insufficientScopes(c.method))
		return false
	}
	return true
}

// answer sends a JSON body, cut down to what the fields parameter asks for.
func (c *call) answer(v any) {
	body, err := json.Marshal(v)
	if err == nil && c.params.Get("fields") != "" {
		body, err = mask(body, c.params.Get("fields"))
	}
	if err != nil {
		c.fail(badRequest("Invalid field selection " + c.params.Get("fields")))
		return
	}
	c.send(http.StatusOK, "application/json; charset=UTF-8", body)
}

// send keeps the answer; flush writes it once the handler has given back its locks.
func (c *call) send(status int, contentType string, body []byte) {
	c.status, c.contentType, c.body = status, contentType, body
}

func (c *call) flush() {
	if c.status == 0 {
		return
	}
	h := c.w.Header()
	if c.status != http.StatusNoContent {
		h.Set("Content-Type", c.contentType)
		h.Set("Content-Length", strconv.Itoa(len(c.body)))
	}
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(c.body)
}

// number reads an integer parameter and bounds it as the vendor does: above max is max. It answers the call
// and returns false when the parameter is no positive number.
func (c *call) number(name string, normal, highest int) (int, bool) {
	v := c.params.Get(name)
	if v == "" {
		return normal, true
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		c.fail(badRequest("Invalid value at '" + name + "' (TYPE_INT32), \"" + v + "\""))
		return 0, false
	}
	if n == 0 {
		return normal, true
	}
	return min(n, highest), true
}

func (c *call) flag(name string) bool {
	v, err := strconv.ParseBool(c.params.Get(name))
	return err == nil && v
}

// decode reads a JSON request body; it answers the call and returns false when that fails.
func (c *call) decode(v any) bool {
	if err := json.NewDecoder(c.r.Body).Decode(v); err != nil && !errors.Is(err, io.EOF) {
		c.fail(invalidArgument("Invalid JSON payload received."))
		return false
	}
	return true
}
