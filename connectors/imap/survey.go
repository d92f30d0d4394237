package imap

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// snapshot is how a folder stood when it was last read to its end. While it stands so there is nothing to read.
type snapshot struct {
	validity uint32
	uidNext  imap.UID
	messages uint32
	modSeq   uint64 // 0 without CONDSTORE (RFC 7162)
	next     uint64 // of the cursor then
}

func snapshotOf(data *imap.StatusData, next uint64) snapshot {
	snap := snapshot{validity: data.UIDValidity, uidNext: data.UIDNext, modSeq: data.HighestModSeq, next: next}
	if data.NumMessages != nil {
		snap.messages = *data.NumMessages
	}
	return snap
}

// survey is what a look at the chosen folders found.
type survey struct {
	selection
	status  map[string]*imap.StatusData // of the chosen folders that can be read
	there   map[string]bool             // folders of the cursor that are not chosen, but exist
	refused map[string]error            // chosen folders that exist but cannot be looked at
	grown   string                      // the open folder, if the server said by itself that it grew
}

// lookBeat is how often a source that is read batch after batch looks at its folders. What arrives in the open
// folder is announced by the server and looked at with the next batch.
const lookBeat = time.Second

// looked is the last look of Fetch.
type looked struct {
	at   time.Time
	sess *session
	v    survey
	next connectors.Cursor // behind what was read after it; "" if that is not known
}

// lookNowAndThen looks, unless this is the continuation of a reading that has just looked.
func (s *source) lookNowAndThen(ctx context.Context, cur connectors.Cursor, pos position) (survey, error) {
	last := s.last
	s.last.next = ""
	if cur != "" && cur == last.next && s.sess == last.sess && !s.sess.tap.broken() && !s.sess.tap.grown.Load() && s.now().Sub(last.at) < lookBeat {
		last.v.grown = ""
		return last.v, nil
	}
	at := s.now()
	v, err := s.look(ctx, pos)
	if err == nil {
		s.last = looked{at: at, sess: s.sess, v: v}
	}
	return v, err
}

// look asks how the chosen folders stand, in one round trip. Folders of the cursor that are no longer chosen are
// asked for too: only a folder that is neither listed nor answers is gone.
// A connection that was kept from an earlier pass may have died meanwhile; it is replaced once.
func (s *source) look(ctx context.Context, pos position) (survey, error) {
	kept := s.sess
	v, err := s.lookOnce(ctx, pos)
	if err != nil && kept != nil && s.sess == kept && kept.tap.broken() && ctx.Err() == nil {
		return s.lookOnce(ctx, pos)
	}
	return v, err
}

func (s *source) lookOnce(ctx context.Context, pos position) (survey, error) {
	sess, err := s.open(ctx)
	if err != nil {
		return survey{}, err
	}
	defer sess.guard(ctx)()
	fresh := s.now().Sub(sess.listed) < relistAfter
	for {
		if !fresh {
			if err := s.list(ctx); err != nil {
				return survey{}, err
			}
		}
		v, err := s.askStatus(ctx, pos)
		if err != nil {
			return survey{}, err
		}
		if fresh && (len(v.refused) > 0 || len(v.missing) > 0 && len(v.names) == 0) {
			fresh = false // the list may be out of date
			continue
		}
		if len(v.names) == 0 {
			return survey{}, noFolderFault(sess.folders)
		}
		if len(v.status) == 0 {
			for _, name := range v.names {
				return survey{}, s.fault(ctx, "look at folder "+name, v.refused[name])
			}
		}
		return v, nil
	}
}

// askStatus sends one STATUS for each folder and waits for all.
func (s *source) askStatus(ctx context.Context, pos position) (survey, error) {
	sess := s.sess
	v := survey{selection: s.settings.choose(sess.folders), status: map[string]*imap.StatusData{},
		there: map[string]bool{}, refused: map[string]error{}}
	options := &imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, HighestModSeq: sess.caps.Has(imap.CapCondStore)}
	var noop *imapclient.Command
	if sess.selected != "" {
		noop = sess.client.Noop() // some servers show an open folder's growth only so
	}
	asked := make(map[string]*imapclient.StatusCommand)
	for _, name := range v.names {
		asked[name] = sess.client.Status(name, options)
	}
	for name := range pos.Folders {
		if !slices.Contains(v.names, name) {
			asked[name] = sess.client.Status(name, options)
		}
	}
	if noop != nil {
		if err := noop.Wait(); err != nil {
			return v, s.fault(ctx, "look at folders", lostUnlessRefused(err))
		}
	}
	for name, command := range asked {
		data, err := command.Wait()
		chosen := slices.Contains(v.names, name)
		var refused *imap.Error
		switch {
		case errors.As(err, &refused):
			if f := busyFault("look at folder "+name, refused); f != nil {
				return v, f
			}
			if chosen {
				v.refused[name] = err
			}
		case err != nil:
			return v, s.fault(ctx, "look at folders", lostUnlessRefused(err))
		case chosen:
			v.status[name] = data
		default:
			v.there[name] = true
		}
	}
	if sess.tap.grown.Swap(false) {
		v.grown = sess.selected
	}
	return v, nil
}

// lostUnlessRefused marks what go-imap reports when the connection is gone.
func lostUnlessRefused(err error) error {
	var refused *imap.Error
	if err == nil || errors.As(err, &refused) {
		return err
	}
	return lost{err}
}

// changed says whether a folder may hold something new after p.
func (s *source) changed(v survey, name string, p place) bool {
	data := v.status[name]
	return data.UIDValidity == 0 || data.UIDValidity != p.Validity || v.grown == name || s.seen[name] != snapshotOf(data, p.Next)
}

// notes says what a person should know of the survey, each thing once.
func (s *source) notes(v survey) []string {
	var notes []string
	once := func(note string) {
		if !s.noted[note] {
			s.noted[note] = true
			notes = append(notes, note)
		}
	}
	for _, want := range v.missing {
		once(fmt.Sprintf("folder %s of the settings does not exist; it is read as soon as it does", want))
	}
	for _, name := range v.names {
		if err := v.refused[name]; err != nil {
			once(fmt.Sprintf("folder %s cannot be read: %v", name, err))
		}
	}
	return notes
}
