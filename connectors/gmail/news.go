package gmail

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	gmail "google.golang.org/api/gmail/v1"
	lib "google.golang.org/api/googleapi"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// historyFields is what is asked for of history records.
const historyFields = "history(id,messagesAdded/message(id,labelIds),labelsAdded(message/id,labelIds),labelsRemoved(message/id,labelIds),messagesDeleted/message/id),historyId,nextPageToken"

// refreshAfter is how old the cursor's history id may become while nothing happens that matters: Gmail knows
// ids for a week, seldom for a few hours only.
const refreshAfter = time.Hour

// newsTime is how long news is read at a stretch.
const newsTime = 2 * time.Minute

const opHistory = "list what changed"

// overlap is how much before the last good moment is read again when the history id is too old, seconds.
const overlapTime = dayLength

// event is what a history record says of one message.
type event struct {
	record uint64
	id     string
	read   bool // it may be news; otherwise it has gone
	peek   bool // its labels are not known
}

// news reads what happened since the cursor's history id.
func (p *pass) news(ctx context.Context) error {
	asked, start := p.now(), p.pos.History
	token := ""
	for walk := (googleapi.Pages{}); ; {
		page, err := p.askHistory(ctx, start, token)
		if googleapi.Status(err) == http.StatusNotFound {
			return p.expired(ctx)
		}
		if err != nil {
			return err
		}
		if page.HistoryId == 0 {
			return googleapi.Misshapen(opHistory, "historyId")
		}
		if len(page.History) > 0 {
			if err := p.records(ctx, page.History); err != nil || p.rest {
				return err
			}
		}
		if page.NextPageToken == "" {
			p.caughtUp(page.HistoryId, start, asked)
			return nil
		}
		if err := walk.Next(opHistory, page.NextPageToken); err != nil {
			return err
		}
		if p.pos.History != start && p.now().Sub(asked) > newsTime {
			p.rest = true // goes on from where the cursor is
			return nil
		}
		token = page.NextPageToken
	}
}

func (p *pass) askHistory(ctx context.Context, start uint64, token string) (page *gmail.ListHistoryResponse, err error) {
	kinds := []string{"messageAdded", "labelAdded", "labelRemoved"}
	if p.settings.Deletions == deletionsTombstone {
		kinds = append(kinds, "messageDeleted")
	}
	err = p.access.Do(ctx, opHistory, costHistory, false, func(ctx context.Context) (err error) {
		call := p.service.History.List(me).StartHistoryId(start).HistoryTypes(kinds...).MaxResults(pageSize).Fields(lib.Field(historyFields))
		if token != "" {
			call.PageToken(token)
		}
		page, err = call.Context(ctx).Do()
		return err
	})
	return page, err
}

// caughtUp moves the history id to the newest, if something happened or the one there is becomes old.
func (p *pass) caughtUp(newest, start uint64, asked time.Time) {
	newest = max(newest, p.pos.History)
	if p.pos.History == start && (newest == start || asked.Unix()-p.pos.Good < int64(refreshAfter/time.Second)) {
		return
	}
	p.pos.History, p.pos.Within, p.pos.Good, p.moved = newest, "", asked.Unix(), true
}

// records reads what a page of history records names, and moves the cursor over what is done.
func (p *pass) records(ctx context.Context, records []*gmail.History) error {
	if err := p.knowLabels(ctx, false); err != nil {
		return err
	}
	if p.labels.unknown(labelsOf(records)) {
		p.labels.listed = time.Time{}
		if err := p.knowLabels(ctx, false); err != nil {
			return err
		}
	}
	events := p.events(records)
	ids, peek := candidates(events)
	fits := ids[:min(len(ids), max(p.room, 0))]
	read, err := p.readMany(ctx, order{ids: fits, peek: peek, room: p.bytes})
	p.take(read, func(g *got) bool { return p.labels.chosen(g.labels) && seconds(g.at) >= p.pos.Since })
	p.over(records, events, ids, read)
	p.rest = len(read) < len(ids)
	if err != nil {
		return fmt.Errorf("read news: %w", err)
	}
	return nil
}

func labelsOf(records []*gmail.History) []string {
	var out []string
	for _, r := range records {
		for _, a := range r.MessagesAdded {
			if a.Message != nil {
				out = append(out, a.Message.LabelIds...)
			}
		}
		for _, a := range r.LabelsAdded {
			out = append(out, a.LabelIds...)
		}
	}
	return out
}

