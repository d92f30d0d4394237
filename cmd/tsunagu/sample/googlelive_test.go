package sample

import (
	"testing"
	"time"
)

func TestTheCustomerMovesTheMeeting(t *testing.T) {
	g, err := StartGoogle(time.Now(), tokyo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	c, before := g.Calendar(GoogleUser, "primary"), g.Mailbox(GoogleUser).Len()
	was, err := time.Parse(time.RFC3339, c.Get(g.second).Start.DateTime)
	if err != nil {
		t.Fatal(err)
	}
	if len(g.live) != 2 {
		t.Fatalf("%d letters to come, want a question and its answer", len(g.live))
	}
	for _, l := range g.live {
		if len(g.chains[l.reply]) == 0 {
			t.Errorf("%q answers nothing", l.subject)
		}
		if err := g.step(l); err != nil {
			t.Fatal(err)
		}
	}
	e := c.Get(g.second)
	is, err := time.Parse(time.RFC3339, e.Start.DateTime)
	if err != nil || is.Sub(was) != time.Hour {
		t.Errorf("the meeting was moved from %v to %v, %v", was, is, err)
	}
	for _, a := range e.Attendees {
		if a.ResponseStatus != "accepted" {
			t.Errorf("%s answered %s", a.Email, a.ResponseStatus)
		}
	}
	if got := g.Mailbox(GoogleUser).Len(); got != before+2 {
		t.Errorf("%d mails, want %d", got, before+2)
	}
}
