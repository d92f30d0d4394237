package fakegoogle

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// mailboxes are those of all users.
type mailboxes struct {
	mu     sync.RWMutex
	boxes  map[string]*Mailbox
	pubsub *pubsub
	now    func() time.Time
}

// Mailbox is one user's mail.
type Mailbox struct {
	mu      sync.RWMutex
	email   string
	now     func() time.Time
	pubsub  *pubsub
	byID    map[string]*message
	dated   []*message            // by internal date, then by arrival; oldest first
	threads map[string][]*message // oldest first
	byMsgID map[string]*message   // by Message-ID, the newest
	labels  []label               // those the user made
	history history
	serial  uint64
	watched string // topic of users.watch
	expires time.Time
}

type message struct {
	id, thread string
	labels     []string
	at         time.Time // internal date
	serial     uint64
	history    uint64
	raw        []byte
	head       header
	begin      atomic.Pointer[string] // its snippet, once it was asked for
}

type label struct{ id, name string }

func (ms *mailboxes) add(email string) *Mailbox {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	b := ms.boxes[email]
	if b == nil {
		b = &Mailbox{email: email, now: ms.now, pubsub: ms.pubsub}
		b.history.last = 1000 + hash64(email)%9000
		b.history.floor = b.history.last
		ms.boxes[email] = b
	}
	return b
}

func (ms *mailboxes) get(email string) *Mailbox {
	ms.mu.RLock()
	defer ms.mu.RUnlock()
	return ms.boxes[email]
}

// Mailbox returns a user's mailbox; an address that is not known becomes a user.
func (s *Server) Mailbox(email string) *Mailbox {
	return s.gmail.get(s.ensureUser(email))
}

// Deliver puts a mail into the mailbox as of a moment, its internal date, and returns its id. Without labels
// it is unread in the inbox; a label that is neither a system label nor one of CreateLabel is made.
func (b *Mailbox) Deliver(raw []byte, at time.Time, labels ...string) (id string) {
	head := parseHeader(raw)
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(labels) == 0 {
		labels = []string{"INBOX", "UNREAD"}
	}
	if b.byID == nil {
		b.byID, b.threads, b.byMsgID = map[string]*message{}, map[string][]*message{}, map[string]*message{}
	}
	b.serial++
	m := &message{
		id: b.newID(), labels: b.labelIDs(labels), at: at.Truncate(time.Millisecond), serial: b.serial,
		raw: bytes.Clone(raw), head: head,
	}
	m.thread = b.threadOf(m)
	b.byID[m.id] = m
	if head.messageID != "" {
		b.byMsgID[head.messageID] = m
	}
	i := sort.Search(len(b.dated), func(i int) bool { return b.dated[i].at.After(m.at) })
	b.dated = slices.Insert(b.dated, i, m)
	b.threads[m.thread] = append(b.threads[m.thread], m)
	b.record(change{kind: messageAdded, id: m.id, thread: m.thread, labels: m.labels}, m)
	return m.id
}

// newID is sixteen hexadecimal digits that do not show the order of arrival.
func (b *Mailbox) newID() string {
	for n := b.serial; ; n += 1 << 40 {
		id := fmt.Sprintf("%016x", 0x19<<56|hash64(b.email, fmt.Sprint(n))>>8)
		if b.byID[id] == nil {
			return id
		}
	}
}

// threadOf joins a mail to the thread of one it refers to, if the subjects are equal but for their prefixes,
// as the vendor documents for References and In-Reply-To.
func (b *Mailbox) threadOf(m *message) string {
	for _, ref := range slices.Backward(m.head.references) {
		if other := b.byMsgID[ref]; other != nil && other.head.topic == m.head.topic {
			return other.thread
		}
	}
	return m.id
}

// Relabel adds and removes labels by id or name. A mail that is not there stays so.
func (b *Mailbox) Relabel(id string, add, remove []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.byID[id]
	if m == nil {
		return
	}
	var added, removed []string
	now := slices.Clone(m.labels)
	for _, l := range b.labelIDs(add) {
		if !slices.Contains(now, l) {
			now, added = append(now, l), append(added, l)
		}
	}
	for _, l := range b.labelIDs(remove) {
		if i := slices.Index(now, l); i >= 0 {
			now, removed = slices.Delete(now, i, i+1), append(removed, l)
		}
	}
	m.labels = now
	if len(added) > 0 {
		b.record(change{kind: labelAdded, id: m.id, thread: m.thread, labels: added}, m)
	}
	if len(removed) > 0 {
		b.record(change{kind: labelRemoved, id: m.id, thread: m.thread, labels: removed}, m)
	}
}

// Trash moves a mail to the trash: TRASH is added, INBOX is taken away.
func (b *Mailbox) Trash(id string) { b.Relabel(id, []string{"TRASH"}, []string{"INBOX"}) }

// Delete removes a mail for ever.
func (b *Mailbox) Delete(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.byID[id]
	if m == nil {
		return
	}
	delete(b.byID, id)
	same := func(x *message) bool { return x == m }
	b.dated = slices.DeleteFunc(b.dated, same)
	if rest := slices.DeleteFunc(b.threads[m.thread], same); len(rest) > 0 {
		b.threads[m.thread] = rest
	} else {
		delete(b.threads, m.thread)
	}
	if b.byMsgID[m.head.messageID] == m {
		delete(b.byMsgID, m.head.messageID)
	}
	b.record(change{kind: messageDeleted, id: m.id, thread: m.thread}, nil)
}

// Len is the number of mails, those in spam and trash with them.
func (b *Mailbox) Len() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return len(b.byID)
}

// IDs lists all mails, oldest first.
func (b *Mailbox) IDs() []string {
	b.mu.RLock()
	defer b.mu.RUnlock()
	ids := make([]string, len(b.dated))
	for i, m := range b.dated {
		ids[i] = m.id
	}
	return ids
}

// CreateLabel makes a label and returns its id; a name that is taken keeps its id.
func (b *Mailbox) CreateLabel(name string) (id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.labelIDs([]string{name})[0]
}

// RenameLabel gives a label another name and keeps its id.
func (b *Mailbox) RenameLabel(id, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.labels {
		if b.labels[i].id == id {
			b.labels[i].name = name
		}
	}
}

func systemLabels() []string {
	return []string{
		"CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "CATEGORY_FORUMS", "CATEGORY_UPDATES",
		"CATEGORY_PERSONAL", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "STARRED", "UNREAD",
	}
}

// labelIDs turns ids and names into ids and makes what is missing. The lock is held.
func (b *Mailbox) labelIDs(names []string) []string {
	var ids []string
	for _, name := range names {
		id := b.findLabel(name)
		if id == "" {
			id = fmt.Sprintf("Label_%d", len(b.labels)+1)
			b.labels = append(b.labels, label{id, name})
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// findLabel returns the id of a label given by id or name, "" if there is none.
func (b *Mailbox) findLabel(name string) string {
	for _, s := range systemLabels() {
		if s == name {
			return s
		}
	}
	for _, l := range b.labels {
		if l.id == name || strings.EqualFold(l.name, name) {
			return l.id
		}
	}
	return ""
}
