package sample

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"time"

	"google.golang.org/api/calendar/v3"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// FirstMove is how long after the first look at the calendar the story goes on.
const FirstMove = 15 * time.Second

// nextMove is how long it takes until its next step.
const nextMove = 8 * time.Second

// Live goes on with the story once the calendar has been read, so that what was read then becomes history: the customer
// asks for another hour, the rep agrees and moves the meeting. It yields nil after each step, or what failed at its end.
func (g *Google) Live(ctx context.Context) iter.Seq[error] {
	return func(yield func(error) bool) {
		if !g.read(ctx) {
			return
		}
		wait := FirstMove
		for _, l := range g.live {
			if !pause(ctx, wait) {
				return
			}
			wait = nextMove
			err := g.step(l)
			if !yield(err) || err != nil {
				return
			}
		}
	}
}

// read waits until somebody has read the calendar; false if ctx ends before.
func (g *Google) read(ctx context.Context) bool {
	for !slices.ContainsFunc(g.Calls(), func(c fakegoogle.Call) bool { return c.Method == "calendar.events.list" && c.Status == http.StatusOK }) {
		if !pause(ctx, time.Second) {
			return false
		}
	}
	return true
}

// pause waits; false if ctx ends before.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// step delivers a letter. With the rep's answer the meeting is an hour later, and everybody comes.
func (g *Google) step(l letter) error {
	l.sent = time.Now().In(g.zone)
	raw, err := g.write(l)
	if err != nil {
		return err
	}
	if l.from.Address != GoogleUser {
		g.Mailbox(GoogleUser).Deliver(raw, l.sent, "INBOX")
		return nil
	}
	g.Mailbox(GoogleUser).Deliver(raw, l.sent, "SENT")
	c := g.Calendar(GoogleUser, "primary")
	e := c.Get(g.second)
	if e == nil {
		return fmt.Errorf("move sample meeting: %s is gone", g.second)
	}
	start, err := time.Parse(time.RFC3339, e.Start.DateTime)
	if err != nil {
		return fmt.Errorf("move sample meeting: %w", err)
	}
	start = start.Add(time.Hour)
	c.Move(g.second, "", start, start.Add(time.Hour))
	c.Change(g.second, "", func(e *calendar.Event) {
		for _, a := range e.Attendees {
			a.ResponseStatus = "accepted"
		}
	})
	return nil
}
