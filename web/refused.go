package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// typed is what somebody typed into a field of a page: the key of the field's label, and the text.
type typed struct{ label, text string }

// refusedEntry is an error of an entry on a record's page. It carries what was typed, so that a refusal loses none of it.
type refusedEntry struct {
	err   error
	back  string // address of the record
	typed []typed
}

func (e *refusedEntry) Error() string { return e.err.Error() }
func (e *refusedEntry) Unwrap() error { return e.err }

// refusedEntry adds to an error where the entry was made and what was typed.
func (r *request) refusedEntry(err error, back string, entry ...typed) error {
	return &refusedEntry{err, back, entry}
}

// refusalView is a page that says what is wrong.
type refusalView struct {
	Title     string
	Sentences []string
	Back      string // address of the record that the entry is about; "" for none
	Typed     []fact
	Review    string // that asks about somebody, and the people of whom one is meant
	Holders   []crm.PersonRef
}

// entryLabels are the labels of the fields of a record's page, by the place in the entry. Fields that are named alike on all pages are here.
var entryLabels = map[string]string{"next.when": "next.when", "next.whom": "next.whom", "next.what": "next.what", "reason": "life.reason", "status": "field.status",
	"result": "call.result", "note": "call.note", "owner": "field.owner", "next.owner": "field.owner", "by": "field.owner", "consent": "life.consent",
	"consent.evidence": "record.evidence", "do_not_contact": "record.do_not_contact"}

// renderFlaws says what is wrong with what was entered, field by field.
func (s *Server) renderFlaws(w http.ResponseWriter, r *request, err error, flawed *crm.FlawError) {
	v := refusalView{Title: r.say.text("error.not_saved")}
	for _, f := range flawed.Flaws {
		words, label := f.Text.In(r.say.lang), entryLabels[f.Field]
		if f.Field == "text" { // of a call, a comment
			var refused *refusedEntry
			if errors.As(err, &refused) && len(refused.typed) > 0 {
				label = refused.typed[0].label
			}
		}
		if label != "" {
			words = r.say.text("entry.of_field", "field", r.say.text(label), "problem", words)
		}
		v.Sentences = append(v.Sentences, words)
	}
	s.renderRefusal(w, r, http.StatusUnprocessableEntity, v, err)
}

// renderRefusal shows what was typed again, and the way back to the record.
func (s *Server) renderRefusal(w http.ResponseWriter, r *request, status int, v refusalView, err error) {
	var refused *refusedEntry
	if errors.As(err, &refused) {
		v.Back = refused.back
		for _, t := range refused.typed {
			if strings.TrimSpace(t.text) != "" {
				v.Typed = append(v.Typed, fact{r.say.text(t.label), t.text})
			}
		}
	} else if parts := strings.Split(r.URL.Path, "/"); len(parts) > 3 && (parts[1] == "people" || parts[1] == "accounts") {
		v.Back = "/" + parts[1] + "/" + r.PathValue("id")
	}
	_ = s.renderStatus(w, r, status, "error", page{Title: v.Title, Data: v})
}
