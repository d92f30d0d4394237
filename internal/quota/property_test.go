package quota_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/quota"
)

// receiver is a provider that counts what arrives.
type receiver struct {
	mu  sync.Mutex
	got map[string][]arrival
}

type arrival struct {
	at   time.Time
	cost int
}

func (r *receiver) arrive(cost int, limits []budget) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range limits {
		r.got[l.Name] = append(r.got[l.Name], arrival{time.Now(), cost})
	}
}

// peak is the most that arrived in any stretch.
func peak(arrivals []arrival, per time.Duration) int {
	arrivals = slices.Clone(arrivals)
	slices.SortFunc(arrivals, func(a, b arrival) int { return a.at.Compare(b.at) })
	most, sum, from := 0, 0, 0
	for _, a := range arrivals {
		sum += a.cost
		for a.at.Sub(arrivals[from].at) > per {
			sum -= arrivals[from].cost
			from++
		}
		most = max(most, sum)
	}
	return most
}

// Whatever is asked for in whatever order, and however long requests take on the way, the receiver never counts
// more than a limit allows, also when the process dies and another one takes over.
func TestNeverMoreThanAllowed(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { randomLoad(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

func randomLoad(t *testing.T, r *rand.Rand) {
	all := budget{"project", 1 + r.IntN(20000), time.Minute}
	users := make([]budget, 1+r.IntN(6))
	for i := range users {
		users[i] = budget{fmt.Sprint("user/", i), 10 + r.IntN(8000), []time.Duration{time.Second, time.Minute, 100 * time.Second}[r.IntN(3)]}
	}
	provider := &receiver{got: make(map[string][]arrival)}
	for range 3 { // three processes, one after the other
		k := quota.New[budget]()
		ctx, stop := context.WithTimeout(t.Context(), time.Duration(r.IntN(int(3*time.Minute))))
		var asking sync.WaitGroup
		for range 1 + r.IntN(30) {
			asking.Go(caller(ctx, k, provider, rand.New(rand.NewPCG(r.Uint64(), 2)), users[r.IntN(len(users))], all))
		}
		asking.Wait()
		stop()
	}
	users = append(slices.Clone(users), all)
	for _, l := range users {
		if got := peak(provider.got[l.Name], l.Per); got > l.Units {
			t.Errorf("%s: %d units arrived in %v, only %d may", l.Name, got, l.Per, l.Units)
		}
	}
}

// weather is how long a request takes: for a while all are slow, then all are fast, so that they pile up.
func weather(r *rand.Rand, most time.Duration) time.Duration {
	switch time.Now().Unix() / 70 % 3 {
	case 0:
		return most
	case 1:
		return 0
	default:
		return time.Duration(r.Int64N(int64(most)))
	}
}

// caller asks now and then, or all the time; its requests take up to a sixtieth of the stretch.
func caller(ctx context.Context, k *quota.Keeper[budget], provider *receiver, r *rand.Rand, mine, all budget) func() {
	costs := []int{1, 2, 5, 20, 100}
	eager, history := r.IntN(2) == 0, r.IntN(3) > 0
	limits := []budget{mine, all}
	if r.IntN(4) == 0 {
		limits = limits[r.IntN(2):][:1]
	}
	transit := limits[0].Per
	for _, l := range limits {
		transit = min(transit, l.Per)
	}
	return func() {
		for ctx.Err() == nil {
			cost := costs[r.IntN(len(costs))]
			if cost > limits[0].Units/2 {
				cost = 1
			}
			once, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(int(2*time.Minute))))
			if k.Spend(once, cost, history, limits...) == nil {
				time.Sleep(weather(r, transit/60))
				provider.arrive(cost, limits)
			}
			cancel()
			if r.IntN(50) == 0 {
				k.Pause(limits[0], time.Duration(r.IntN(int(10*time.Second))))
			}
			if !eager {
				time.Sleep(time.Duration(r.IntN(int(20 * time.Second))))
			}
		}
	}
}
