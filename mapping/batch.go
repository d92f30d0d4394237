package mapping

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Map decides about the items of one batch of src and gives a Write for each, in the same order. It asks dir
// once. Mails of a batch do not see each other; a submission sees the people whom items before it make. So how a
// source is cut into batches changes nothing. A mistake of ours in one item makes that item failed and leaves the others alone. The error is dir's;
// generation is that of its answer.
func (m *Mapper) Map(ctx context.Context, dir Directory, src Source, items []connectors.Item, now time.Time) (writes []crm.Write, generation uint64, err error) {
	b := m.newBatch(src, len(items))
	b.now = now.UTC()
	if len(items) > 0 && items[0].Submission != nil { // a source has either mails or submissions
		b.fresh = newNewcomers(len(items))
	}
	writes = make([]crm.Write, len(items))
	open := make([]opened, len(items))
	for i := range items {
		b.contain(&items[i], &writes[i], func() {
			open[i] = b.screen(&items[i], &writes[i])
			writes[i].Screening = b.screening(&items[i], &writes[i])
		})
	}
	if b.answer, err = dir.Lookup(ctx, b.question); err != nil {
		return nil, 0, fmt.Errorf("look up people: %w", err)
	}
	for i, o := range open {
		switch {
		case o.letter != nil:
			b.contain(&items[i], &writes[i], func() { b.decide(o.letter, &writes[i]) })
			b.fresh.meet(writes[i].People, nil)
		case o.enquiry != nil:
			b.contain(&items[i], &writes[i], func() { b.decideEnquiry(o.enquiry, &writes[i]) })
		case o.gathering != nil:
			b.contain(&items[i], &writes[i], func() { b.decideMeeting(o.gathering, &writes[i]) })
			b.fresh.meet(writes[i].People, nil)
		}
	}
	return writes, b.answer.Generation, nil
}

// batch is the state of one Map, Rematch or Screens: each address and folder is looked at once.
type batch struct {
	*Mapper
	src       Source
	owner     string // of src, canonical
	ownOwner  string // of src, normalised
	policy    Policy
	now       time.Time
	addresses map[string]*address // by the address as written
	folders   map[sourceFolder]crm.Reason
	asked     map[string]bool // addresses and domains in question
	refs      map[string]crm.Key
	meanings  map[string]meaning // of fields of forms, by label and name
	said      answers            // of one submission after the other
	lines     []byte             // likewise
	nameKeys  crm.NameKeys
	fresh     newcomers
	question  crm.Question
	answer    crm.Answer
}

func (m *Mapper) newBatch(src Source, items int) *batch {
	b := &batch{
		Mapper: m, src: src, policy: src.NewPeople,
		addresses: make(map[string]*address, items),
		asked:     make(map[string]bool, items),
		refs:      make(map[string]crm.Key, items),
		folders:   map[sourceFolder]crm.Reason{},
		meanings:  map[string]meaning{},
		fresh:     newNewcomers(0),
	}
	b.owner = cmp.Or(crm.CanonicalAddress(src.Owner), src.Owner)
	b.ownOwner, _ = crm.NormalizeAddress(src.Owner)
	if b.policy == "" {
		b.policy = m.newPeople
	}
	if b.policy == "" {
		b.policy = PolicyWhenWeWroteFirst
	}
	return b
}

// address is what is known of an address before the directory is asked.
type address struct {
	canonical string
	normal    string
	domain    string
	own       bool       // belongs to the organisation
	freeMail  bool       //
	role      bool       // stands for an office
	noReply   bool       // stands for a machine
	excluded  crm.Reason // "" if the address is not excluded
	found     *finding   // what the directory says; nil until asked
}

// read looks at an address as written; nil if it is none.
func (b *batch) read(written string) *address {
	a, ok := b.addresses[written]
	if !ok {
		a = b.newAddress(written)
		b.addresses[written] = a
	}
	return a
}

