package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"golang.org/x/text/language"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Server answers HTTP. It is made by New and ended by Close.
type Server struct {
	cfg       Config
	store     Store
	log       *slog.Logger
	secure    bool // browsers reach us over TLS
	handler   http.Handler
	sessions  *scs.SessionManager
	limits    limits
	gaps      gapWatch
	hashing   hashing
	intake    *intake
	flows     *flows
	live      *hub
	desk      *importDesk
	speakers  map[string]*speaker
	matcher   language.Matcher
	views     views
	packer    packer
	files     assets
	usual     *life.Rules // the lifecycle out of the box
	table     []route
	menu      []builtEntry // of the navigation, those whose pages there are
	users     sync.Mutex   // held while a user is read, changed and saved
	importing sync.Mutex   // held while a file is imported: one at a time
	deciding  sync.Mutex   // held while a review is read and decided
	closing   sync.Once
	previews  previewJobs // drafts of the mapping that are tried on history
}

// New makes a Server. It starts listening to the engine at once; Close ends that.
func New(cfg Config) (*Server, error) {
	if cfg.Store == nil || cfg.Engine == nil {
		return nil, errors.New("make web app: a store and an engine are required")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Organization.Location == nil {
		cfg.Organization.Location = time.UTC
	}
	if cfg.Own == nil {
		cfg.Own = func(string) bool { return false }
	}
	if cfg.Kick == nil {
		cfg.Kick = func() {}
	}
	speakers, err := newSpeakers(cfg.Organization.Location)
	if err != nil {
		return nil, err
	}
	files, err := newAssets()
	if err != nil {
		return nil, err
	}
	templates, err := newViews(speakers, files)
	if err != nil {
		return nil, err
	}
	usual, problems := life.New(life.Document{}, nil)
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the lifecycle out of the box: %s", problems[0].What)
	}
	secure := strings.HasPrefix(cfg.PublicURL, "https://")
	signIns, err := newFlows(secure)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg: cfg, store: sightStore{cfg.Store}, log: cfg.Log, secure: secure, sessions: newSessions(cfg.Store, secure),
		limits: newLimits(), hashing: newHashing(), intake: newIntake(), flows: signIns, desk: newImportDesk(cfg.Imports), speakers: speakers, matcher: newMatcher(), views: templates, files: files, usual: usual,
	}
	s.table = routes()
	s.menu = builtNavigation(s.table)
	if s.handler, err = s.guard(s.mux()); err != nil {
		return nil, err
	}
	s.live = newHub(cfg.Engine) // last, since it must be stopped
	return s, nil
}

// mux joins the pages, the static files, the API and what monitors ask.
func (s *Server) mux() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.table {
		mux.Handle(rt.pattern, s.enter(rt))
	}
	mux.Handle("GET /static/", s.files)
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", s.metrics())
	mux.HandleFunc(postFormPattern, s.postForm)
	mux.HandleFunc("OPTIONS /forms/{id}", s.preflightForm)
	mux.Handle("/api/", s.api())
	mux.Handle("/", s.enter(route{pattern: "/", access: anybody, handle: func(_ *Server, w http.ResponseWriter, r *request) error {
		if methods := allowed(mux, r.Request, "/"); methods != "" {
			w.Header().Set("Allow", methods)
			return &statusError{http.StatusMethodNotAllowed, "error.method"}
		}
		return crm.ErrNotFound
	}}))
	return mux
}

// Handler is the whole web app.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends every open event stream and stops listening to the engine. Requests under way go on. It may be
// called more than once.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.desk.close()
		s.live.shutdown()
	})
}
