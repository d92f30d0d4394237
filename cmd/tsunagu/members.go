package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
)

const (
	memberScope  = googleScopes + "admin.directory.group.member.readonly"
	memberRecord = "members/" + providerGoogle // sealed: who was in the group when it was last read
	memberEvery  = time.Hour
	maxMembers   = 50_000
	maxPages     = 1000           // of a group's list
	emptyFor     = 24 * time.Hour // how long a group that has become empty is not believed
)

// members is what the directory said of a group.
type members struct {
	Group   string    `json:"group"`
	Members []string  `json:"members"` // lower-case, ordered
	At      time.Time `json:"at"`
	Empty   time.Time `json:"empty,omitzero"` // since when the directory says that nobody is in it, if those known still count
}

// delegatedOf are the accounts for which the service account acts: those of the configuration and, as last read, the
// members of the group.
func (in *instance) delegatedOf(ctx context.Context, cfg *config.Config) ([]string, error) {
	if cfg.Google == nil || cfg.Google.Delegation == nil {
		return nil, nil
	}
	d := cfg.Google.Delegation
	out := slices.Clone(d.Users)
	if d.Group != "" && in.store != nil {
		m, err := in.knownMembers(ctx)
		if err != nil {
			return nil, err
		}
		if m.Group == d.Group {
			out = append(out, m.Members...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (in *instance) knownMembers(ctx context.Context) (members, error) {
	var m members
	raw, err := in.unsealed(ctx, memberRecord)
	if err != nil || raw == nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("read members of the group: %w", err)
	}
	return m, nil
}

// membersIfAny is knownMembers; nobody is known without a store.
func (in *instance) membersIfAny(ctx context.Context) (members, error) {
	if in.store == nil {
		return members{}, nil
	}
	return in.knownMembers(ctx)
}

// readGroup asks the directory who is in the group. It says whether that has changed. A group that has become empty is
// believed after a day: all its members' sources would end, and somebody who moves people from one group to another, or
// a directory that stumbles, is the likelier cause. Until then that is an error, and those known go on.
func (in *instance) readGroup(ctx context.Context) (changed bool, err error) {
	g := in.google()
	if g.cfg == nil || g.cfg.Delegation == nil || g.cfg.Delegation.Group == "" {
		return false, nil
	}
	known, err := in.knownMembers(ctx)
	if err != nil {
		return false, err
	}
	group := g.cfg.Delegation.Group
	list, err := in.listMembers(ctx, g, group)
	if err != nil {
		return false, err
	}
	now := time.Now().UTC()
	if known.Group == group && slices.Equal(known.Members, list) {
		if known.Empty.IsZero() {
			return false, nil
		}
		known.Empty = time.Time{}
		return false, in.keepMembers(ctx, known)
	}
	if known.Group == group && len(list) == 0 {
		if known.Empty.IsZero() {
			known.Empty = now
			if err := in.keepMembers(ctx, known); err != nil {
				return false, err
			}
		}
		if until := known.Empty.Add(emptyFor); now.Before(until) {
			return false, in.suddenlyEmpty(group, len(known.Members), until)
		}
	}
	return true, in.keepMembers(ctx, members{Group: group, Members: list, At: now})
}

func (in *instance) keepMembers(ctx context.Context, m members) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("keep members of the group: %w", err)
	}
	return in.saveSealed(ctx, memberRecord, raw)
}

// suddenlyEmpty says that a group has nobody in it any more.
func (in *instance) suddenlyEmpty(group string, known int, until time.Time) error {
	return failed("see who is in it in the Google admin console; until "+until.In(in.cfg.Load().Location).Format("2006-01-02 15:04")+" those known go on",
		"the group %s has no members now, but had %d before", group, known)
}

// listMembers reads every page of the group's members, those of groups in it included
// (https://developers.google.com/workspace/admin/directory/reference/rest/v1/members/list).
func (in *instance) listMembers(ctx context.Context, g *googleParts, group string) ([]string, error) {
	client := &http.Client{Timeout: requestLimit, Transport: &oauth.Transport{Keeper: in.book.delegated(g.cfg.Delegation.Admin, []string{memberScope}), Base: g.transport,
		Origins: g.origins, QuotaProject: g.cfg.QuotaProject, Explain: func(err error) error { return in.accountFault(g.cfg.Delegation.Admin, err) }}}
	var out []string
	query := url.Values{"maxResults": {"200"}, "includeDerivedMembership": {"true"}}
	for pages := 1; ; pages++ {
		var page struct {
			Kind    string
			Members []struct{ Email, Type, Status string } `json:"members"`
			Next    string                                 `json:"nextPageToken"`
		}
		if err := getJSON(ctx, client, g.endpoint("directory")+"admin/directory/v1/groups/"+url.PathEscape(group)+"/members?"+query.Encode(), &page); err != nil {
			return nil, fmt.Errorf("read members of %s: %w", group, err)
		}
		if page.Kind != "admin#directory#members" {
			return nil, fmt.Errorf("read members of %s: the answer is no list of members, though it says that all is well", group)
		}
		for _, m := range page.Members {
			if m.Type == "USER" && m.Email != "" && (m.Status == "" || m.Status == "ACTIVE") {
				out = append(out, strings.ToLower(m.Email))
			}
		}
		if page.Next == "" {
			slices.Sort(out)
			return slices.Compact(out), nil
		}
		if len(out) > maxMembers || pages == maxPages || page.Next == query.Get("pageToken") {
			return nil, fmt.Errorf("read members of %s: the list does not end", group)
		}
		query.Set("pageToken", page.Next)
	}
}

// refusedCall is an answer of a Google service that is no success.
type refusedCall struct {
	Status  int
	Reason  string // SERVICE_DISABLED, accessNotConfigured, ...; "" if it gave none
	Message string
}

func (r *refusedCall) Error() string {
	return strings.TrimSpace(fmt.Sprintf("answer %d: %s %s", r.Status, r.Reason, r.Message))
}

// getJSON gets a small answer of a Google service.
func getJSON(ctx context.Context, client *http.Client, address string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("get: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		var fault *connectors.Fault
		if errors.As(err, &fault) {
			return fault
		}
		return fmt.Errorf("get from %s: %w", req.URL.Host, cause(errors.Unwrap(err)))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("read answer of %s: %w", req.URL.Host, err)
	}
	if resp.StatusCode != http.StatusOK {
		return refusal(resp.StatusCode, body)
	}
	var head struct{ Error json.RawMessage }
	if err := json.Unmarshal(body, &head); err != nil {
		return fmt.Errorf("read answer of %s: %w", req.URL.Host, err)
	}
	if head.Error != nil {
		return fmt.Errorf("read answer of %s: it holds an error, though it says that all is well", req.URL.Host)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("read answer of %s: %w", req.URL.Host, err)
	}
	return nil
}

func refusal(status int, body []byte) *refusedCall {
	var said struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
			Details []struct{ Reason string }
		}
	}
	_ = json.Unmarshal(body, &said) // what is no JSON has no reason
	r := &refusedCall{Status: status, Message: oneLine(said.Error.Message)}
	for _, d := range said.Error.Errors {
		r.Reason = first(r.Reason, d.Reason)
	}
	for _, d := range said.Error.Details {
		r.Reason = first(d.Reason, r.Reason)
	}
	return r
}

// followGroup reads the group every hour, and after each reload, until ctx ends.
func (in *instance) followGroup(ctx context.Context) {
	tick := time.NewTicker(memberEvery)
	defer tick.Stop()
	stale := false // what was read is not in force yet
	for {
		changed, err := in.readGroup(ctx)
		if stale = stale || changed; stale && err == nil {
			err = in.rejoin(ctx)
			stale = err != nil
		}
		if err != nil && ctx.Err() == nil {
			in.log.Warn("the group of accounts was not taken on, those known go on", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-in.regroup:
		}
	}
}
