package upkeep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// PlainPrefix starts the names of the records that upkeep keeps among the sealed ones although they are no
// secrets: how far it has come, as JSON. They are not sealed, so whoever opens or seals all records again
// leaves them alone.
const PlainPrefix = "upkeep/"

const alignName = PlainPrefix + "screening" // an earlier version only screened

// The steps of an alignment.
const (
	stepActivities = iota
	stepRows
	stepDone
)

// alignState is how far history has been brought in line with a state of the mapping. It is kept in the store.
type alignState struct {
	Hash    string      `json:"hash"`   // of the mapper
	Cursor  string      `json:"cursor"` // activities, or rows, up to here are done
	Step    int         `json:"step"`
	Verdict crm.Verdict `json:"verdict,omitempty"` // of the rows that are being read again
	// Own is by what somebody belonged to the organisation then. Left stays true, once something of it went,
	// until the internal mail has been read again.
	Own  []string `json:"own"`
	Left bool     `json:"left,omitempty"`
	// Decides stands for the rules about who is matched and made. Reread stays true, once they changed, until
	// what is unmatched or waiting has been read again.
	Decides string `json:"decides,omitempty"`
	Reread  bool   `json:"reread,omitempty"`
	Marked  int    `json:"marked,omitempty"` // version that was marked as applied
	Alignment
}

// Alignment says how far history has been brought in line with the mapping, and what was done to it.
type Alignment struct {
	Version    int       `json:"version"`           // of the mapping
	Done       int64     `json:"done"`              // activities looked at
	Total      int64     `json:"total"`             // about so many there are
	Changed    int64     `json:"changed"`           // activities that the mapping makes something else of
	Removed    int64     `json:"removed"`           // rows that are excluded now
	Readmitted int64     `json:"readmitted"`        // rows read again because another rule decides about them
	Started    time.Time `json:"started,omitzero"`  //
	Ended      time.Time `json:"ended,omitzero"`    // zero while it goes on
	Trouble    string    `json:"trouble,omitempty"` // why it could not go on; it is tried again within a minute
}

// Alignment says how far history is in line with the mapping in force.
func (u *Upkeep) Alignment(ctx context.Context) (Alignment, error) {
	state, err := u.alignState(ctx)
	if err != nil {
		return Alignment{}, err
	}
	if state.Hash != u.cfg.Mapper().Hash() { // its turn has not come yet
		version, err := u.version(ctx)
		return Alignment{Version: version.Number}, err
	}
	return state.Alignment, nil
}

// next is the state from which to bring history in line with the mapper. Of what an earlier version left
// nobody knows who belonged to the organisation: then somebody may have left it.
func (a *alignment) next(ctx context.Context) (alignState, error) {
	was, own := a.alignState, a.mapper.Own()
	next := alignState{Hash: a.mapper.Hash(), Own: own, Left: was.Left || was.Hash != "" && was.Own == nil,
		Decides: a.rules.decides, Reread: was.Reread || was.Decides != "" && was.Decides != a.rules.decides,
		Alignment: Alignment{Version: a.version.Number, Started: time.Now().UTC()}}
	for _, one := range was.Own {
		if _, still := slices.BinarySearch(own, one); !still {
			next.Left = true
		}
	}
	sources, err := a.cfg.Store.ListSources(ctx)
	if err != nil {
		return next, fmt.Errorf("list sources: %w", err)
	}
	for _, s := range sources {
		next.Total += s.Tally.Logged
	}
	return next, nil
}

func (u *Upkeep) alignState(ctx context.Context) (state alignState, err error) {
	raw, err := u.cfg.Store.GetSealed(ctx, alignName)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return state, fmt.Errorf("get state of alignment: %w", err)
	}
	if len(raw) > 0 && json.Unmarshal(raw, &state) != nil {
		state = alignState{} // by another version: start over
	}
	return state, nil
}

// keep notes how far it has come, in the store and for those who watch.
func (a *alignment) keep(ctx context.Context) error {
	a.Total = max(a.Total, a.Done)
	raw, err := json.Marshal(a.alignState)
	if err == nil {
		err = a.cfg.Store.PutSealed(ctx, alignName, raw)
	}
	if err != nil {
		return fmt.Errorf("keep state of alignment: %w", err)
	}
	a.cfg.Aligned(a.alignState.Alignment)
	return nil
}
