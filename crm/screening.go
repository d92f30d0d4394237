package crm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Screening is what an item is held against when it is stored: the conversations that somebody marked private, and what the
// owner of its source keeps out. It is looked at in the transaction that would store the item, so that nothing slips
// in beside a mark or a rule that is just being made, and is itself never stored.
type Screening struct {
	Messages []Key    // of the item, of the messages it answers, and of the one that started the conversation
	Outside  []string // normalised addresses on it, Sender and Reply-To included, of people outside
	Inside   []string // the same of our own people
	Subject  string
}

// PrivateThread is a conversation that somebody on it marked private: for everybody, in all sources. What it said is
// gone; of its messages the store keeps keyed hashes, by which later ones are recognised.
type PrivateThread struct {
	ID    string    `json:"id"`
	By    string    `json:"by"` // the rep's address
	At    time.Time `json:"at"`
	Note  string    `json:"note,omitempty"` // the rep's own, to know it by; nobody else sees it
	Items int64     `json:"items"`          // ledger rows that it keeps out
	From  time.Time `json:"from,omitzero"`  // of the oldest of them
	Until time.Time `json:"until,omitzero"` // of the newest
	Last  time.Time `json:"last,omitzero"`  // when one was last kept out
}

// MaxPrivateNote is the longest note of a PrivateThread, in characters.
const MaxPrivateNote = 80

// ErrPrivate says why a conversation cannot be marked private: it is neither mail nor a meeting, or whoever asks is not
// credited on it.
var ErrPrivate = errors.New("this cannot be marked private")

// OwnRuleKind is what a rep's own rule looks at.
type OwnRuleKind string

// The kinds of own rules.
const (
	OwnAddress OwnRuleKind = "address" // anybody on the item has it
	OwnDomain  OwnRuleKind = "domain"  // anybody outside has it, or one below it
	OwnSubject OwnRuleKind = "subject" // the subject contains it, without regard to width, case and kana
)

// OwnRuleKinds are all kinds in the order they are shown.
func OwnRuleKinds() []OwnRuleKind { return []OwnRuleKind{OwnAddress, OwnDomain, OwnSubject} }

// OwnRule keeps items out that come from the sources of one rep.
type OwnRule struct {
	ID   string      `json:"id"` // of its kind and text
	Kind OwnRuleKind `json:"kind"`
	Text string      `json:"text"` // normalised address or domain; of a subject as written
	At   time.Time   `json:"at"`
}

// MaxOwnRules is how many rules a rep can have.
const MaxOwnRules = 500

const maxOwnText = 200 // bytes

// ErrOwnRule says that a text is no address, no domain or no subject to keep out.
var ErrOwnRule = errors.New("this is nothing that can be kept out")

// NewOwnRule makes a rule of what somebody wrote; ErrOwnRule.
func NewOwnRule(kind OwnRuleKind, text string, at time.Time) (OwnRule, error) {
	r := OwnRule{Kind: kind, At: at.UTC()}
	text, ok := strings.TrimSpace(text), utf8.ValidString(text) && len(text) <= maxOwnText
	switch kind {
	case OwnAddress:
		r.Text, ok = normalIf(ok, NormalizeAddress, text)
	case OwnDomain:
		r.Text, ok = normalIf(ok, NormalizeDomain, strings.TrimPrefix(text, "@"))
		ok = ok && strings.Contains(r.Text, ".")
	case OwnSubject:
		r.Text = text
		ok = ok && utf8.RuneCountInString(Fold(text)) >= 2
	default:
		ok = false
	}
	if !ok {
		return OwnRule{}, ErrOwnRule
	}
	sum := sha256.Sum256([]byte(string(kind) + "\x00" + r.Text))
	r.ID = hex.EncodeToString(sum[:4])
	return r, nil
}

func normalIf(ok bool, normalize func(string) (string, bool), text string) (string, bool) {
	if !ok {
		return "", false
	}
	return normalize(text)
}

// Reason is that of the rows which the rule keeps out. It names the rule by its ID: what a rep keeps out is nobody else's
// business.
func (r *OwnRule) Reason() Reason { return Reason(ReasonOwnRule + ": " + r.ID) }

// OwnRules are the rules of one rep.
type OwnRules []OwnRule

// Excludes gives the first rule that keeps an item out; nil for none.
func (rules OwnRules) Excludes(s *Screening) *OwnRule {
	folded, done := "", false
	for i := range rules {
		r, hit := &rules[i], false
		switch r.Kind {
		case OwnAddress:
			hit = slices.Contains(s.Outside, r.Text) || slices.Contains(s.Inside, r.Text)
		case OwnDomain:
			hit = slices.ContainsFunc(s.Outside, func(address string) bool {
				domain := AddressDomain(address)
				return domain == r.Text || strings.HasSuffix(domain, "."+r.Text)
			})
		case OwnSubject:
			if !done {
				folded, done = Fold(s.Subject), true
			}
			hit = strings.Contains(folded, Fold(r.Text))
		}
		if hit {
			return r
		}
	}
	return nil
}

// ScreeningOf is the Screening of what is stored. Of the messages that it answered only the first is known.
func ScreeningOf(a *Activity) Screening {
	s := Screening{Subject: a.Subject, Messages: append([]Key{a.Key}, a.Messages...)}
	if a.Thread != "" {
		s.Messages = append(s.Messages, Key(a.Thread))
	}
	for i := range a.People {
		address, ok := NormalizeAddress(a.People[i].Address)
		switch {
		case !ok:
		case a.People[i].Internal:
			s.Inside = append(s.Inside, address)
		default:
			s.Outside = append(s.Outside, address)
		}
	}
	return s
}
