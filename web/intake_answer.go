package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// intakeError is a refusal, with the sentence that says it.
type intakeError struct {
	status int
	key    string        // in the catalogue
	retry  time.Duration // after which it is worth another try; 0 for none
}

func (e *intakeError) Error() string { return fmt.Sprintf("%d %s", e.status, e.key) }

// asksForJSON says that a program asks: it sends JSON, wants JSON, or is a script that reads the answer.
func asksForJSON(r *http.Request) bool {
	return jsonBody(r) || r.Header.Get("Sec-Fetch-Mode") == "cors" ||
		strings.Contains(r.Header.Get("Accept"), "application/json") && !strings.Contains(r.Header.Get("Accept"), "text/html")
}

func jsonBody(r *http.Request) bool {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return isJSON(strings.ToLower(strings.TrimSpace(kind)))
}

// thank answers what was stored. Programs get 201 with the submission's id, browsers are led on.
func (s *Server) thank(w http.ResponseWriter, r *http.Request, a *arrival, stored crm.Submission, fresh bool) {
	h := w.Header()
	if a.json {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		// The id is of hexadecimal characters. The client may have gone; there is nobody to tell.
		_, _ = w.Write([]byte(`{"id":"` + stored.ID + `","duplicate":` + strconv.FormatBool(!fresh) + "}\n")) //nolint:gosec // the id is ours
		return
	}
	to := returnTo(&a.form, a.steer.returnURL)
	if to == "" {
		to = a.form.path() + "/thanks"
		if lang := a.language(r); s.speakers[lang] != nil {
			to += "?lang=" + lang
		}
	}
	h.Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

// language is what the form asks for, "" if it asks for nothing.
func (a *arrival) language(r *http.Request) string {
	if a.steer.language != "" {
		return a.steer.language
	}
	_, query, _ := strings.Cut(r.URL.RawQuery, "lang=")
	return query[:min(2, len(query))]
}

// refuse answers what was not stored: with problem details (RFC 9457), or a small page.
func (s *Server) refuse(w http.ResponseWriter, hr *http.Request, a *arrival, err error) {
	var e *intakeError
	if errors.Is(err, crm.ErrTooBig) {
		e = &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.too_large"}
	} else if !errors.As(err, &e) {
		status, key := statusOf(err)
		e = &intakeError{status: status, key: key}
		if status >= http.StatusInternalServerError {
			s.log.Error("take submission", "form", a.form.ID, "error", err)
			e.retry = 30 * time.Second
		}
	}
	if e.retry > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int((e.retry+time.Second-1)/time.Second)))
	}
	if e.status == http.StatusRequestEntityTooLarge || e.status == http.StatusRequestTimeout {
		w.Header().Set("Connection", "close") // the rest of the body is not read
	}
	r := &request{Request: hr, say: s.speakerFor(hr, crm.User{Locale: a.steer.language})}
	if !a.json {
		// The error page never fails: it falls back to the status's own words.
		_ = s.renderStatus(w, r, e.status, "formrefused", page{Title: r.say.text("intake.refused"), Data: r.say.text(e.key)})
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Content-Language", r.say.lang)
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(struct { //nolint:errchkjson // the type is plain, and the client may have gone
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{http.StatusText(e.status), e.status, r.say.text(e.key)})
}
