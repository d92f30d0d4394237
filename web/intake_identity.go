package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// responseID is what tells this submission from others of the form; "" if each arrival is one of its own.
//
// Strangers can name any response id. So, unless the form is signed, the id counts only together with the address
// that was given: an edit is the same person's, and somebody else who names the id (or a page that sends every
// visitor's form under one) makes a submission of his own. An Idempotency-Key makes the same request harmless and
// nothing else: with other answers it is another submission, never a lost one. A signed request that names neither
// is known by its signature, so that it cannot be sent again by who overheard it.
func (a *arrival) responseID(h http.Header, fields []crm.FormField) (string, error) {
	id, key := a.steer.response, strings.Trim(h.Get("Idempotency-Key"), `"`)
	for _, given := range []string{id, key} {
		if len(given) > maxResponseID || strings.IndexFunc(given, hidden) >= 0 {
			return "", &intakeError{status: http.StatusUnprocessableEntity, key: "intake.bad_response"}
		}
	}
	signature := ""
	if a.form.HMACSecret != "" {
		signature = h.Get(headerSignature)
	}
	switch {
	case id != "" && signature != "":
		return id, nil
	case id != "":
		return strings.TrimSpace(id + " " + addressIn(fields)), nil
	case key != "":
		return "key:" + key + " " + hashFields(fields), nil
	}
	return signature, nil
}

// addressIn is the first mail address among the answers, normalised; "" if there is none.
func addressIn(fields []crm.FormField) string {
	for _, f := range fields {
		for _, v := range f.Values {
			if strings.Contains(v, "@") && len(v) < maxFieldName {
				if normal, ok := crm.NormalizeAddress(strings.TrimSpace(v)); ok {
					return normal
				}
			}
		}
	}
	return ""
}

// hashFields is the same for the same answers.
func hashFields(fields []crm.FormField) string {
	h := sha256.New()
	for _, f := range fields {
		h.Write([]byte(f.Name + "\x00"))
		for _, v := range f.Values {
			h.Write([]byte(v + "\x00"))
		}
		h.Write([]byte{1})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}
