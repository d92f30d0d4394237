package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// POST /forms/{id} is the one place where strangers write. A submission goes through these steps, the cheap
// ones first:
//
//	the form is looked up, the origin of a script compared (intake_cors.go), and the rates counted (intake_limit.go);
//	the body is read whole, its signature checked (intake_signature.go), and cut into fields (intake_read.go,
//	intake_multipart.go, intake_json.go) in their character encoding (intake_charset.go);
//	the fields that steer us are told from those that people filled in (intake_fields.go, intake_touch.go);
//	what looks like spam is marked for quarantine (intake_suspect.go, intake_captcha.go);
//	what a rule of the mapping keeps out loses its content;
//	it is stored durably, and only then answered (intake_answer.go, intake_return.go).
//
// A refusal stores nothing. Whatever is stored is answered like a success, so that a program cannot find out
// what makes us suspicious.

// Bounds on one submission. The body's is maxBody.
const (
	maxFields      = 500      // names and values together
	maxFieldName   = 256      // bytes
	maxFieldValue  = 64 << 10 // bytes
	maxResponseID  = 255      // bytes
	intakeReadTime = 15 * time.Second
	intakeWorkTime = 20 * time.Second // for the captcha and the store together
)

// postFormPattern is the route of the form endpoint.
const postFormPattern = "POST /forms/{id}"

// intake is what the form endpoint keeps between requests.
type intake struct {
	rates   *rateBook
	captcha captchaClient
	buffers sync.Pool // of *bytes.Buffer
	now     func() time.Time
	reading time.Duration // that a body may take to arrive
}

func newIntake() *intake {
	return &intake{rates: newRateBook(), captcha: newCaptchaClient(), now: time.Now, reading: intakeReadTime,
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

// form is the form of an id, if it can be posted to.
func (s *Server) form(id string) (Form, bool) {
	if s.cfg.Forms == nil || s.cfg.Intake == nil {
		return Form{}, false
	}
	return s.cfg.Forms.Form(id)
}

// arrival is a submission on its way from the request to the store.
type arrival struct {
	form    Form
	at      time.Time
	json    bool // a program asks: it gets JSON
	pairs   []pair
	steer   steering
	suspect string // code of why it goes to quarantine; "" if it does not
}

// postForm takes a submission.
func (s *Server) postForm(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	a := &arrival{at: s.intake.now().UTC(), json: asksForJSON(r)}
	stored, fresh, err := s.take(w, r, a)
	if err != nil {
		s.refuse(w, r, a, err)
		return
	}
	s.thank(w, r, a, stored, fresh)
}

func (s *Server) take(w http.ResponseWriter, r *http.Request, a *arrival) (crm.Submission, bool, error) {
	var ok bool
	if a.form, ok = s.form(r.PathValue("id")); !ok {
		return crm.Submission{}, false, &intakeError{status: http.StatusNotFound, key: "intake.no_form"}
	}
	if err := s.admitOrigin(w, r, &a.form); err != nil {
		return crm.Submission{}, false, err
	}
	if wait := s.intake.rates.exceeded(&a.form, s.clientIP(r), a.at); wait > 0 {
		return crm.Submission{}, false, &intakeError{status: http.StatusTooManyRequests, key: "intake.too_many", retry: wait}
	}
	if err := s.read(w, r, a); err != nil {
		return crm.Submission{}, false, err
	}
	sub, err := a.submission(r)
	if err != nil {
		return crm.Submission{}, false, err
	}
	// What has arrived whole is kept, even if the browser does not wait for the answer.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), intakeWorkTime)
	defer cancel()
	a.suspect = s.suspicion(ctx, r, a, sub.Fields)
	if a.suspect != "" {
		sub.State, sub.Reason = crm.SubmissionQuarantined, a.suspect
	}
	if s.cfg.Screen != nil {
		if reason, out := s.cfg.Screen(sub); out {
			sub = crm.Submission{ID: sub.ID, Form: sub.Form, At: sub.At, State: crm.SubmissionExcluded, Reason: string(reason), Version: 1}
		}
	}
	return s.cfg.Intake.AddSubmission(ctx, sub)
}

// read reads the body, checks its signature and cuts it into pairs.
func (s *Server) read(w http.ResponseWriter, r *http.Request, a *arrival) error {
	if r.ContentLength > maxBody {
		return &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.too_large"}
	}
	// A test recorder has no connection to bound.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.intake.reading))
	buf, ok := s.intake.buffers.Get().(*bytes.Buffer)
	if !ok {
		buf = new(bytes.Buffer)
	}
	defer func() {
		if buf.Cap() <= maxFieldValue { // a rare big one is not kept
			buf.Reset()
			s.intake.buffers.Put(buf)
		}
	}()
	if _, err := buf.ReadFrom(io.LimitReader(r.Body, maxBody+1)); err != nil {
		return readError(err)
	}
	if buf.Len() > maxBody {
		return &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.too_large"}
	}
	if !signed(r.Header, a.form.HMACSecret, buf.Bytes(), a.at) {
		return &intakeError{status: http.StatusUnauthorized, key: "intake.unsigned"}
	}
	return a.parse(r, buf.Bytes())
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.too_large"}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &intakeError{status: http.StatusRequestTimeout, key: "intake.too_slow"}
	default:
		return &intakeError{status: http.StatusBadRequest, key: "intake.broken"}
	}
}

// submission is what the pairs say, complete but for its state.
func (a *arrival) submission(r *http.Request) (crm.Submission, error) {
	fields, err := a.sort()
	if err != nil {
		return crm.Submission{}, err
	}
	response, err := a.responseID(r.Header, fields)
	if err != nil {
		return crm.Submission{}, err
	}
	sub := crm.Submission{Form: a.form.ID, Response: response, At: a.at, Fields: fields, Touch: a.touch(r),
		State: crm.SubmissionAccepted, Version: 1}
	if response != "" {
		sub.ID = crm.SubmissionID(sub.Form, response)
	} else {
		sub.ID = crm.NewID()
	}
	return sub, nil
}
