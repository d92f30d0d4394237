package googleapi

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"google.golang.org/api/option"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/quota"
)

// Provider is Google's name among the accounts.
const Provider = "google"

// Bounds of a call.
const (
	callLimit   = 2 * time.Minute  // of one try
	answerLimit = 64 << 20         // bytes of one answer, if Options does not say
	patience    = 30 * time.Second // a longer pause is the engine's business
	tries       = 4                // of a call that is throttled
)

// Options say whose what is read, and which quotas that uses.
type Options struct {
	Account     string              // the address of the account that is acted for
	Service     string              // "gmail", "calendar", "forms", "pubsub", as Accounts.Endpoint knows it
	Scopes      []string            // that the calls need
	Limits      []connectors.Budget // narrowest first: the user's, then the project's
	AnswerBytes int64               // bound of one answer; 0 for 64 MiB
}

// Access makes calls for one account. It may be used by several goroutines.
type Access struct {
	options   Options
	client    *http.Client
	endpoint  string
	budgets   connectors.Budgets
	base      http.RoundTripper
	throttled *throttle
}

// Open prepares access; nothing is called yet. Its errors are Faults.
func Open(env connectors.Env, o Options) (*Access, error) {
	op := "open " + o.Service
	if env.Accounts == nil {
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: op, Err: errors.New("there are no signed-in accounts"),
			Hint: "Add the google section to the configuration."}
	}
	client, err := env.Accounts.Client(Provider, o.Account, o.Scopes...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	if o.AnswerBytes <= 0 {
		o.AnswerBytes = answerLimit
	}
	a := &Access{options: o, client: client, endpoint: env.Accounts.Endpoint(Provider, o.Service), budgets: env.Budgets,
		base: client.Transport, throttled: new(throttle)}
	if a.budgets == nil {
		a.budgets = quota.New[connectors.Budget]()
	}
	return a.Bounded(o.AnswerBytes), nil
}

// Bounded is the same access with another bound for answers, bytes.
func (a *Access) Bounded(most int64) *Access {
	client, other := *a.client, *a
	client.Transport = newBounding(a.base, most)
	other.client = &client
	return &other
}

// ClientOptions are for the New function of a generated service.
func (a *Access) ClientOptions() []option.ClientOption {
	options := []option.ClientOption{option.WithHTTPClient(a.client)}
	if a.endpoint != "" {
		options = append(options, option.WithEndpoint(a.endpoint))
	}
	return options
}

// Endpoint is where the service answers, with a slash at its end; otherwise is the vendor's own place.
func (a *Access) Endpoint(otherwise string) string {
	if a.endpoint == "" {
		return otherwise
	}
	return strings.TrimSuffix(a.endpoint, "/") + "/"
}

// Do makes one call that costs so many units. call is made with a context that has a time limit, and made again if
// Google throttles it. What Do returns is nil, ctx's error with op before it, or a Fault with op.
func (a *Access) Do(ctx context.Context, op string, cost int, history bool, call func(ctx context.Context) error) error {
	for try := 1; ; try++ {
		if err := a.budgets.Spend(ctx, cost, history, a.options.Limits...); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		err := a.once(ctx, call)
		if err == nil {
			a.throttled.passed()
			return nil
		}
		fault := a.Fault(ctx, op, err)
		var f *connectors.Fault
		if !errors.As(fault, &f) || !throttles(fault) {
			return fault
		}
		a.pause(f, refusalOf(fault))
		if try == tries || f.After > patience {
			return fault
		}
	}
}

func (a *Access) once(ctx context.Context, call func(ctx context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return call(limited)
}

// pause stops everybody who spends of the quota that is used up. A fault that does not say how long gets a time.
func (a *Access) pause(f *connectors.Fault, r *Refusal) {
	pause := a.throttled.pause(f.After)
	if f.After <= 0 {
		f.After = pause
	}
	if len(a.options.Limits) == 0 {
		return
	}
	limit := a.options.Limits[0]
	if r.Project {
		limit = a.options.Limits[len(a.options.Limits)-1]
	}
	jitter := time.Duration(rand.Int64N(int64(pause)/8 + 1))
	a.budgets.Pause(limit, pause+jitter)
}
