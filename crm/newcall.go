package crm

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// CallLogged is what belongs to a call beside the Call itself.
type CallLogged struct {
	By        string    // the rep's address
	At        time.Time // when it was made
	Now       time.Time // when it is logged: no call lies after that
	Direction Direction // DirectionOut or DirectionIn
	Text      string    // what was said
	Key       Key       // "" for a new one; the same Key is the same call
}

// maxCallText bounds the facts of a call, in characters.
const maxCallText = 20_000

// NewCall is the activity of a call with a person that somebody logged by hand. What is wrong with it is said in one
// sentence. Whether the result is known, and wants a next action, is the mapping's to say.
func NewCall(p Person, c Call, l CallLogged) (Activity, error) {
	for _, text := range []*string{&c.Note, &c.Next.When, &c.Next.Whom, &c.Next.What, &c.Number, &l.Text, &l.By} {
		*text = strings.TrimSpace(strings.ReplaceAll(*text, "\r\n", "\n"))
	}
	switch {
	case l.By == "":
		return Activity{}, errors.New("it is not said who called, and the person has no owner")
	case l.At.After(l.Now.Add(maxFast)):
		return Activity{}, fmt.Errorf("the call is dated %s, which lies ahead", l.At.Format(time.RFC3339))
	case !CanHaveBeen(l.At, l.Now):
		return Activity{}, fmt.Errorf("the call is dated %s, when nobody can have called", l.At.Format(time.RFC3339))
	case l.Direction != DirectionOut && l.Direction != DirectionIn:
		return Activity{}, fmt.Errorf("the direction of a call is out or in, not %q", l.Direction)
	case !utf8.ValidString(l.Text) || utf8.RuneCountInString(l.Text) > maxCallText:
		return Activity{}, fmt.Errorf("the text has more than %d characters", maxCallText)
	case !utf8.ValidString(c.Note) || utf8.RuneCountInString(c.Note) > maxOutcomeNote:
		return Activity{}, fmt.Errorf("the note has more than %d characters", maxOutcomeNote)
	case !shortLine(c.Next.Whom, maxNextWhom) || !shortLine(c.Next.What, maxNextWhat) || !shortLine(l.By, maxNextWhom) || !shortLine(c.Number, maxNextWhom):
		return Activity{}, fmt.Errorf("the next action is one line of at most %d characters, and for whom it is of %d", maxNextWhat, maxNextWhom)
	}
	if c.Next.When != "" && !IsDay(c.Next.When) {
		return Activity{}, fmt.Errorf("%q is not a day such as 2026-11-21", c.Next.When)
	}
	if err := c.hidden(&l); err != nil {
		return Activity{}, err
	}
	key := cmp.Or(l.Key, Key(NewID()))
	role := RoleTo
	if l.Direction == DirectionIn {
		role = RoleFrom
	}
	a := Activity{ID: string(key), Key: key, Kind: KindCall, Direction: l.Direction, Time: l.At.UTC(), Text: l.Text, Call: &c, By: l.By,
		People: []Participant{{Kind: p.Kind, ID: p.ID, Name: p.Name, Role: role}}, Owners: []string{l.By},
		Match: Match{Rule: RuleManual, Evidence: l.By}, Version: 1}
	if p.AccountID != "" {
		a.Accounts = []string{p.AccountID}
	}
	return a, nil
}

// hidden says which text of a call holds what does not show.
func (c *Call) hidden(l *CallLogged) error {
	for _, part := range []struct {
		name, text string
		lines      bool
	}{{"text", l.Text, true}, {"note", c.Note, true}, {"number", c.Number, false}, {"rep's address", l.By, false},
		{"next action", c.Next.What, false}, {"person of the next action", c.Next.Whom, false}} {
		if what := hiddenIn(part.text, part.lines); what != "" {
			return fmt.Errorf("the %s holds %s", part.name, what)
		}
	}
	return nil
}
