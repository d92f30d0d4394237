package mapping

import (
	"slices"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// screening gives what the store holds a mail or an entry of a calendar against: private conversations and the rules of
// the source's owner, which may change while this batch is mapped. Nil where nothing could be stored anyway.
func (b *batch) screening(item *connectors.Item, w *crm.Write) *crm.Screening {
	if w.Entry.Verdict == crm.Excluded || w.Entry.Verdict == crm.Failed || item.Message == nil && item.Meeting == nil {
		return nil
	}
	s := &crm.Screening{Messages: make([]crm.Key, 0, maxRefs+2)}
	s.Messages = append(s.Messages, item.Key)
	if msg := item.Message; msg != nil {
		s.Subject = msg.Subject
		s.Messages = append(s.Messages, b.references(item)...)
		for _, list := range [][]crm.Mailbox{msg.From, msg.To, msg.Cc, msg.Bcc, msg.ReplyTo} {
			for i := range list {
				b.screened(s, list[i].Address)
			}
		}
		b.screened(s, msg.Sender.Address)
		if b.invites(msg) {
			b.screenedMeeting(s, msg.Invitation)
		}
	}
	if item.Meeting != nil {
		s.Subject = item.Meeting.Summary
		b.screenedMeeting(s, item.Meeting)
	}
	return s
}

func (b *batch) screenedMeeting(s *crm.Screening, m *connectors.Meeting) {
	if key := crm.MeetingKey(m.UID, m.Occurrence); m.UID != "" && !slices.Contains(s.Messages, key) {
		s.Messages = append(s.Messages, key)
	}
	b.screened(s, m.Organizer.Address)
	for i := range m.Attendees {
		b.screened(s, m.Attendees[i].Address)
	}
}

// screened adds an address as it is written, if it is one.
func (b *batch) screened(s *crm.Screening, written string) {
	if written == "" {
		return
	}
	switch a := b.read(written); {
	case a == nil:
	case a.own:
		s.Inside = append(s.Inside, a.normal)
	default:
		s.Outside = append(s.Outside, a.normal)
	}
}
