package web

import (
	"html/template"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// entryView is a ledger row in words.
type entryView struct {
	Source, ExternalID, Verdict, VerdictLabel, Seen, ItemTime, Activity, NextTry string
	Attempts                                                                     int
	Retired                                                                      bool
	Reason                                                                       template.HTML
}

func (sp *speaker) entryView(e crm.Entry) entryView {
	return entryView{Source: sp.nameOfSourceID(e.Source), ExternalID: e.ExternalID, Verdict: string(e.Verdict),
		VerdictLabel: sp.label("verdict", string(e.Verdict)), Seen: sp.when(e.SeenAt), ItemTime: sp.when(e.ItemTime),
		Activity: e.Activity, NextTry: sp.when(e.NextTry), Attempts: e.Attempts, Retired: e.Retired, Reason: sp.reason(e.Reason)}
}

// reasonCodes are the codes that the filter offers, in the order of the verdicts.
func reasonCodes() []string {
	return []string{crm.ReasonMatched, crm.ReasonInternal, crm.ReasonAddress, crm.ReasonDomain, crm.ReasonSubject,
		crm.ReasonFolder, crm.ReasonClass, crm.ReasonErased, crm.ReasonDraft, crm.ReasonPrivate, crm.ReasonPrivateThread, crm.ReasonOwnRule, crm.ReasonForgotten, crm.ReasonEventType, crm.ReasonNobody, crm.ReasonNoAddress,
		crm.ReasonDismissed, crm.ReasonGone, crm.ReasonNewContact, crm.ReasonAmbiguous, crm.ReasonQuarantine, crm.ReasonUnreadable, crm.ReasonReadAgain, crm.ReasonInternalError}
}
