package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// readiness is the answer of /readyz. It names sources and states and nothing else, since anybody may ask.
type readiness struct {
	Ready    bool            `json:"ready"`
	Problems []sourceTrouble `json:"problems"`         // why not ready
	Notices  []sourceTrouble `json:"notices"`          // worth a look, ready all the same
	Store    string          `json:"store"`            // "ok" or "unavailable"
	Version  string          `json:"version,omitzero"` //
}

type sourceTrouble struct {
	Source string `json:"source"`
	State  string `json:"state"`
}

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n")
}

// readyz says whether everything works without IT: 503 if the store cannot be read or a source is in a
// state that only IT can end.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	answer := readiness{Ready: true, Store: "ok", Version: s.cfg.Version, Problems: []sourceTrouble{}, Notices: []sourceTrouble{}}
	sources, err := s.store.ListSources(ctx)
	if err != nil {
		s.log.Error("check readiness", "error", err)
		answer.Ready, answer.Store = false, "unavailable"
	}
	for _, src := range sources {
		trouble := sourceTrouble{src.ID, string(src.State)}
		switch src.State {
		case crm.SourceNeedsIT:
			answer.Ready = false
			answer.Problems = append(answer.Problems, trouble)
		case crm.SourceAuthExpired, crm.SourceRetrying:
			answer.Notices = append(answer.Notices, trouble)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) //nolint:errchkjson // the type is plain, and the monitor may have gone
}
