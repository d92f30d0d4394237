package googleforms

import (
	"errors"
	"time"

	"google.golang.org/api/forms/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

const cursorVersion = 1

// state is what a cursor holds.
type state struct {
	Version int                  `json:"v"`
	Forms   map[string]*progress `json:"forms"`          // by Google's id
	Done    int64                `json:"done,omitempty"` // answers of history read
}

// progress is how far a form was read. Times are in microseconds since 1970.
type progress struct {
	Begun     bool              `json:"begun,omitempty"`     // all history was read
	From      int64             `json:"from,omitempty"`      // where history began; 0 for all
	Mark      int64             `json:"mark,omitempty"`      // newest submission seen by a walk that ended
	Seen      map[string]int64  `json:"seen,omitempty"`      // answers shortly before the mark, by id: when they were submitted last
	Walk      *walk             `json:"walk,omitempty"`      // under way
	Questions map[string]string `json:"questions,omitempty"` // titles by id, as they were last told of
	Lost      bool              `json:"lost,omitempty"`      // it cannot be read
}

// walk is a listing under way.
type walk struct {
	Filter string `json:"filter,omitempty"`
	Page   string `json:"page"`
	Pages  int    `json:"pages,omitempty"` // read
	Max    int64  `json:"max,omitempty"`
}

// parse reads a cursor.
func parse(cur connectors.Cursor) (*state, error) {
	st := &state{}
	if err := googleapi.ReadCursor(cur, st, &st.Version, cursorVersion); err != nil {
		return nil, err
	}
	for _, p := range st.Forms {
		if p == nil {
			return nil, googleapi.BadCursor(errors.New("a form has no state"))
		}
	}
	if st.Forms == nil {
		st.Forms = make(map[string]*progress)
	}
	return st, nil
}

func (st *state) cursor() (connectors.Cursor, error) { return googleapi.WriteCursor(st) }

// overlap is how far before the newest answer a poll reaches back.
const overlap = 2 * time.Minute

// filter is the question for what was submitted since the mark. begin restricts the first walk.
func (p *progress) filter(begin time.Time) string {
	from := begin
	if p.Mark != 0 {
		from = time.UnixMicro(p.Mark).Add(-overlap)
	}
	if from.IsZero() {
		return ""
	}
	return "timestamp >= " + from.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// begin starts to read history, or starts again if the settings reach further back than they did.
func (p *progress) begin(at time.Time) (changed bool) {
	from := int64(0)
	if !at.IsZero() {
		from = at.UnixMicro()
	}
	fresh := !p.Begun && p.Walk == nil
	if !fresh && from >= p.From {
		return false
	}
	p.Begun, p.Walk, p.Mark, p.Seen = false, nil, 0, nil
	changed = p.From != from
	p.From = from
	return changed
}

// knows says whether an answer was seen as it is.
func (p *progress) knows(r *forms.FormResponse) bool {
	at, seen := p.Seen[r.ResponseId]
	return seen && at == submitted(r).UnixMicro()
}

// remember notes an answer as seen.
func (p *progress) remember(id string, at int64) {
	if p.Seen == nil {
		p.Seen = make(map[string]int64)
	}
	p.Seen[id] = at
}

// forget drops what no later walk can list again. A walk's filter is cut to whole seconds.
func (p *progress) forget(newest int64) {
	floor := newest - (overlap + time.Second).Microseconds()
	for id, at := range p.Seen {
		if at < floor {
			delete(p.Seen, id)
		}
	}
}
