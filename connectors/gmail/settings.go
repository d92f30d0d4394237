package gmail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"time"

	gmail "google.golang.org/api/gmail/v1"
	pubsub "google.golang.org/api/pubsub/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// What becomes of an activity whose mail was deleted, as written in the settings.
const (
	deletionsKeep      = "keep"
	deletionsTombstone = "tombstone"
)

// Settings are the settings of a Gmail source.
type Settings struct {
	Account               string   `yaml:"account" json:"account"`                     // the mailbox's address
	Since                 string   `yaml:"since" json:"since"`                         // 90d, 2026-01-31 or all
	Query                 string   `yaml:"query" json:"query"`                         // narrows what is read of history, in the words of Gmail's search box
	KnownDomains          []string `yaml:"known_domains" json:"known_domains"`         // narrows history to mail from or to these domains
	Labels                Labels   `yaml:"labels" json:"labels"`                       //
	Deletions             string   `yaml:"deletions" json:"deletions"`                 // keep or tombstone
	PubSub                *PubSub  `yaml:"pubsub" json:"pubsub"`                       // to be told of news; nil: only polls
	QuotaUserPerMinute    int      `yaml:"quota_user_per_minute" json:"quota_user"`    // units that Google grants for a user
	QuotaProjectPerMinute int      `yaml:"quota_project_per_minute" json:"quota_proj"` // units that Google grants for the project
}

// Labels choose by label; names in any case, of system labels their ids (INBOX, SENT). A label stands for those
// nested below it too.
type Labels struct {
	Include []string `yaml:"include" json:"include"` // only mail that has one of these; empty: all mail
	Exclude []string `yaml:"exclude" json:"exclude"` // never mail that has one of these
}

// PubSub is how Gmail tells of news (https://developers.google.com/workspace/gmail/api/guides/push). Gmail publishes to the
// topic; the source pulls from the subscription, which must be its own.
type PubSub struct {
	Topic        string `yaml:"topic" json:"topic"`               // projects/<project>/topics/<topic>
	Subscription string `yaml:"subscription" json:"subscription"` // projects/<project>/subscriptions/<subscription>
}

// Kind describes the Gmail source.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{
		Name:     "gmail",
		Schedule: "@every 1m",
		NewSettings: func() connectors.Settings {
			return &Settings{Since: "90d", Deletions: deletionsKeep, QuotaUserPerMinute: 6000, QuotaProjectPerMinute: 1_200_000,
				Labels: Labels{Exclude: []string{"private", "プライベート"}}}
		},
	}
}

// Fingerprint changes with every setting; none is a secret.
func (s *Settings) Fingerprint() string {
	open, err := json.Marshal(s)
	if err != nil {
		return "" // cannot happen: the type has strings and numbers only
	}
	sum := sha256.Sum256(open)
	return hex.EncodeToString(sum[:8])
}

// Open makes the source; the first Fetch calls Google.
func (s *Settings) Open(_ context.Context, env connectors.Env) (connectors.Source, error) {
	if problems := s.Check(); len(problems) > 0 {
		return nil, &connectors.Fault{Kind: connectors.Permanent, Op: "open gmail source", Hint: problems[0].Hint, Err: problem(problems[0])}
	}
	env.Limits = env.Limits.OrDefault()
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	access, err := googleapi.Open(env, s.access("gmail", gmail.GmailReadonlyScope))
	if err != nil {
		return nil, err
	}
	src := &source{settings: *s, env: env, now: time.Now, access: access}
	if s.PubSub == nil {
		return src, nil
	}
	src.pubsub, err = googleapi.Open(env, googleapi.Options{Account: s.Account, Service: "pubsub", Scopes: []string{pubsub.PubsubScope}})
	if err != nil {
		return nil, err
	}
	return &told{source: src}, nil
}

func (s *Settings) access(service string, scopes ...string) googleapi.Options {
	return googleapi.Options{Account: s.Account, Service: service, Scopes: scopes, AnswerBytes: answerLimit, Limits: []connectors.Budget{
		{Name: "gmail/user/" + s.Account, Units: s.QuotaUserPerMinute, Per: time.Minute},
		{Name: "gmail/project", Units: s.QuotaProjectPerMinute, Per: time.Minute},
	}}
}
