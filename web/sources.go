package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sourceView is a source with its state in words.
type sourceView struct {
	crm.Source
	StateLabel, StateText      string
	Name, KindLabel            string // Name is what people call it
	OfAccount                  bool   // a connected account brought it
	SignIn                     bool   // somebody must sign in again, and whoever looks can
	Attention, Bad, Working    bool
	Lag, Success, Newest, Next string
	Percent                    int64 // of the history read; -1 if unknown or done
	Agrees                     bool  // the five verdicts add up to what was seen
	FailingSince               string
	Notes                      []noteView // newest first

	Choice   SourceChoice
	Paused   bool
	Pausable bool   // by whoever looks
	Trouble  string // what is wrong, in the user's language; Error is what was said in English
	Advice   advice // what was said to do about it
	Reached  string // how far back its history is read; "" if it is not being read
}

// noteView is a note of a source with its time in words.
type noteView struct {
	Time string
	advice
}

// sourcesView is the page of sources.
type sourcesView struct {
	Rows    []sourceView
	Connect bool // accounts can be connected
}

// shownNotes is how many notes of a source the page has room for.
const shownNotes = 5

func (sp *speaker) noteViews(notes []Note) []noteView {
	views := make([]noteView, 0, shownNotes)
	for _, n := range notes[:min(len(notes), shownNotes)] {
		views = append(views, noteView{sp.when(n.At), sp.noteOn(n.Text)})
	}
	return views
}

// lag is how long ago a source was last known to have nothing unread; false if it never was.
func lag(src crm.Source, now time.Time) (time.Duration, bool) {
	if src.LastSuccess.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(src.LastSuccess)), true
}

// agrees says that a tally proves itself: seen is the sum of the five verdicts.
func agrees(t crm.Tally) bool {
	return t.Seen == t.Logged+t.Excluded+t.Unmatched+t.Waiting+t.Failed
}

func (sp *speaker) sourceView(src crm.Source, now time.Time) sourceView {
	v := sourceView{Source: src, Name: sp.nameOfSource(&src), OfAccount: ofAccount(&src), KindLabel: sp.label("source_kind", src.Kind), StateLabel: sp.label("state", string(src.State)), StateText: sp.label("state_text", string(src.State)),
		Success: sp.when(src.LastSuccess), Newest: sp.when(src.LastItem), Percent: -1, Agrees: agrees(src.Tally)}
	switch src.State {
	case crm.SourceAuthExpired, crm.SourceNeedsIT:
		v.Attention, v.Bad = true, true
	case crm.SourceRetrying:
		v.Attention = true
	case crm.SourceBackfilling:
		v.Working = true
	}
	if src.Tally.Failed > 0 || !v.Agrees {
		v.Attention = true
	}
	if d, ok := lag(src, now); ok {
		v.Lag = sp.since(d)
	}
	if !src.Due.IsZero() && src.Due.After(now) {
		v.Next = sp.when(src.Due)
	}
	if src.Progress.Total > 0 && src.Progress.Done < src.Progress.Total {
		v.Percent = src.Progress.Done * 100 / src.Progress.Total
	}
	v.Advice = sp.adviceOn(src.Hint)
	if !src.FailingFrom.IsZero() {
		v.FailingSince = sp.when(src.FailingFrom)
	}
	return v
}

// listSources shows one's own sources and those of nobody, or all for those who look after all.
func (s *Server) listSources(w http.ResponseWriter, r *request) error {
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	connections, err := s.allConnections(r.Context())
	if err != nil {
		return err
	}
	choices, err := s.choices(r.Context())
	if err != nil {
		return err
	}
	v := sourcesView{Connect: s.cfg.Mailboxes != nil || slices.ContainsFunc(s.providers(), func(p Provider) bool { return len(p.Services) > 0 })}
	for _, src := range sources {
		if !mayShow(r.user, &src) {
			continue
		}
		row := r.say.sourceView(src, time.Now())
		r.say.choose(&row, choices[src.ID])
		row.Pausable = s.cfg.Mailboxes != nil && mayManage(r.user, &src)
		if err := s.reached(r.Context(), r.say, &row); err != nil {
			return err
		}
		row.Notes = r.say.noteViews(s.cfg.Engine.Notes(src.ID))
		s.offerSignIn(r, &row, connections)
		v.Rows = append(v.Rows, row)
	}
	return s.render(w, r, "sources", page{Title: r.say.text("nav.sources"), Nav: "sources", Live: "page=sources", Data: v})
}

func (s *Server) wakeSource(w http.ResponseWriter, r *request) error {
	src, err := s.shownSource(r.Context(), r.user, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.wake(r.Context(), r.user.Email, src.ID); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/sources?notice=source_woken", http.StatusSeeOther)
	return nil
}

// wake asks the engine to read a source now; pages and API share it.
func (s *Server) wake(ctx context.Context, actor, id string) error {
	if _, err := s.store.GetSource(ctx, id); err != nil {
		return err
	}
	if err := s.cfg.Engine.Wake(ctx, id); err != nil {
		return err
	}
	return s.store.AppendAudit(ctx, crm.AuditRecord{At: time.Now().UTC(), Actor: actor, Action: "wake source", Object: "source/" + id})
}
