package phrase

import (
	"math/bits"
	"strings"
)

// scanner finds which of many words stand in a text. It looks at the beginnings of words: of so many bytes as it has keys
// for among 1, 2, 3, 4 and 6, which are up to four letters or two Japanese characters. Two letters or a Japanese character,
// and then a bitmap over a hash of the keys, sort out nearly all places of a text.
type scanner struct {
	words   []string
	numbers map[string]int
	letters []uint8              // by two bytes, the first of them plain: a bit for each length of key
	runes   []uint8              // the same by a character of three bytes
	others  [256]uint8           // the same by first byte, for other characters
	may     [mayBits / 64]uint64 // over the hashes of all keys
	slots   []slot               // open addressing; a power of two of them
	shift   int
}

// slot holds the words with a key.
type slot struct {
	key   uint64 // 0: free
	words []entry
}

// entry is a word as it is compared: its first eight bytes, with zeros behind a shorter one, and the others.
type entry struct {
	first, mask uint64
	rest        string
	number      int32
}

const (
	mayShift = 48
	mayBits  = 1 << (64 - mayShift)
	hashing  = 0x9e3779b97f4a7c15
)

// add gives the number of a word.
func (s *scanner) add(word string) int {
	n, known := s.numbers[word]
	if !known {
		if s.numbers == nil {
			s.numbers = map[string]int{}
		}
		n = len(s.words)
		s.words, s.numbers[word] = append(s.words, word), n
	}
	return n
}

// size is how long masks are.
func (s *scanner) size() int { return len(s.words)/64 + 1 }

// keyLength is how many bytes of a word are its key.
func keyLength(word string) int {
	n := min(len(word), 4)
	if word[0] >= 0x80 && len(word) >= 6 {
		n = 6
	}
	return n
}

// close makes the tables when all words are there.
func (s *scanner) close() {
	s.shift = 64 - bits.Len(uint(4*len(s.words)))
	s.slots = make([]slot, 1<<(64-s.shift))
	s.letters, s.runes = make([]uint8, 0x80<<8), make([]uint8, 1<<16)
	for n, word := range s.words {
		length := keyLength(word)
		key := keyAt(bytesAt(word, 0), length)
		s.begin(word, 1<<length)
		hash := key * hashing >> mayShift
		s.may[hash>>6] |= 1 << (hash & 63)
		at := s.slotOf(key)
		at.key, at.words = key, append(at.words, entryOf(word, n))
	}
	s.numbers = nil
}

// begin marks how a word begins.
func (s *scanner) begin(word string, length uint8) {
	switch c := word[0]; {
	case c < 0x80 && len(word) > 1:
		s.letters[int(c)<<8|int(word[1])] |= length
	case c < 0x80:
		for next := range 256 {
			s.letters[int(c)<<8|next] |= length
		}
	case c >= 0xe0 && c < 0xf0:
		s.runes[runeAt(bytesAt(word, 0))] |= length
	default:
		s.others[c] |= length
	}
}

// runeAt is the number of a character of three bytes.
func runeAt(text uint64) uint64 { return text&0xf<<12 | text>>8&0x3f<<6 | text>>16&0x3f }

// lengthsAt are the lengths of the keys that may stand at the beginning of eight bytes.
func (s *scanner) lengthsAt(text uint64) uint8 {
	switch c := text & 0xff; {
	case c < 0x80:
		return s.letters[c<<8|text>>8&0xff]
	case c < 0xc0:
		return 0
	case c >= 0xe0 && c < 0xf0:
		return s.runes[runeAt(text)]
	default:
		return s.others[c]
	}
}

// slotOf is the slot of a key, or a free one.
func (s *scanner) slotOf(key uint64) *slot {
	for i := key * hashing >> s.shift; ; i++ {
		at := &s.slots[i&uint64(len(s.slots)-1)]
		if at.key == key || at.key == 0 {
			return at
		}
	}
}

func keyAt(text uint64, length int) uint64 {
	return text&(1<<(8*length)-1) | uint64(length)<<56
}

// bytesAt are the eight bytes of a text from i on, zeros behind its end.
func bytesAt(s string, i int) (text uint64) {
	if len(s)-i >= 8 {
		b := s[i : i+8]
		return uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 | uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
	}
	for n := range len(s) - i {
		text |= uint64(s[i+n]) << (8 * n)
	}
	return text
}

// scan marks the words of a text.
func (s *scanner) scan(text string, found mask) {
	for i := range len(text) {
		eight := bytesAt(text, i)
		for lengths := s.lengthsAt(eight); lengths != 0; lengths &= lengths - 1 {
			key := keyAt(eight, bits.TrailingZeros8(lengths))
			if hash := key * hashing >> mayShift; s.may[hash>>6]&(1<<(hash&63)) == 0 {
				continue
			}
			for at, words := 0, s.slotOf(key).words; at < len(words); at++ {
				if e := &words[at]; eight&e.mask == e.first && (e.rest == "" || strings.HasPrefix(text[min(i+8, len(text)):], e.rest)) {
					found[e.number>>6] |= 1 << (e.number & 63)
				}
			}
		}
	}
}

func entryOf(word string, number int) entry {
	e := entry{first: bytesAt(word, 0), mask: 1<<64 - 1, number: int32(number)}
	if len(word) < 8 {
		e.mask = 1<<(8*len(word)) - 1
	} else {
		e.rest = word[8:]
	}
	return e
}