// events lists what matters, in the order of the records and of ids within one. What was done of the first record
// is left out.
func (p *pass) events(records []*gmail.History) []event {
	var out []event
	for i, r := range records {
		mine := p.eventsOf(r)
		if i == 0 && p.pos.Within != "" {
			mine = slices.DeleteFunc(mine, func(e event) bool { return e.id <= p.pos.Within })
		}
		out = append(out, mine...)
	}
	return out
}

func (p *pass) eventsOf(r *gmail.History) []event {
	var out []event
	add := func(m *gmail.Message, read, peek bool) {
		if m != nil && m.Id != "" {
			out = append(out, event{r.Id, m.Id, read, peek})
		}
	}
	for _, a := range r.MessagesAdded {
		if a.Message != nil && (len(a.Message.LabelIds) == 0 || p.labels.chosen(a.Message.LabelIds)) {
			add(a.Message, true, len(a.Message.LabelIds) == 0)
		}
	}
	for _, l := range r.LabelsRemoved {
		if overlap(l.LabelIds, hidden()) || overlap(l.LabelIds, p.labels.exclude) {
			add(l.Message, true, true)
		}
	}
	for _, l := range r.LabelsAdded {
		switch {
		case !p.labels.open(l.LabelIds):
			add(l.Message, false, false)
		case p.labels.choosy && overlap(l.LabelIds, p.labels.include):
			add(l.Message, true, true)
		}
	}
	for _, d := range r.MessagesDeleted {
		add(d.Message, false, false)
	}
	slices.SortStableFunc(out, func(a, b event) int { return compareIDs(a.id, b.id) })
	return out
}

func compareIDs(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// candidates are the messages to read, each once, in the order of events.
func candidates(events []event) (ids []string, peek bool) {
	seen := make(map[string]bool)
	for _, e := range events {
		if e.read && !seen[e.id] {
			seen[e.id] = true
			ids = append(ids, e.id)
			peek = peek || e.peek
		}
	}
	return ids, peek
}

// over moves the cursor over the events whose messages are read, and says what went on the way.
func (p *pass) over(records []*gmail.History, events []event, ids []string, read []got) {
	there := make(map[string]bool, len(read)) // of the messages read: is it there?
	for i := range read {
		there[read[i].id] = !read[i].gone
	}
	waits := make(map[string]bool, len(ids)-len(read))
	for _, id := range ids[len(read):] {
		waits[id] = true
	}
	stop := slices.IndexFunc(events, func(e event) bool { return e.read && waits[e.id] })
	done := events
	if stop >= 0 {
		done = events[:stop]
	}
	p.batch.Withdrawn = slices.DeleteFunc(p.batch.Withdrawn, func(s crm.Scope) bool { return there[s.Prefix] }) // it came back
	for _, e := range done {
		if !e.read && !there[e.id] && p.settings.Deletions == deletionsTombstone {
			p.withdraw(e.id)
		}
	}
	p.moved = true
	if stop < 0 {
		p.pos.History, p.pos.Within = records[len(records)-1].Id, ""
		return
	}
	at := events[stop].record
	within := ""
	if stop > 0 && events[stop-1].record == at {
		within = events[stop-1].id
	} else if records[0].Id == at {
		within = p.pos.Within
	}
	for _, r := range records {
		if r.Id < at {
			p.pos.History = r.Id
		}
	}
	p.pos.Within = within
}

func (p *pass) withdraw(id string) {
	if !slices.ContainsFunc(p.batch.Withdrawn, func(s crm.Scope) bool { return s.Prefix == id }) {
		p.batch.Withdrawn = append(p.batch.Withdrawn, crm.Scope{Prefix: id})
	}
}

// expired begins anew with a history id that Gmail knows, and has the time read again that nobody knows of.
func (p *pass) expired(ctx context.Context) error {
	now := p.now().Unix()
	profile, err := p.profile(ctx)
	if err != nil {
		return err
	}
	from := max(p.pos.Good-overlapTime, p.pos.Since, 1)
	p.pos.History, p.pos.Within, p.moved = profile.HistoryId, "", true
	p.pos.before(span{From: from})
	p.pos.Good, p.pos.Total = now, 0
	p.batch.Notes = append(p.batch.Notes, fmt.Sprintf("Gmail no longer knows what changed since this mailbox was last read; mail from %s on is read again",
		time.Unix(from, 0).UTC().Format(time.DateTime)))
	return nil
}
