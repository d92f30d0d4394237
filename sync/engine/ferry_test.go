package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestFerry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f ferry
		start := time.Now()
		arrivals := make(chan time.Duration, 3)
		for _, late := range []time.Duration{0, ferryPause / 2, ferryPause + time.Millisecond} {
			go func() {
				time.Sleep(late)
				f.cross(t.Context())
				arrivals <- time.Since(start)
			}()
		}
		for i, want := range []time.Duration{ferryPause, ferryPause, 2*ferryPause + time.Millisecond} {
			if got := <-arrivals; got != want {
				t.Errorf("number %d went on after %v, want %v", i, got, want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		before := time.Now()
		if f.cross(ctx); time.Since(before) != 0 {
			t.Errorf("who is told to stop waited %v", time.Since(before))
		}
		time.Sleep(ferryPause) // its timer goes off for nobody
	})
}
