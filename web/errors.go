package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// errForbidden means that the user's role is too low.
var errForbidden = errors.New("forbidden")

// statusError is an error whose status and words the handler chose.
type statusError struct {
	status int
	key    string // of the sentence in the catalogue
}

func (e *statusError) Error() string { return e.key }

func badRequest(key string) error { return &statusError{http.StatusBadRequest, key} }

// readForm reads the fields that a page sent.
func (r *request) readForm() error {
	err := r.ParseForm()
	if tooLarge := (*http.MaxBytesError)(nil); err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return badRequest("error.form")
}

// statusOf is the one place that knows which status an error is, and which sentence says it.
func statusOf(err error) (status int, key string) {
	var chosen *statusError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &chosen):
		return chosen.status, chosen.key
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, "error.too_large"
	case errors.Is(err, crm.ErrNotFound):
		return http.StatusNotFound, "error.not_found"
	case errors.Is(err, errForbidden):
		return http.StatusForbidden, "error.forbidden"
	case errors.Is(err, crm.ErrOutcome):
		return http.StatusUnprocessableEntity, "outcome.refused"
	case errors.Is(err, crm.ErrConflict):
		return http.StatusConflict, "error.decided"
	case errors.Is(err, crm.ErrRefused):
		return http.StatusConflict, "error.refused"
	case errors.Is(err, crm.ErrTooBig):
		return http.StatusUnprocessableEntity, "error.too_big"
	case errors.Is(err, crm.ErrFull):
		return http.StatusInsufficientStorage, "error.full"
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, "error.timeout"
	default:
		return http.StatusInternalServerError, "error.internal"
	}
}

// fail answers a page's request with an error page. What the error says stays in the log.
func (s *Server) fail(w http.ResponseWriter, r *request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the browser went away
	}
	var flawed *crm.FlawError
	if errors.As(err, &flawed) {
		s.renderFlaws(w, r, err, flawed)
		return
	}
	status, key := statusOf(err)
	var held *heldAddress
	if errors.As(err, &held) {
		v := refusalView{Title: r.say.text("error.not_saved"), Sentences: []string{r.say.text(key)}, Review: held.review, Holders: held.holders, Back: "/reviews"}
		_ = s.renderStatus(w, r, status, "error", page{Title: v.Title, Data: v})
		return
	}
	var refused *refusedEntry
	if errors.As(err, &refused) && status < 500 {
		s.renderRefusal(w, r, status, refusalView{Title: r.say.text("error.not_saved"), Sentences: []string{r.say.text(key)}}, err)
		return
	}
	if status >= 500 {
		s.log.Error("answer request", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	s.renderError(w, r, status, key)
}

func (s *Server) renderError(w http.ResponseWriter, r *request, status int, key string) {
	// The error page never fails: it falls back to the status's own words.
	_ = s.renderStatus(w, r, status, "error", page{Title: r.say.text("error.title"), Data: refusalView{Title: r.say.text("error.title"), Sentences: []string{r.say.text(key)}}})
}
