package mailgen

import "math/rand/v2"

// feature is a Feature with what it takes to make it.
type feature struct {
	name     string
	perMille int
	only     []tongue // languages it is written in; none for Japanese and English
	incoming bool     // machines and crowds write to us, we never write like that
	alone    bool     // it answers nothing and nobody answers it
	build    func(*draft)
}

// tongue chooses a language, so that four mails of ten are Japanese over all features.
func (f feature) tongue(rng *rand.Rand) tongue {
	if len(f.only) > 0 {
		return pick(rng, f.only)
	}
	if rng.Float64() < 0.285 {
		return inJapanese
	}
	return inEnglish
}

func (f feature) threaded() bool { return !f.alone && !f.incoming }

// deck deals features.
type deck struct {
	rng   *rand.Rand
	cards []feature
	at    int
}

func newDeck(seed uint64) *deck {
	d := &deck{rng: rand.New(rand.NewPCG(seed, 0x6465636b))}
	for _, f := range allFeatures() {
		for range f.perMille {
			d.cards = append(d.cards, f)
		}
	}
	d.at = len(d.cards)
	return d
}

func (d *deck) next() feature {
	if d.at == len(d.cards) {
		d.rng.Shuffle(len(d.cards), func(i, j int) { d.cards[i], d.cards[j] = d.cards[j], d.cards[i] })
		d.at = 0
	}
	d.at++
	return d.cards[d.at-1]
}
