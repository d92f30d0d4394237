package crm

import "slices"

// Likeness is how much two records seem to be of one person or account.
type Likeness struct {
	Score    int      `json:"score"`    // 0 to 100
	Evidence []string `json:"evidence"` // codes with what they rest on: "address: a@example.jp", "phone: +81312345678", "name_company: 田中太郎, サンプル", "domain: …"
}

// DuplicateAt is the score from which two records are shown as possible duplicates.
const DuplicateAt = 60

// likeness gathers evidence. Each piece leaves that part of the doubt that its weight does not take: two pieces of
// 50 make 75, and no number of weak ones makes certainty.
type likeness struct {
	doubt    float64
	evidence []string
	less     float64 // points that speak against
	most     float64 // the score is not higher
}

func newLikeness() *likeness { return &likeness{doubt: 1, most: 100} }

// add takes evidence of a weight of 0 to 100.
func (l *likeness) add(weight float64, code, what string) {
	l.doubt *= 1 - weight/100
	l.say(code, what)
}

// against takes evidence that speaks against.
func (l *likeness) against(points float64, code, what string) {
	l.less += points
	l.say(code, what)
}

// limit takes evidence with which the score is not higher than most.
func (l *likeness) limit(most float64, code, what string) {
	l.most = min(l.most, most)
	l.say(code, what)
}

func (l *likeness) say(code, what string) {
	if text := code + ": " + what; !slices.Contains(l.evidence, text) {
		l.evidence = append(l.evidence, text)
	}
}

// result is the score. What only speaks against says nothing.
func (l *likeness) result() Likeness {
	if l.doubt == 1 {
		return Likeness{}
	}
	score := min(100*(1-l.doubt)-l.less, l.most)
	return Likeness{Score: max(0, int(score+0.5)), Evidence: l.evidence}
}
