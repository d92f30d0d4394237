package web

import (
	"context"
	"html/template"
	"net/url"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// entryView is a ledger row in words.
type entryView struct {
	Source, Folder, ExternalID, Verdict, VerdictLabel, Seen, ItemTime, Activity, Subject, NextTry string
	Attempts                                                                                      int
	Retired                                                                                       bool
	Reason                                                                                        template.HTML
}

func (sp *speaker) entryView(e crm.Entry) entryView {
	return entryView{Source: sp.nameOfSourceID(e.Source), Folder: folderOf(e.ExternalID), ExternalID: e.ExternalID, Verdict: string(e.Verdict),
		VerdictLabel: sp.label("verdict", string(e.Verdict)), Seen: sp.when(e.SeenAt), ItemTime: sp.when(e.ItemTime),
		Activity: e.Activity, NextTry: sp.when(e.NextTry), Attempts: e.Attempts, Retired: e.Retired, Reason: sp.reason(e.Reason)}
}

// folderOf is the mailbox folder that an external id in the manner of RFC 5092 names, "INBOX;UIDVALIDITY=1;UID=2"; "" for
// the ids of other sources, which say nothing to people.
func folderOf(externalID string) string {
	folder, rest, _ := strings.Cut(externalID, ";")
	if !strings.HasPrefix(rest, "UIDVALIDITY=") {
		return ""
	}
	if plain, err := url.PathUnescape(folder); err == nil {
		return plain
	}
	return folder
}

// addSubjects gives the rows of a ledger the subjects of what was logged. The ledger itself has none; they come from the
// activities as far as whoever looks may read them, so a row of what is kept from them has none either.
func (s *Server) addSubjects(ctx context.Context, sp *speaker, rows []entryView) {
	known := map[string]string{}
	for i := range rows {
		id := rows[i].Activity
		if id == "" {
			continue
		}
		subject, had := known[id]
		if !had {
			if a, err := s.store.GetActivity(ctx, id); err == nil { // one that is gone or may not be seen has no subject
				subject = sp.subject(&a)
			}
			known[id] = subject
		}
		rows[i].Subject = subject
	}
}

// reasonCodes are the codes that the filter offers, in the order of the verdicts.
func reasonCodes() []string {
	return []string{crm.ReasonMatched, crm.ReasonInternal, crm.ReasonAddress, crm.ReasonDomain, crm.ReasonSubject,
		crm.ReasonFolder, crm.ReasonClass, crm.ReasonErased, crm.ReasonDraft, crm.ReasonPrivate, crm.ReasonPrivateThread, crm.ReasonOwnRule, crm.ReasonForgotten, crm.ReasonEventType, crm.ReasonNobody, crm.ReasonNoAddress,
		crm.ReasonDismissed, crm.ReasonGone, crm.ReasonNewContact, crm.ReasonAmbiguous, crm.ReasonQuarantine, crm.ReasonUnreadable, crm.ReasonReadAgain, crm.ReasonInternalError}
}
