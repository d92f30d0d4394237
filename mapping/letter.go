package mapping

import (
	"cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// letter is a message on its way through the rooms.
type letter struct {
	exchange
	item     *connectors.Item
	unlisted []*address // in Sender and Reply-To only: no parties, but their exclusion and erasure count
}

// maxRefs is how many of the messages a message refers to are looked for: those nearest to it, and the
// oldest.
const maxRefs = 4

func (b *batch) newLetter(item *connectors.Item) *letter {
	msg := item.Message
	l := &letter{item: item, exchange: exchange{class: msg.Class, parties: append(b.bounced(msg), b.parties(msg)...), subject: msg.Subject, at: msg.Date}}
	l.unlisted = b.unlisted(msg, l.parties)
	if l.class == "" {
		l.class = crm.ClassPersonal
	}
	l.countOutside()
	l.direction = direction(l)
	return l
}

// direction is out if one of us wrote. The mail system's report that a mail did not arrive comes in, even
// if it is our own system's.
func direction(l *letter) crm.Direction {
	for _, p := range l.parties {
		if p.role == crm.RoleFrom && p.address != nil && p.address.own && l.class != crm.ClassBounce {
			return crm.DirectionOut
		}
	}
	return crm.DirectionIn
}

// references are the keys of the messages that a message answers: what In-Reply-To names, then References
// from the newest, and the one that started it all.
func (b *batch) references(item *connectors.Item) []crm.Key {
	msg := item.Message
	if len(msg.InReplyTo) == 0 && len(msg.References) == 0 {
		return nil
	}
	refs := make([]crm.Key, 0, maxRefs)
	add := func(id string) {
		key := b.refKey(id)
		if key == "" || key == item.Key || len(refs) == maxRefs {
			return
		}
		for _, known := range refs {
			if known == key {
				return
			}
		}
		refs = append(refs, key)
	}
	if len(msg.InReplyTo) > 0 {
		add(msg.InReplyTo[0])
	}
	for i := len(msg.References) - 1; i > 0 && len(refs) < maxRefs-1; i-- {
		add(msg.References[i])
	}
	if len(msg.References) > 0 {
		add(msg.References[0])
	}
	return refs
}

// refKey is the Key of a message by its id; a conversation repeats the same ids over and over.
func (b *batch) refKey(id string) crm.Key {
	key, ok := b.refs[id]
	if !ok {
		if crm.NormalizeMessageID(id) != "" {
			key = crm.MessageKey(id, crm.MessageIdentity{})
		}
		b.refs[id] = key
	}
	return key
}

// thread is the Key of the message that started the conversation as far as the item tells, else its own.
func (b *batch) thread(item *connectors.Item) string {
	for _, ids := range [][]string{item.Message.References, item.Message.InReplyTo} {
		if len(ids) > 0 {
			if key := b.refKey(ids[0]); key != "" {
				return string(key)
			}
		}
	}
	return string(item.Key)
}

// compareParties orders by address, then those with a name first, longer names first, so that the order does
// not hang on that of the header.
func compareParties(x, y *party) int {
	var xAddress, yAddress string
	if x.address != nil {
		xAddress = x.address.canonical
	}
	if y.address != nil {
		yAddress = y.address.canonical
	}
	return cmp.Or(cmp.Compare(xAddress, yAddress), cmp.Compare(len(y.name), len(x.name)), cmp.Compare(x.name, y.name))
}
