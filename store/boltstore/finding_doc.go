package boltstore

import (
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// An entry of the index for searching stands for what a record looked like when it was indexed: its id, a checksum of its
// text, its kind and the beginning of its folded name, by which results are put in order before any record is read. An
// entry whose checksum is not that of the record as it is now is stale, and there is a newer one.
//
// In bytes: id (16), checksum (4), kind (1), beginning of the folded name filled up with zeroes (24).
const (
	entrySize = 16 + 4 + 1 + sortSize
	sortSize  = 24
	entryKind = 20
	entrySort = 21
)

// The kinds of entry; 0 is an empty place.
const (
	kindLead byte = iota + 1
	kindContact
	kindAccount
)

// maxFindText is how much of a record's text is searched, in bytes.
const maxFindText = 8 << 10

// findDoc is a record as the index knows it.
type findDoc struct {
	entry [entrySize]byte
	text  string // folded; parts end with line ends
}

func personDoc(p *crm.Person) findDoc { return personDocOf(p, personText(*p)) }

// personDocOf is personDoc of a person whose personText is known.
func personDocOf(p *crm.Person, text string) findDoc {
	kind := kindLead
	if p.Kind == crm.Contact {
		kind = kindContact
	}
	return newFindDoc(idOf(p.ID), kind, p.Name, withPhones(text, p.Phones))
}

func accountDoc(a *crm.Account) findDoc {
	return newFindDoc(idOf(a.ID), kindAccount, a.Name, withPhones(accountText(*a), a.Phones))
}

func newFindDoc(id id16, kind byte, name, text string) findDoc {
	if len(text) > maxFindText {
		text = strings.ToValidUTF8(text[:maxFindText], "")
	}
	d := findDoc{text: text}
	copy(d.entry[:16], id[:])
	sum := crc32.Update(crc32.Checksum([]byte{kind}, castagnoli), castagnoli, []byte(text))
	binary.BigEndian.PutUint32(d.entry[16:], sum)
	d.entry[entryKind] = kind
	sort := sortOf(foldedName(name))
	copy(d.entry[entrySort:], sort[:])
	return d
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sortOf is the beginning of a folded name.
func sortOf(folded []byte) (out [sortSize]byte) {
	copy(out[:], folded)
	return out
}

// foldedName is the name as it stands in the indexes of names.
func foldedName(name string) []byte {
	key := nameKey(name, id16{})
	return key[:len(key)-17]
}

// withPhones adds telephone numbers: as entered, and their digits as they are dialled at home and from abroad.
func withPhones(text string, phones []crm.Phone) string {
	if len(phones) == 0 {
		return text
	}
	parts := []string{text}
	for _, p := range phones {
		entered := crm.Fold(p.Number)
		digits := digitsOf(entered)
		parts = append(parts, entered)
		if digits != entered {
			parts = append(parts, digits)
		}
		if p.E164 != "" && p.E164 != entered {
			parts = append(parts, p.E164)
		}
		if national, ok := strings.CutPrefix(p.E164, "+81"); ok && "0"+national != digits {
			parts = append(parts, "0"+national)
		}
	}
	return strings.Join(parts, "\n")
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
