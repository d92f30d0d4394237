package quota_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/quota"
)

// budget is a caller's own type for a limit, as connectors.Budget is.
type budget struct {
	Name  string
	Units int
	Per   time.Duration
}

func user(name string) budget { return budget{"user/" + name, 6000, time.Minute} }

func project(units int) budget { return budget{"project", units, time.Minute} }

func spend(t *testing.T, k *quota.Keeper[budget], cost int, history bool, limits ...budget) {
	t.Helper()
	if err := k.Spend(t.Context(), cost, history, limits...); err != nil {
		t.Errorf("spend %d: %v", cost, err)
	}
}

func TestBackfillGetsAlmostAll(t *testing.T) {
	for _, units := range []int{180, 600, 6000, 1_200_000} {
		t.Run(fmt.Sprint(units), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				k := quota.New[budget]()
				cost := max(1, units/300)
				start, spent := time.Now(), 0
				for time.Since(start) < 10*time.Minute {
					spend(t, k, cost, true, budget{"x", units, time.Minute})
					spent += cost
				}
				if got := float64(spent) / 10 / float64(units); got < 0.95 || got > 1 {
					t.Errorf("history got %.1f %% of the limit, want 95 to 100", 100*got)
				}
			})
		})
	}
}

func TestSpendsOfAllOrNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		narrow, wide := budget{"narrow", 60, time.Minute}, budget{"wide", 6000, time.Minute}
		for range 5 {
			go spend(t, k, 20, true, narrow, wide) // each is minutes behind on narrow
		}
		synctest.Wait()
		start := time.Now()
		for range 60 {
			spend(t, k, 20, true, wide)
		}
		if took := time.Since(start); took > 13*time.Second {
			t.Errorf("1200 of 6000 units took %v: those who wait for narrow hold back wide", took)
		}
		time.Sleep(10 * time.Minute)
	})
}

func TestNewsGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		ctx, stop := context.WithCancel(t.Context())
		for i := range 40 {
			go func() {
				for k.Spend(ctx, 20, true, user(fmt.Sprint(i%2)), project(9000)) == nil {
				}
			}()
		}
		time.Sleep(5 * time.Minute)
		var longest time.Duration
		for range 60 {
			start := time.Now()
			spend(t, k, 2, false, user("0"), project(9000))
			spend(t, k, 20, false, user("0"), project(9000))
			longest = max(longest, time.Since(start))
			time.Sleep(7 * time.Second)
		}
		if longest > 50*time.Millisecond {
			t.Errorf("a poll and one get waited %v behind history; a share is theirs", longest)
		}
		// Even if news takes everything, it takes turns with itself only.
		start := time.Now()
		for range 100 {
			spend(t, k, 20, false, user("0"), project(9000))
		}
		if took := time.Since(start); took > 21*time.Second {
			t.Errorf("2000 of 6000 units of news took %v, history must wait for them", took)
		}
		stop()
	})
}

func TestHistoryWaitsForNewsParkedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		time.Sleep(time.Hour)
		p := project(6000)
		order := make(chan string, 3)
		go func() { spend(t, k, 600, false, user("a"), p); order <- "news" }()
		synctest.Wait()
		go func() { spend(t, k, 600, false, user("b"), p); order <- "more news" }()
		synctest.Wait()
		go func() { spend(t, k, 20, true, user("c"), p); order <- "history" }()
		time.Sleep(time.Hour)
		for _, want := range []string{"news", "more news", "history"} {
			if got := <-order; got != want {
				t.Errorf("%s went where %s should", got, want)
			}
		}
	})
}

func TestUsersTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Minute)
		defer stop()
		got := make(map[string]*atomic.Int64)
		for name, eager := range map[string]int{"a": 1, "b": 2, "c": 30} {
			n := new(atomic.Int64)
			got[name] = n
			for range eager {
				go func() {
					for k.Spend(ctx, 20, true, user(name), project(6000)) == nil {
						n.Add(20)
					}
				}()
			}
		}
		<-ctx.Done()
		synctest.Wait()
		for name, n := range got {
			if n.Load() < 17000 || n.Load() > 23000 {
				t.Errorf("user %s got %d of 58,000 units, want about a third", name, n.Load())
			}
		}
	})
}

func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		time.Sleep(time.Minute)
		start := time.Now()
		k.Pause(user("a"), time.Minute)
		k.Pause(user("a"), time.Second)
		spend(t, k, 5, false, user("b"))
		if time.Since(start) != 0 {
			t.Errorf("another user waited %v", time.Since(start))
		}
		go func() {
			time.Sleep(30 * time.Second)
			k.Pause(user("a"), time.Minute)
		}()
		spend(t, k, 5, false, user("a"))
		if got := time.Since(start); got != 90*time.Second {
			t.Errorf("the pause lasted %v, want 90s: it was made longer while somebody waited", got)
		}
	})
}

func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		k.Pause(user("a"), time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := k.Spend(ctx, 6000, false, user("a")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's end", err)
		}
		start := time.Now()
		spend(t, k, 20, true, user("a"))
		if got := time.Since(start); got > time.Hour {
			t.Errorf("who gave up still holds others back: %v", got)
		}
		if err := k.Spend(ctx, 1, false, user("b")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a dead context gives %v", err)
		}
	})
}

func TestNoLimit(t *testing.T) {
	k := quota.New[budget]()
	spend(t, k, 1_000_000, true, budget{"x", 0, time.Minute}, budget{"y", 5, 0})
	spend(t, k, 0, true, user("a"))
	spend(t, k, 5, true)
}

func TestAnIdlePollDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := quota.New[budget]()
		time.Sleep(time.Minute)
		for range 5000 {
			start := time.Now()
			spend(t, k, 2, false, user("a"), project(6000))
			if time.Since(start) > 0 {
				t.Fatalf("waited %v", time.Since(start))
			}
			time.Sleep(time.Minute)
		}
	})
}

func BenchmarkSpend(b *testing.B) {
	k := quota.New[budget]()
	names := make([]budget, 4000)
	for i := range names {
		names[i] = budget{fmt.Sprint("gmail/user/", i), 1_000_000_000, time.Minute}
	}
	all := budget{"gmail/project", 1_000_000_000_000, time.Minute}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := k.Spend(b.Context(), 2, false, names[i%len(names)], all); err != nil {
			b.Fatal(err)
		}
	}
}
