package fakegoogle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options says what a server is like. The zero value is a plain-HTTP server on a free port without quotas.
type Options struct {
	// TLS serves HTTPS with a certificate of the server's own authority, see [Server.CAFile].
	TLS bool
	// Now is the server's clock, time.Now when nil. It is also what the Date header says.
	Now func() time.Time
	// Quota limits the calls; zero values are unlimited.
	Quota Quota
	// AccessTTL is the life of an access token, one hour when zero.
	AccessTTL time.Duration
	// Listen is the address to listen on, "127.0.0.1:0" when empty.
	Listen string
	// Client is the OAuth application; test-client and test-secret when zero.
	Client Client
	// MaxCalls is how many calls the log keeps, the newest ones; 250,000 when zero.
	MaxCalls int
}

// Client is an OAuth application as registered in the vendor's console.
type Client struct {
	ID, Secret string
	// Redirects are the registered redirect URIs. Loopback addresses are accepted with any port and path
	// (RFC 8252, section 7.3) without being registered. No redirects at all: every http(s) URI is accepted.
	Redirects []string
}

// Endpoints are the addresses of a server. Those of services end in a slash and are what
// option.WithEndpoint of google.golang.org/api takes.
type Endpoints struct {
	Issuer, Auth, Token, Revoke, Device, JWKS, UserInfo, TokenInfo string
	Gmail, Calendar, Forms, Directory, PubSub                      string
}

// Server is a running Google. All methods may be called at the same time.
type Server struct {
	// URL is the address of the server without a slash at its end.
	URL string

	options Options
	now     func() time.Time
	http    *http.Server
	tls     *authority
	stop    context.Context
	cancel  context.CancelFunc
	served  sync.WaitGroup

	routes   *routes
	calls    callLog
	failures failures
	usage    usage
	auth     *authServer
	gmail    *mailboxes
	calendar *calendars
	forms    *formStore
	groups   *directory
	pubsub   *pubsub
	answers  atomic.Uint64 // makes attachment ids differ between answers
}

// Start serves a new, empty Google until Close.
func Start(o Options) (*Server, error) {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	s, err := newServer(o, ln.Addr().String())
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	s.http = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.served.Go(func() {
		if s.tls != nil {
			s.http.TLSConfig = s.tls.config
			_ = s.http.ServeTLS(ln, "", "")
			return
		}
		_ = s.http.Serve(ln)
	})
	return s, nil
}

func newServer(o Options, address string) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.AccessTTL <= 0 {
		o.AccessTTL = time.Hour
	}
	if o.Client.ID == "" {
		o.Client.ID, o.Client.Secret = "test-client", "test-secret"
	}
	if o.MaxCalls <= 0 {
		o.MaxCalls = 250_000
	}
	s := &Server{options: o, now: o.Now, URL: "http://" + address}
	if o.TLS {
		ca, err := newAuthority()
		if err != nil {
			return nil, err
		}
		s.tls, s.URL = ca, "https://"+address
	}
	s.stop, s.cancel = context.WithCancel(context.Background())
	s.calls.max = o.MaxCalls
	s.usage.quota = o.Quota
	s.auth = newAuthServer(o)
	s.auth.issuer = s.URL
	s.pubsub = newPubsub(o.Now)
	s.gmail = &mailboxes{boxes: map[string]*Mailbox{}, pubsub: s.pubsub, now: o.Now}
	s.calendar = newCalendars(o.Now)
	s.forms = newFormStore(o.Now)
	s.groups = newDirectory()
	s.routes = newRoutes(s)
	return s, nil
}

// Close ends the server and every call that is still under way.
func (s *Server) Close() error {
	s.cancel()
	err := s.http.Close()
	s.served.Wait()
	if s.tls != nil {
		err = errors.Join(err, s.tls.remove())
	}
	if err != nil {
		return fmt.Errorf("close server: %w", err)
	}
	return nil
}

// CAFile is the path of the server's certificate authority in PEM, "" without TLS. Close removes the file.
func (s *Server) CAFile() string {
	if s.tls == nil {
		return ""
	}
	return s.tls.file
}

// Endpoints returns the addresses to configure a client with.
func (s *Server) Endpoints() Endpoints {
	return Endpoints{
		Issuer:    s.URL,
		Auth:      s.URL + "/o/oauth2/v2/auth",
		Token:     s.URL + "/token",
		Revoke:    s.URL + "/revoke",
		Device:    s.URL + "/device/code",
		JWKS:      s.URL + "/oauth2/v3/certs",
		UserInfo:  s.URL + "/v1/userinfo",
		TokenInfo: s.URL + "/tokeninfo",
		Gmail:     s.URL + "/",
		Calendar:  s.URL + "/calendar/v3/",
		Forms:     s.URL + "/forms/",
		Directory: s.URL + "/",
		PubSub:    s.URL + "/pubsub/",
	}
}

// AddUser adds a person with an empty mailbox and a primary calendar. An address that is known keeps what
// it has and only changes its name.
func (s *Server) AddUser(email, name string) {
	email = strings.ToLower(email)
	s.auth.addUser(email, name)
	s.gmail.add(email)
	s.calendar.addUser(email)
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, w: w, r: r, at: s.now()}
	w.Header().Set("Date", c.at.UTC().Format(http.TimeFormat))
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	defer func() {
		s.calls.add(Call{At: c.at, Method: c.method, User: c.user, HTTP: r.Method, Status: c.status, Units: c.units, Writes: c.writes})
	}()
	s.routes.serve(c)
	c.flush()
}
