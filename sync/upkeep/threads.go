package upkeep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// A mail that nobody known is on is logged all the same if it answers a logged one. So a mail that is logged
// late may bring its answers with it, and these theirs. The store has no content of unmatched rows, and
// keeps no index of what they refer to; what it has is their time. So the unmatched rows that the source
// got in the weeks after a mail logged late are read again, a limited number at a time, for as long as that
// finds something, but a few rounds at most. Answers that come later than that, or in another
// mailbox only, are found when somebody on them becomes known.
const (
	answerTime   = 30 * 24 * time.Hour
	followRows   = 1000 // of a source in a round
	followRounds = 4
	listRows     = 500
	listPages    = 100 // how far back in a source's rows answers are looked for
)

// threads holds, for each source, the span of time in which answers to mails logged late are looked for.
type threads map[string]*span

type span struct{ from, until time.Time }

// note keeps the rows among these that have been logged since they were listed.
func (t threads) note(ctx context.Context, store Store, entries []crm.Entry) error {
	for _, old := range entries {
		if old.Verdict == crm.Logged || old.ItemTime.IsZero() {
			continue
		}
		entry, err := store.GetEntry(ctx, old.Source, old.ExternalID)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("get ledger row: %w", err)
		}
		if entry.Verdict == crm.Logged {
			t.widen(entry.Source, entry.ItemTime)
		}
	}
	return nil
}

func (t threads) widen(source string, at time.Time) {
	s := t[source]
	if s == nil {
		t[source] = &span{at, at.Add(answerTime)}
		return
	}
	if at.Before(s.from) {
		s.from = at
	}
	if until := at.Add(answerTime); until.After(s.until) {
		s.until = until
	}
}

// follow reads possible answers again until no more is found.
func (u *Upkeep) follow(ctx context.Context, found threads, report *Report) error {
	tried := make(map[crm.ItemRef]bool)
	for range followRounds {
		var next = make(threads)
		for source, s := range found {
			entries, err := u.answers(ctx, source, *s, tried)
			if err != nil {
				return err
			}
			for chunk := range slices.Chunk(entries, pieceRows) {
				read, err := u.reread(ctx, chunk, report)
				report.Followed += read
				if err != nil {
					return err
				}
				if err := next.note(ctx, u.cfg.Store, chunk); err != nil {
					return err
				}
			}
		}
		if len(next) == 0 {
			return nil
		}
		// An answer that was found makes the rows that were tried before it worth another look.
		clear(tried)
		found = next
	}
	return nil
}

// answers lists the unmatched rows of a source in a span of time that have not been tried yet.
func (u *Upkeep) answers(ctx context.Context, source string, s span, tried map[crm.ItemRef]bool) ([]crm.Entry, error) {
	var entries []crm.Entry
	after := ""
	for range listPages {
		page, next, err := u.cfg.Store.ListEntries(ctx, crm.LedgerFilter{Source: source, Verdict: crm.Unmatched, After: after, Limit: listRows})
		if err != nil {
			return nil, fmt.Errorf("list unmatched rows: %w", err)
		}
		for _, entry := range page {
			ref := crm.ItemRef{Source: entry.Source, ExternalID: entry.ExternalID}
			if entry.Reason != crm.ReasonNobody || entry.ItemTime.Before(s.from) || entry.ItemTime.After(s.until) || tried[ref] {
				continue
			}
			tried[ref] = true
			if entries = append(entries, entry); len(entries) == followRows {
				return entries, nil
			}
		}
		if after = next; after == "" {
			break
		}
	}
	return entries, nil
}
