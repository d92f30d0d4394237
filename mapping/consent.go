package mapping

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The meanings of fields that ask whether mailings may be sent.
const (
	meansOptIn  meaning = "opt_in"  // asks whether they want mailings
	meansOptOut meaning = "opt_out" // asks whether they do not want them (Salesforce: emailOptOut)
	meansAgree  meaning = "agree"   // 同意: of what, only the words tell. Agreeing to a privacy policy is no consent to mailings
)

// consentWords are the words by which an answer says yes or no. All are folded.
type consentWords struct{ no, yes, mailings, letters, exactNo, exactYes []string }

func newConsentWords() consentWords {
	words := consentWords{
		no: []string{"しない", "しません", "不要", "いらない", "要らない", "拒否", "受け取らない", "受取らない", "停止", "解除", "do not", "don't", "not ", "unsubscribe",
			"decline", "refuse", "opt out", "opt-out"},
		yes: []string{"希望", "購読", "受け取", "受取", "受信する", "同意", "登録", "申し込", "申込", "はい", "了承", "承諾", "subscribe", "agree", "accept", "opt in", "opt-in"},
		mailings: []string{"メルマガ", "メールマガジン", "ニュースレター", "お知らせ", "案内メール", "ご案内の送付", "ご案内を受け取", "配信", "newsletter", "mailing", "marketing", "promotion",
			"updates", "offers"},
		letters:  []string{"メルマガ", "メールマガジン", "ニュースレター", "newsletter"},
		exactNo:  []string{"いいえ", "no", "n", "0", "false", "off", "なし", "無", "否", "×", "refused", "none"},
		exactYes: []string{"yes", "y", "1", "true", "on", "あり", "有", "可", "ok", "○", "◯", "✓", "✔", "☑", "checked", "given"},
	}
	for _, list := range []*[]string{&words.no, &words.yes, &words.mailings, &words.letters, &words.exactNo, &words.exactYes} {
		for i := range *list {
			(*list)[i] = crm.Fold((*list)[i])
		}
	}
	return words
}

// consents are made once; they never change.
var consents = sync.OnceValue(newConsentWords)

// readConsent tells what an answer to whether mailings are wanted says; "" if it does not say.
func readConsent(answer string) crm.ConsentState {
	words, folded := consents(), strings.TrimSpace(crm.Fold(answer))
	has := func(list []string) bool {
		return slices.ContainsFunc(list, func(word string) bool { return strings.Contains(folded, word) })
	}
	switch {
	case folded == "":
		return ""
	case slices.Contains(words.exactNo, folded) || has(words.no):
		return crm.ConsentRefused
	case slices.Contains(words.exactYes, folded) || has(words.yes) || has(words.mailings): // a box whose value is its own text
		return crm.ConsentGiven
	}
	return ""
}

// consentOf is what a field says about mailings; "" if nothing.
func consentOf(m meaning, label, answer string) crm.ConsentState {
	state := readConsent(answer)
	switch m {
	case meansOptIn:
		return state
	case meansOptOut:
		if slices.Contains(consents().exactNo, strings.TrimSpace(crm.Fold(answer))) || state == "" {
			return "" // a box that is not ticked: no refusal, and no consent either
		}
		return crm.ConsentRefused
	case meansAgree:
		if aboutMailings(label) || aboutMailings(answer) {
			return state
		}
	}
	return ""
}

func aboutMailings(text string) bool {
	folded := crm.Fold(text)
	return slices.ContainsFunc(consents().mailings, func(word string) bool { return strings.Contains(folded, word) })
}

// hear notes what a field says about mailings. A refusal counts more than a consent in the same submission.
func (r *reading) hear(f *crm.FormField, m meaning, answer string) {
	label := cmp.Or(f.Label, f.Name)
	state := consentOf(m, label, answer)
	if state == "" || r.person.Consent.State == crm.ConsentRefused {
		return
	}
	r.person.Consent = crm.Consent{State: state, Evidence: oneLine(label) + ": " + oneLine(answer)}
}

// setConsent is what a rule says.
func (e *enquiry) setConsent(value string) {
	if state := readConsent(value); state != "" {
		e.person.Consent = crm.Consent{State: state}
	}
}

// settleConsent says when and on which form it was given or refused.
func (e *enquiry) settleConsent(form string) {
	c := &e.person.Consent
	if c.State == "" {
		return
	}
	c.At = e.at()
	c.Evidence = cutEvidence(strings.TrimSuffix(oneLine(form)+": "+c.Evidence, ": "))
}

func cutEvidence(text string) string {
	if len(text) > maxConsentEvidence {
		return strings.ToValidUTF8(text[:maxConsentEvidence], "")
	}
	return text
}

// asksForMailings tells a field by words that stand anywhere in its label: メールマガジンの配信を希望する.
func asksForMailings(label string) meaning {
	if len(label) > maxFieldName || !strings.ContainsFunc(label, func(r rune) bool { return r >= 0x80 }) && !strings.ContainsAny(label, "lL") {
		return ""
	}
	folded, words := crm.Fold(label), consents()
	if !slices.ContainsFunc(words.letters, func(word string) bool { return strings.Contains(folded, word) }) {
		return ""
	}
	if slices.ContainsFunc(words.no, func(word string) bool { return strings.Contains(folded, word) }) {
		return meansOptOut
	}
	return meansOptIn
}

// maxConsentEvidence is how much of a form's words is kept with a consent, in bytes: with the state it must fit into
// what an update can fill.
const maxConsentEvidence = 250
