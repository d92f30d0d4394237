package webform

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

const (
	pagesPerFetch = 20 // asked for before what is known of the walk is stored
	maxRestarts   = 3  // walks in a row that may break off
	maxAgain      = 3  // walks in a row that are done once more at once
)

// fetch is one Fetch under way.
type fetch struct {
	s      *source
	place  *place
	limits connectors.Limits
	cache  *cached
	batch  connectors.Batch
	bytes  int64
	end    bool // of what there is to read at once
}

// cached is the page that did not fit into a batch as a whole.
type cached struct {
	at   string // key of its question
	page page
}

// errFull says that the batch holds all it may.
var errFull = errors.New("batch is full")

// Fetch goes on with the walk of the cursor, or starts one, until the batch is full or the walk ends.
func (s *source) Fetch(ctx context.Context, cur connectors.Cursor) (connectors.Batch, error) {
	p, err := parsePlace(cur, s.shape)
	if err != nil {
		return connectors.Batch{}, err
	}
	f := &fetch{s: s, place: p, limits: s.limits, cache: &s.cache}
	if err := f.run(ctx); err != nil {
		return connectors.Batch{}, err
	}
	s.known = p.known
	return f.batch, nil
}

// run reads pages. A failure after something was read is left to the next Fetch to find again.
func (f *fetch) run(ctx context.Context) error {
	for pages := 0; pages < pagesPerFetch && !f.end; pages++ {
		err := f.onePage(ctx)
		if errors.Is(err, errFull) {
			break
		}
		if err != nil && (pages == 0 && len(f.batch.Items) == 0 || ctx.Err() != nil) {
			return err
		}
		if err != nil {
			break
		}
	}
	p := f.place
	f.batch.More, f.batch.Backfill = !f.end, !p.Done
	f.batch.Progress = crm.Progress{Done: p.Read, Total: max(p.Read, f.batch.Progress.Total)}
	if p.Done {
		f.batch.Progress.Total = p.Read
	}
	f.batch.Next = p.cursor()
	return nil
}

// onePage reads the page at the place and moves the place behind it.
func (f *fetch) onePage(ctx context.Context) error {
	p, s := f.place, f.s
	if p.Walk == nil {
		p.begin(s.first, s.now())
	}
	if p.Walk.Pages >= s.cfg.MaxPages {
		return permanent("read list", fmt.Errorf("it has more than %d pages", s.cfg.MaxPages), "Set cursor.start to a later day, or raise max_pages.")
	}
	q, err := s.ask(p)
	if err != nil {
		return err
	}
	pg, unchanged, err := f.get(ctx, q)
	if err != nil {
		return f.refused(err)
	}
	if unchanged {
		p.Walk, p.Restarts, f.end = nil, 0, true
		return nil
	}
	f.batch.Progress.Total = pg.total
	if p.Walk.Pages == 0 {
		p.Walk.Total = pg.total
	}
	p.Walk.News = p.Walk.News || pg.total != p.Walk.Total
	fresh := false
	for _, v := range pg.rows {
		news, err := f.take(v)
		if errors.Is(err, errFull) {
			*f.cache = cached{at: q.key(), page: pg}
		}
		if err != nil {
			return err
		}
		fresh = fresh || news
	}
	*f.cache = cached{}
	return f.turn(pg, q, fresh)
}

// get gives the page, kept or asked for anew. A first page is asked for only if it changed.
func (f *fetch) get(ctx context.Context, q question) (pg page, unchanged bool, err error) {
	if f.cache.at == q.key() && ctx.Err() == nil {
		return f.cache.page, false, nil
	}
	p := f.place
	etag, modified := "", ""
	if p.Walk.Pages == 0 && !p.Walk.News && q.method == http.MethodGet && p.Request == q.key() {
		etag, modified = p.ETag, p.LastModified
	}
	a, err := f.s.send(ctx, q, etag, modified)
	if err != nil || a.unchanged {
		return page{}, a.unchanged, err
	}
	pg, err = f.s.page(a, p.Walk.Page)
	return pg, false, err
}

// turn moves on to the next page, or ends the walk.
func (f *fetch) turn(pg page, q question, fresh bool) error {
	p, s := f.place, f.s
	w := p.Walk
	w.Pages++
	repeats := len(pg.rows) > 0 && pg.hash != "" && pg.hash == w.Last || pg.next != "" && pg.next == w.Next
	if repeats {
		f.batch.Notes = append(f.batch.Notes, "The endpoint repeats its pages; the walk ends there. Does it take the words of paging?")
	}
	byNext := s.cfg.Paging.By == pageToken || s.cfg.Paging.By == pageURL || s.cfg.Paging.By == pageLink
	if repeats || pg.last || byNext && pg.next == "" || !byNext && len(pg.rows) == 0 {
		if s.cfg.Paging.By == pageNone && s.cfg.Cursor.By != byAll && s.cfg.Paging.Size > 0 && len(pg.rows) >= s.cfg.Paging.Size && !w.News && !fresh {
			return permanent("read list", errors.New("all the rows that it gives at once lie within the overlap: what follows cannot be reached"),
				"Set paging, a greater paging.size, or a shorter cursor.overlap.")
		}
		f.finish(pg, q)
		return nil
	}
	w.Page, w.Offset, w.Next, w.Last = w.Page+1, w.Offset+len(pg.rows), pg.next, pg.hash
	return nil
}

// finish ends a walk. A list that may have shifted while it was read is walked once more before the mark moves.
func (f *fetch) finish(pg page, q question) {
	p, s := f.place, f.s
	w := p.Walk
	p.Walk, p.Restarts = nil, 0
	shifting := s.cfg.Paging.By == pageNumber || s.cfg.Paging.By == pageOffset
	if shifting && w.Pages > 1 && w.News {
		p.Again++
		f.end = p.Again > maxAgain
		if f.end {
			p.Again = 0
		}
		return
	}
	moved := false
	p.Again = 0
	if mark := max(p.Mark, min(w.Max, w.Began)); s.cfg.Cursor.By == byTime {
		moved, p.Mark = mark != p.Mark, mark
	}
	if s.cfg.Cursor.By == byID && idAfter(w.MaxID, p.After) {
		moved, p.After = true, w.MaxID
	}
	p.forget(s.cfg.Cursor.By, s.since(p).Unix(), s.keep)
	p.Reshaped = false
	if w.Pages == 1 {
		p.Request, p.ETag, p.LastModified = q.key(), pg.etag, pg.modified
	}
	// Without pages the next rows are asked for by the mark.
	f.end = s.cfg.Paging.By != pageNone || !moved
	p.Done = p.Done || f.end
}

// refused handles a refusal in the middle of a walk. Beyond the last numbered page some services have nothing;
// tokens expire, and then the walk starts again at the next pass.
func (f *fetch) refused(err error) error {
	p, code := f.place, refusal(err)
	numbered := f.s.cfg.Paging.By == pageNumber || f.s.cfg.Paging.By == pageOffset
	switch {
	case p.Walk.Pages == 0:
		return err
	case code == http.StatusNotFound && numbered:
		f.finish(page{}, question{})
		return nil
	case code != http.StatusBadRequest && code != http.StatusNotFound && code != http.StatusGone && code != http.StatusUnprocessableEntity:
		return err
	case p.Restarts >= maxRestarts:
		return err
	}
	p.Restarts++
	p.Walk = nil
	f.end = true
	f.batch.Notes = append(f.batch.Notes, fmt.Sprintf("The service broke off its list with %d; it is read again from its first page.", code))
	return nil
}
