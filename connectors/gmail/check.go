package gmail

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// maxDomains bounds known_domains: each twenty of them make a list of their own.
const maxDomains = 400

var (
	domainPattern       = regexp.MustCompile(`^[\p{L}\p{N}]([\p{L}\p{N}.-]*[\p{L}\p{N}])?$`)
	topicPattern        = regexp.MustCompile(`^projects/[^/]+/topics/[^/]+$`)
	subscriptionPattern = regexp.MustCompile(`^projects/[^/]+/subscriptions/[^/]+$`)
)

// Check finds every mistake at once.
func (s *Settings) Check() []connectors.Problem {
	var out []connectors.Problem
	add := func(path, what, hint string) {
		out = append(out, connectors.Problem{Path: path, What: what, Hint: hint})
	}
	if name, domain, ok := strings.Cut(s.Account, "@"); !ok || name == "" || domain == "" || strings.ContainsAny(s.Account, " <>,/") {
		add("account", "The account is missing or is no address.", "Write the mailbox's address, such as sato@example.co.jp.")
	}
	if _, err := googleapi.Since(s.Since, time.Unix(1<<31, 0)); err != nil {
		add("since", "The start cannot be read: "+err.Error()+".", "Write a number of days such as 90d, a date such as 2026-01-31, or all.")
	}
	if s.Deletions != deletionsKeep && s.Deletions != deletionsTombstone {
		add("deletions", fmt.Sprintf("There is no policy %q.", s.Deletions), "Write keep or tombstone.")
	}
	if len(s.Query) > 1000 || strings.ContainsAny(s.Query, "\r\n") {
		add("query", "The query is too long or has several lines.", "Write what you would type into Gmail's search box, at most 1,000 bytes.")
	}
	for i, domain := range s.KnownDomains {
		if !domainPattern.MatchString(domain) {
			add(fmt.Sprintf("known_domains[%d]", i), fmt.Sprintf("%q is no domain.", domain), "Write a domain such as client.co.jp, without @.")
		}
	}
	if len(s.KnownDomains) > maxDomains {
		add("known_domains", fmt.Sprintf("These are %d domains.", len(s.KnownDomains)), fmt.Sprintf("Name at most %d, or leave the setting out.", maxDomains))
	}
	for path, names := range map[string][]string{"labels.include": s.Labels.Include, "labels.exclude": s.Labels.Exclude} {
		for i, name := range names {
			if strings.TrimSpace(name) == "" {
				add(fmt.Sprintf("%s[%d]", path, i), "The label's name is empty.", "Write the name as Gmail shows it.")
			}
		}
	}
	if s.QuotaUserPerMinute < 100 {
		add("quota_user_per_minute", "So few units do not even allow one message a minute.", "Leave it out for 6000, what Google grants to new projects.")
	}
	if s.QuotaProjectPerMinute < 100 {
		add("quota_project_per_minute", "So few units do not even allow one message a minute.", "Leave it out for 1200000, what Google grants to new projects.")
	}
	return append(out, s.PubSub.check()...)
}

func (p *PubSub) check() []connectors.Problem {
	var out []connectors.Problem
	if p == nil {
		return nil
	}
	if !topicPattern.MatchString(p.Topic) {
		out = append(out, connectors.Problem{Path: "pubsub.topic", What: "This is no topic.", Hint: "Write projects/<project>/topics/<topic>."})
	}
	if !subscriptionPattern.MatchString(p.Subscription) {
		out = append(out, connectors.Problem{Path: "pubsub.subscription", What: "This is no subscription.", Hint: "Write projects/<project>/subscriptions/<subscription>."})
	}
	return out
}

func problem(p connectors.Problem) error { return errors.New(p.Path + ": " + p.What) }
