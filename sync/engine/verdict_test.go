package engine

import (
	"testing"
	"time"
)

func TestBackOff(t *testing.T) {
	tests := map[string]struct {
		failures int
		after    time.Duration
		random   float64
		want     time.Duration
	}{
		"first, at least":             {0, 0, 0, 15 * time.Second},
		"first, at most":              {0, 0, 1, 30 * time.Second},
		"third, at most":              {2, 0, 1, 2 * time.Minute},
		"many, at most":               {1_000_000, 0, 1, 30 * time.Minute},
		"asked for more":              {0, time.Hour, 0, time.Hour},
		"asked for less":              {2, time.Second, 1, 2 * time.Minute},
		"a count that makes no sense": {-5, 0, 1, 30 * time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := backOff(test.failures, test.after, test.random); got != test.want {
				t.Errorf("backOff(%d, %v, %v) = %v, want %v", test.failures, test.after, test.random, got, test.want)
			}
		})
	}
}
