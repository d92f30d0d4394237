package imap

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// Bounds of what is asked for, bytes.
const (
	headerLimit = 128 << 10
	rawLimit    = 2 << 20
	leastPart   = 64 << 10 // parts are asked for with at least this limit, so that small lies about sizes do no harm
)

// message gathers what the server says of one UID.
type message struct {
	uid          uint32
	size         int64
	date         time.Time
	draft        bool
	hasStructure bool
	structure    *mimeitem.Part
	header       *section
	raw          *section
	bodies       []section // text parts
	wants        []mimeitem.Want
	planned      bool
}

// merge takes in what one answer says. What was said first counts; a bare change of flags adds nothing.
func (m *message) merge(f fetched) {
	m.size = max(m.size, f.size)
	if m.date.IsZero() {
		m.date = f.date
	}
	m.draft = m.draft || f.draft
	if f.hasStructure && !m.hasStructure {
		m.hasStructure, m.structure = true, f.structure
	}
	for _, s := range f.sections {
		switch {
		case s.path == "HEADER":
			if m.header == nil {
				m.header = &s
			}
		case s.path == "":
			if m.raw == nil {
				m.raw = &s
			}
		case m.body(s.path) == nil:
			m.bodies = append(m.bodies, s)
		}
	}
}

func (m *message) body(path string) *section {
	for i := range m.bodies {
		if m.bodies[i].path == path {
			return &m.bodies[i]
		}
	}
	return nil
}

// plan decides which parts to ask for. It is false when the first phase left the message unanswered.
func (m *message) plan(textLimit int64) bool {
	if !m.hasStructure {
		return false
	}
	m.wants = slices.DeleteFunc(mimeitem.Plan(m.structure, textLimit), func(w mimeitem.Want) bool {
		return w.Path == "" || strings.Trim(w.Path, "0123456789.ABCDEFGHIJKLMNOPQRSTUVWXYZ") != ""
	})
	m.planned = true
	return true
}

// cost guesses the memory that the message will take, bytes: what is wanted of it, and as its header what is not in
// any part, but never more than the message has.
func (m *message) cost() int64 {
	cost := min(max(m.size-bytesOf(m.structure), 1<<10), headerLimit)
	for _, w := range m.wants {
		cost += w.Size
	}
	if m.size > 0 {
		cost = min(cost, m.size)
	}
	return cost + 1<<10
}

// complete says whether all that was planned has come.
func (m *message) complete() bool {
	if !m.planned || m.header == nil {
		return false
	}
	for _, w := range m.wants {
		if m.body(w.Path) == nil {
			return false
		}
	}
	return true
}

// structureCommand is the first phase for some messages. Servers keep all of this in their index: a mailbox that
// was read before costs them next to nothing.
func structureCommand(uids []uint32) string {
	return fmt.Sprintf("UID FETCH %s (UID RFC822.SIZE INTERNALDATE FLAGS BODYSTRUCTURE)", uidSet(uids))
}

// rawCommand asks for one message whole, up to a limit.
func rawCommand(uid uint32) string {
	return fmt.Sprintf("UID FETCH %d (UID RFC822.SIZE INTERNALDATE FLAGS BODY.PEEK[]<0.%d>)", uid, rawLimit)
}

// textCommands is the second phase: one command for each part's path, for all messages that want it. The header
// of a message travels with the first of its parts, so that the server opens it once. limits tells how much of
// each path is asked for.
func textCommands(messages []*message) (commands []string, limits map[string]int64) {
	type group struct {
		path   string
		header bool
	}
	uids := make(map[group][]uint32)
	limits = make(map[string]int64)
	var order []group
	add := func(g group, uid uint32) {
		if uids[g] == nil {
			order = append(order, g)
		}
		uids[g] = append(uids[g], uid)
	}
	for _, m := range messages {
		if len(m.wants) == 0 {
			add(group{"", true}, m.uid)
		}
		for i, w := range m.wants {
			add(group{w.Path, i == 0}, m.uid)
			limits[w.Path] = max(limits[w.Path], roundUp(w.Size))
		}
	}
	for _, g := range order {
		var items string
		if g.header {
			items = fmt.Sprintf(" BODY.PEEK[HEADER]<0.%d>", headerLimit)
		}
		if g.path != "" {
			items += fmt.Sprintf(" BODY.PEEK[%s]<0.%d>", g.path, limits[g.path])
		}
		commands = append(commands, fmt.Sprintf("UID FETCH %s (UID%s)", uidSet(uids[g]), items))
	}
	return commands, limits
}

// roundUp gives the next power of two.
func roundUp(n int64) int64 {
	if n <= leastPart {
		return leastPart
	}
	return min(int64(1)<<bits.Len64(uint64(n-1)), maxLiteralKept)
}

// uidSet writes UIDs as a sequence set, with ranges where they are neighbours.
func uidSet(uids []uint32) string {
	sorted := slices.Sorted(slices.Values(uids))
	var b strings.Builder
	for i := 0; i < len(sorted); {
		j := i
		for j+1 < len(sorted) && sorted[j+1]-sorted[j] <= 1 {
			j++
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(sorted[i]), 10))
		if sorted[j] != sorted[i] {
			b.WriteByte(':')
			b.WriteString(strconv.FormatUint(uint64(sorted[j]), 10))
		}
		i = j + 1
	}
	return b.String()
}
