package files

import (
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// box is an mbox with its index and its place.
type box struct {
	path  string
	id    string // the path as it stands in external ids
	index *index
	place *mboxPlace
}

// survey indexes the mboxes and gives each a place. One that was cut or rewritten starts anew.
func (f *fetch) survey(l *listing) ([]box, error) {
	var boxes []box
	listed := make(map[string]bool, len(l.mboxes))
	for _, name := range l.mboxes {
		id, err := escapeID(name)
		if err != nil {
			f.batch.Notes = append(f.batch.Notes, fmt.Sprintf("%s is left alone: %v", name, err))
			continue
		}
		x, err := f.s.index(f.ctx, f.root, name)
		if ctxErr := f.ctx.Err(); ctxErr != nil {
			return nil, fmt.Errorf("index mbox: %w", ctxErr)
		}
		if err != nil {
			f.batch.Notes = append(f.batch.Notes, fmt.Sprintf("%s is left alone: %v", name, err))
			listed[id] = true
			continue
		}
		listed[id] = true
		b := box{name, id, x, f.place.Mbox[id]}
		if b.place == nil || !b.place.fits(x) {
			if b.place != nil {
				f.batch.Notes = append(f.batch.Notes, fmt.Sprintf("%s was rewritten and is read again", name))
			}
			b.place = newMboxPlace(x)
			f.place.Mbox[id] = b.place
			f.place.Total += int64(len(x.messages))
		}
		boxes = append(boxes, b)
	}
	for id := range f.place.Mbox {
		if !listed[id] {
			delete(f.place.Mbox, id)
		}
	}
	return boxes, nil
}

// newMboxPlace leaves all that an mbox holds to history.
func newMboxPlace(x *index) *mboxPlace {
	p := &mboxPlace{High: -1}
	if n := len(x.messages); n > 0 {
		last := x.messages[n-1]
		p.First, p.High, p.End, p.Low = firstHash(x), last.offset, last.end, last.end
	}
	return p
}

func firstHash(x *index) string {
	if len(x.messages) == 0 {
		return ""
	}
	return hex.EncodeToString(x.messages[0].hash[:])
}

// fits says whether the place belongs to the mbox as it is: it starts as before, and the last known message is
// where it was.
func (p *mboxPlace) fits(x *index) bool {
	if p.High < 0 {
		return true
	}
	if x.size < p.End || firstHash(x) != p.First {
		return false
	}
	for _, m := range x.messages {
		if m.offset == p.High {
			return true
		}
	}
	return false
}

// freshOf reads what was appended to mboxes. A last message that has grown was half-written: it is read again.
func (f *fetch) freshOf(boxes []box) error {
	for _, b := range boxes {
		for _, m := range b.index.messages {
			if m.offset < b.place.High || m.offset == b.place.High && m.end == b.place.End {
				continue
			}
			if f.full() {
				return nil
			}
			if err := f.readMessage(b, m); err != nil {
				return err
			}
			b.place.High, b.place.End, b.place.First = m.offset, m.end, firstHash(b.index)
		}
	}
	return nil
}

func (f *fetch) historyOf(boxes []box) error {
	for _, b := range boxes {
		for i := len(b.index.messages) - 1; i >= 0 && !b.place.done(); i-- {
			m := b.index.messages[i]
			if m.offset >= b.place.Low {
				continue
			}
			if f.full() {
				return nil
			}
			if err := f.readMessage(b, m); err != nil {
				return err
			}
			b.place.Low = m.offset
			f.place.Read++
		}
		b.place.Low = 0
	}
	return nil
}

func (f *fetch) readMessage(b box, m position) error {
	if err := f.ctx.Err(); err != nil {
		return fmt.Errorf("read mbox: %w", err)
	}
	if f.s.tooOld(m) {
		return nil
	}
	f.add(f.s.mboxItem(f.root, b, m))
	return nil
}

// tooOld says whether a message is older than the settings ask for, by its "From " line.
func (s *source) tooOld(m position) bool {
	return !s.since.IsZero() && !m.at.IsZero() && m.at.Before(s.since)
}

func (s *source) mboxItem(root *os.Root, b box, m position) connectors.Item {
	env := mimeitem.Envelope{ExternalID: m.id(b.id), Folder: strings.ToValidUTF8(b.path, "?")}
	at := m.at
	if at.IsZero() {
		at = b.index.modTime
	}
	file, err := root.Open(b.path)
	if err != nil {
		return unreadable(env, at, err)
	}
	defer shut(file)
	raw, err := io.ReadAll(io.NewSectionReader(file, m.offset, min(m.end-m.offset, maxMessage)))
	if err != nil {
		return unreadable(env, at, err)
	}
	return s.parse(env, unquoteFrom(raw), at)
}