func (b *batch) newAddress(written string) *address {
	normal, ok := crm.NormalizeAddress(written)
	if !ok {
		return nil
	}
	a := &address{normal: normal, canonical: crm.CanonicalAddress(written), domain: crm.AddressDomain(normal)}
	a.own = normal == b.ownOwner || b.isOwn(normal, a.domain)
	if !a.own {
		a.freeMail = IsFreeMail(a.domain) || b.freeMail.has(a.domain)
		local := normal[:len(normal)-len(a.domain)-1]
		a.noReply = b.noReply.has(local)
		a.role = b.roles.has(local) || b.roles.has(trimDigits(local))
	}
	a.excluded = b.excludesAddress(a)
	return a
}

func trimDigits(local string) string {
	end := len(local)
	for end > 1 && '0' <= local[end-1] && local[end-1] <= '9' {
		end--
	}
	return local[:end]
}

// party is somebody on an item.
type party struct {
	role     crm.Role
	name     string
	response string
	optional bool
	kind     crm.ParticipantType // a room, a resource or a group is nobody: never looked for, never asked about
	address  *address            // nil if it was unreadable
}

// outside reports that the party is a person who does not belong to the organisation.
func (p *party) outside() bool {
	return p.kind == crm.TypePerson && p.address != nil && !p.address.own
}

// parties are everybody on a message, ordered by role, then address, each address once in a role.
func (b *batch) parties(msg *connectors.Message) []party {
	from := msg.From
	if len(from) == 0 && msg.Sender.Address != "" {
		from = []crm.Mailbox{msg.Sender}
	}
	list := make([]party, 0, len(from)+len(msg.To)+len(msg.Cc)+len(msg.Bcc))
	add := func(role crm.Role, mailboxes []crm.Mailbox) {
		start := len(list)
		for _, mailbox := range mailboxes {
			if mailbox == (crm.Mailbox{}) {
				continue
			}
			p := party{role: role, name: mailbox.Name, address: b.read(mailbox.Address)}
			if p.address == nil && p.name == "" {
				p.name = strings.TrimSpace(mailbox.Address) // "undisclosed-recipients:;"
			}
			list = append(list, p)
		}
		list = list[:start+len(sortParties(list[start:]))]
	}
	add(crm.RoleFrom, from)
	add(crm.RoleTo, msg.To)
	add(crm.RoleCc, msg.Cc)
	add(crm.RoleBcc, msg.Bcc)
	return list
}

// unlisted are the addresses in Sender and Reply-To that are not among the parties.
func (b *batch) unlisted(msg *connectors.Message, parties []party) []*address {
	var list []*address
	add := func(mailbox crm.Mailbox) {
		a := b.read(mailbox.Address)
		if a == nil || slices.Contains(list, a) ||
			slices.ContainsFunc(parties, func(p party) bool { return p.address != nil && p.address.canonical == a.canonical }) {
			return
		}
		list = append(list, a)
	}
	if msg.Sender.Address != "" {
		add(msg.Sender)
	}
	for _, mailbox := range msg.ReplyTo {
		add(mailbox)
	}
	return list
}

// sortParties orders the parties of one role and takes out repeated ones; the one with a name stays.
func sortParties(list []party) []party {
	if len(list) < 2 {
		return list
	}
	slices.SortStableFunc(list, func(x, y party) int { return compareParties(&x, &y) })
	return slices.CompactFunc(list, func(x, y party) bool {
		return x.address != nil && y.address != nil && x.address.canonical == y.address.canonical
	})
}

func (b *batch) askAddress(a *address) {
	if a.own || b.asked[a.normal] {
		return
	}
	b.asked[a.normal] = true
	b.question.Addresses = append(b.question.Addresses, a.normal)
	if b.byDomain && !a.freeMail && !b.asked[a.domain] {
		b.asked[a.domain] = true
		b.question.Domains = append(b.question.Domains, a.domain)
	}
}

// ask puts what must be known to match x into the question.
func (b *batch) ask(x *exchange, unlisted []*address) {
	for i := range x.parties {
		if p := &x.parties[i]; p.outside() {
			b.askAddress(p.address)
		}
	}
	for _, a := range unlisted {
		if !a.own && !b.asked[a.normal] {
			b.asked[a.normal] = true
			b.question.Addresses = append(b.question.Addresses, a.normal)
		}
	}
	b.question.Messages = append(b.question.Messages, x.refs...)
}
