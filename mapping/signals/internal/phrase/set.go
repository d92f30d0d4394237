package phrase

// mask is the words found in a text: a bit for each word of the vocabulary.
type mask []uint64

// set is some words of a vocabulary, as 64 bits each of a mask. The words of one expression lie together, so they are few.
type set []some

type some struct {
	at   int
	bits uint64
}

func (s *set) add(word int) { s.join(some{word >> 6, 1 << (word & 63)}) }

func (s *set) join(more some) {
	for i := range *s {
		if (*s)[i].at == more.at {
			(*s)[i].bits |= more.bits
			return
		}
	}
	*s = append(*s, more)
}

// meets says whether one of the words was found.
func (s set) meets(found mask) bool {
	for _, some := range s {
		if some.at < len(found) && found[some.at]&some.bits != 0 {
			return true
		}
	}
	return false
}
