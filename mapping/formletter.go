package mapping

import (
	"errors"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/formmail"
)

// screenFormMail takes a mail by which a form tells of a submission, and reports whether it is one. What its
// parser reads is treated as the submission; the mail's sender is no person. A mail of the form that the parser cannot read
// waits for a person, so that nothing is logged wrongly. Of several forms whose mail it could be, the first by
// id that can read it counts.
func (b *batch) screenFormMail(item *connectors.Item, w *crm.Write) (*enquiry, bool) {
	var unread error
	first := ""
	for _, id := range b.mailForms {
		parser := b.forms[id].mail
		if !parser.Matches(item.Message) {
			continue
		}
		if reason := b.excludesFormMail(item); reason != "" {
			w.Entry.Verdict, w.Entry.Reason = crm.Excluded, reason
			return nil, true
		}
		fields, err := parser.Parse(item.Message)
		if err == nil {
			return b.openFormMail(item, id, fields, w), true
		}
		if first == "" {
			first, unread = id, err
		}
	}
	if first != "" {
		b.quarantine(item, first, unread, w)
	}
	return nil, first != ""
}

// excludesFormMail applies what is said of addresses, subjects and folders to the mail. That it looks internal, as
// the mails of our own web server do, or like bulk mail, does not count.
func (b *batch) excludesFormMail(item *connectors.Item) crm.Reason {
	parties := b.parties(item.Message)
	for i := range parties {
		if a := parties[i].address; a != nil && a.excluded != "" {
			return a.excluded
		}
	}
	if reason := b.excludesSubject(item.Message.Subject); reason != "" {
		return reason
	}
	return b.excludesFolder(item.Folder, b.src.ID, b.src.ExcludeFolders)
}

func (b *batch) openFormMail(item *connectors.Item, id string, fields []crm.FormField, w *crm.Write) *enquiry {
	sub := &crm.Submission{ID: string(item.Key), Form: id, At: item.Message.Date, Fields: fields, State: crm.SubmissionAccepted, Version: 1}
	e := b.newEnquiry(item, sub)
	if reason := b.excludesEnquiry(e); reason != "" {
		w.Entry.Verdict, w.Entry.Reason = crm.Excluded, reason
		return nil
	}
	b.askEnquiry(e)
	return e
}

// quarantine makes a mail of a form wait. There is one review for a form, and its decision takes up all of them.
func (b *batch) quarantine(item *connectors.Item, form string, unread error, w *crm.Write) {
	w.Entry.Verdict = crm.Waiting
	w.Entry.Reason = crm.ReasonQuarantine + ": " + crm.Reason(oneSentence(form+": "+whatIsMissing(unread)))
	w.Pending = []string{form}
	w.Reviews = []crm.Review{{
		ID: crm.ReviewID(crm.ReviewFormMail, form), Kind: crm.ReviewFormMail, Address: form, Name: b.form(form).title(form),
		Subject: item.Message.Subject, Source: b.src.ID, Owner: b.owner, Raised: item.Message.Date.UTC(), State: crm.ReviewOpen,
	}}
}

// whatIsMissing says why a mail was not read, without a word of the mail: labels are the parser's.
func whatIsMissing(err error) string {
	var unread *formmail.Unread
	if !errors.As(err, &unread) {
		return "it could not be read"
	}
	if len(unread.Missing) > 0 {
		return "missing " + strings.Join(unread.Missing, ", ")
	}
	why, _, _ := strings.Cut(unread.Why, ": ")
	return why
}
