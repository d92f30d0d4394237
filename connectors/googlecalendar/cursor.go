package googlecalendar

import (
	"errors"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

const cursorVersion = 1

// state is what a cursor holds.
type state struct {
	Version   int                  `json:"v"`
	Calendars map[string]*progress `json:"calendars"` // by id
	Done      int64                `json:"done,omitempty"`
}

// progress is how far a calendar was read.
type progress struct {
	Token    string   `json:"token,omitempty"`    // of changes; "" if the calendar was not begun
	Page     string   `json:"page,omitempty"`     // of changes, the next one
	Empty    int      `json:"empty,omitempty"`    // pages in a row that had no changes
	Series   []series `json:"series,omitempty"`   // changed, and still to be read
	From     int64    `json:"from,omitempty"`     // the window that was, or is being, read; seconds since 1970, 0 for no bound
	To       int64    `json:"to,omitempty"`       //
	Reading  *reading `json:"reading,omitempty"`  // of history or of a new piece of the window; nil if all is read
	Restarts int      `json:"restarts,omitempty"` // readings in a row that broke off
	Lost     bool     `json:"lost,omitempty"`     // it could not be read though it is listed
}

// series is a changed series whose occurrences are owed.
type series struct {
	ID string `json:"id"`
	At int64  `json:"at,omitempty"` // when it changed, seconds since 1970
}

// reading is a walk through a window.
type reading struct {
	From  int64  `json:"from,omitempty"`
	To    int64  `json:"to"`
	Whole bool   `json:"whole,omitempty"` // from the beginning of the window, not only what was added at its end
	Page  string `json:"page,omitempty"`  // next page
	Pages int    `json:"pages,omitempty"` // read
}

// parse reads a cursor.
func parse(cur connectors.Cursor) (*state, error) {
	st := &state{}
	if err := googleapi.ReadCursor(cur, st, &st.Version, cursorVersion); err != nil {
		return nil, err
	}
	for _, p := range st.Calendars {
		if p == nil {
			return nil, googleapi.BadCursor(errors.New("a calendar has no state"))
		}
	}
	if st.Calendars == nil {
		st.Calendars = make(map[string]*progress)
	}
	return st, nil
}

func (st *state) cursor() (connectors.Cursor, error) { return googleapi.WriteCursor(st) }

// maxRestarts is how often in a row the reading of a calendar may break off before it waits for the next poll.
const maxRestarts = 3

// owes says that there is more to read of the calendar at once.
func (p *progress) owes() bool {
	return !p.Lost && p.Restarts <= maxRestarts && (p.Token == "" || p.Page != "" || len(p.Series) > 0 || p.Reading != nil)
}

// end is where the window ends, with the piece that is being read: that may have been passed over already.
func (p *progress) end() int64 {
	if p.Reading == nil {
		return p.To
	}
	return max(p.To, p.Reading.To)
}

// backfills says that the calendar's history is not read to its end.
func (p *progress) backfills() bool {
	return !p.Lost && (p.Token == "" || p.Reading != nil && p.Reading.Whole)
}

// again makes the calendar be read from the start.
func (p *progress) again() { *p = progress{Restarts: p.Restarts + 1} }

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func unstamp(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}
