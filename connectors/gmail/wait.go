package gmail

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	gmail "google.golang.org/api/gmail/v1"
	pubsub "google.golang.org/api/pubsub/v1"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// renewAfter is how often Gmail is asked to go on telling; it stops after a week by itself.
const renewAfter = 24 * time.Hour

// Pulling. Google keeps a pull open until there is something or a minute and a half has passed; one that comes back at
// once is not repeated at once.
const (
	pullMost  = 100
	pullEvery = time.Second
)

// told is a source that is told of news through Pub/Sub.
type told struct {
	*source

	subscriptions *pubsub.ProjectsSubscriptionsService
	watched       time.Time // when Gmail was last asked to tell
}

// Wait pulls until Gmail tells of something after the cursor. The engine goes on polling beside it, so that a notification
// that is late or lost costs no more than that.
func (t *told) Wait(ctx context.Context, cur connectors.Cursor) error {
	pos, err := decode(cur)
	if err != nil {
		return err
	}
	if err := t.openPubSub(ctx); err != nil {
		return err
	}
	for {
		news, err := t.watch(ctx, pos)
		if news || err != nil {
			return err
		}
		asked := t.now()
		news, err = t.pull(ctx, pos)
		if news || err != nil {
			return err
		}
		pause := time.NewTimer(pullEvery - min(t.now().Sub(asked), pullEvery))
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

func (t *told) openPubSub(ctx context.Context) error {
	if err := t.open(ctx); err != nil || t.subscriptions != nil {
		return err
	}
	service, err := pubsub.NewService(ctx, t.pubsub.ClientOptions()...)
	if err != nil {
		return t.pubsub.Fault(ctx, "open pubsub", err)
	}
	t.subscriptions = service.Projects.Subscriptions
	return nil
}

// watch asks Gmail to go on telling, once a day. There is news if the mailbox has moved on since the cursor.
func (t *told) watch(ctx context.Context, pos position) (news bool, err error) {
	if t.now().Sub(t.watched) < renewAfter {
		return false, nil
	}
	var answer *gmail.WatchResponse
	err = t.access.Do(ctx, "watch mailbox", costWatch, false, func(ctx context.Context) (err error) {
		answer, err = t.service.Watch(me, &gmail.WatchRequest{TopicName: t.settings.PubSub.Topic}).Context(ctx).Do()
		return err
	})
	if err != nil {
		return false, err
	}
	t.watched = t.now()
	return answer.HistoryId > pos.History, nil
}

// pull waits for messages once. All are acknowledged: the subscription is the source's own, and what is not about this
// mailbox is about one with another subscription to the same topic.
func (t *told) pull(ctx context.Context, pos position) (news bool, err error) {
	name := t.settings.PubSub.Subscription
	var answer *pubsub.PullResponse
	err = t.pubsub.Do(ctx, "wait for news", 0, false, func(ctx context.Context) (err error) {
		answer, err = t.subscriptions.Pull(name, &pubsub.PullRequest{MaxMessages: pullMost}).Context(ctx).Do()
		return err
	})
	if err != nil || len(answer.ReceivedMessages) == 0 {
		return false, err
	}
	var ids []string
	for _, m := range answer.ReceivedMessages {
		if m == nil {
			continue
		}
		ids = append(ids, m.AckId)
		news = news || m.Message != nil && t.concerns(m.Message.Data, pos)
	}
	err = t.pubsub.Do(ctx, "acknowledge news", 0, false, func(ctx context.Context) error {
		_, err := t.subscriptions.Acknowledge(name, &pubsub.AcknowledgeRequest{AckIds: ids}).Context(ctx).Do()
		return err
	})
	if err != nil && !news {
		return false, fmt.Errorf("acknowledge news: %w", err)
	}
	return news, nil
}

// concerns says whether a notification tells of something after the cursor. One that cannot be read may.
func (t *told) concerns(data string, pos position) bool {
	text, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		return true
	}
	var told struct {
		Address string      `json:"emailAddress"`
		History json.Number `json:"historyId"`
	}
	if err := json.Unmarshal(text, &told); err != nil {
		return true
	}
	id, err := told.History.Int64()
	return strings.EqualFold(told.Address, t.settings.Account) && (err != nil || id < 0 || uint64(id) > pos.History)
}
