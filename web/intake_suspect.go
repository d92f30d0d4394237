package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Why a submission is quarantined; codes of crm.Submission.Reason.
const (
	suspectHoneypot = "honeypot"            // a field that people do not see was filled in
	suspectTooFast  = "too_fast"            // the form came back sooner than a person can fill it in
	suspectToken    = "token"               // the form's time was not signed by us
	suspectControls = "control_characters"  // a text holds what does not show
	suspectCharset  = "charset"             // the bytes are in no encoding that is known
	suspectLinks    = "links"               // a flood of links
	suspectCaptcha  = "captcha_failed"      // the captcha was not solved
	suspectOutage   = "captcha_unavailable" // its service could not be asked
)

// maxLinks is how many links an enquiry may hold in all.
const maxLinks = 5

// suspicion is why a submission is to be seen by a person first; "" if nothing is odd. The captcha's service
// is asked last, and only about what looks good so far.
func (s *Server) suspicion(ctx context.Context, r *http.Request, a *arrival, fields []crm.FormField) string {
	switch {
	case a.steer.honeypot:
		return suspectHoneypot
	case a.suspect != "": // reading found something
		return a.suspect
	case countLinks(fields) > maxLinks:
		return suspectLinks
	}
	if reason := s.checkToken(a); reason != "" {
		return reason
	}
	if a.form.Captcha.Provider == "" {
		return ""
	}
	return s.intake.captcha.check(ctx, &a.form.Captcha, a.steer.captcha, s.clientIP(r))
}

// checkToken says whether a form of ours came back too soon. Forms made elsewhere bear no token.
func (s *Server) checkToken(a *arrival) string {
	if len(s.cfg.FormKey) == 0 || a.steer.token == "" {
		return ""
	}
	made, ok := tokenTime(s.cfg.FormKey, a.form.ID, a.steer.token)
	switch age := a.at.Sub(made); {
	case !ok:
		return suspectToken
	case age < a.form.MinFill:
		return suspectTooFast
	default:
		return ""
	}
}

func countLinks(fields []crm.FormField) (n int) {
	for i := range fields {
		if touchField(&crm.Touch{}, fields[i].Name) != nil {
			continue
		}
		for _, v := range fields[i].Values {
			if len(v) > 10 { // shorter than any link
				n += strings.Count(v, "://") + strings.Count(v, "[url=") + strings.Count(v, "[URL=")
			}
		}
	}
	return n
}
