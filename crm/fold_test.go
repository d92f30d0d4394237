package crm

import (
	"math/rand/v2"
	"testing"
)

func TestPlainTextsFoldAsAllOthersDo(t *testing.T) {
	whole := func(s string) string { return foldOnce(foldOnce(s)) }
	for r := rune(' '); r <= '鿿'; r++ {
		if s := string(r); isPlain(s) && Fold(s) != whole(s) {
			t.Errorf("%U: %q instead of %q", r, Fold(s), whole(s))
		}
	}
	rng := rand.New(rand.NewPCG(1, 2))
	signs := []rune("aZ9 -.@()田髙中々ぁがハパぱゝゞヾヴヺー・ヷンんゖ一鿋")
	for range 20_000 {
		var s string
		for range rng.IntN(8) {
			s += string(signs[rng.IntN(len(signs))])
		}
		if !isPlain(s) {
			t.Fatalf("%q is not plain", s)
		}
		if Fold(s) != whole(s) {
			t.Errorf("%q: %q instead of %q", s, Fold(s), whole(s))
		}
	}
}
