package gmail

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Probe signs in and tells what there is to read.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	profile, err := s.profile(ctx)
	if err != nil {
		return connectors.Report{}, err
	}
	if err := s.knowLabels(ctx, false); err != nil {
		return connectors.Report{}, err
	}
	since, err := s.since()
	if err != nil {
		return connectors.Report{}, err
	}
	report := connectors.Report{Items: -1, Lines: []string{
		fmt.Sprintf("Signed in as %s; the mailbox has %d messages.", profile.EmailAddress, profile.MessagesTotal)}}
	if ids, all, err := s.find(ctx, seconds(since), 0, countPages*pageSize, false); err != nil {
		return report, err
	} else if all {
		report.Items = int64(len(ids))
		report.Lines = append(report.Lines, fmt.Sprintf("Since %s: %d messages to read.", s.settings.Since, len(ids)))
	}
	if !strings.EqualFold(profile.EmailAddress, s.settings.Account) {
		report.Lines = append(report.Lines, fmt.Sprintf("The settings name %s, which is another address of this mailbox.", s.settings.Account))
	}
	report.Lines = append(report.Lines, s.labelLines()...)
	report.Lines = append(report.Lines, fmt.Sprintf("Quota: %d units a minute for this mailbox, %d for the project.",
		s.settings.QuotaUserPerMinute, s.settings.QuotaProjectPerMinute))
	return report, nil
}

// labelLines say what the chosen labels are here.
func (s *source) labelLines() []string {
	var out []string
	name := func(ids []string) string {
		var names []string
		for _, id := range ids {
			if n := s.labels.names[id]; n != "" {
				id = n
			}
			names = append(names, id)
		}
		slices.Sort(names)
		return strings.Join(names, ", ")
	}
	if s.labels.choosy {
		out = append(out, "Only mail with one of these labels is read: "+name(s.labels.include)+".")
		if len(s.labels.include) == 0 {
			out[0] = "None of the labels to be read exists here; no mail is read."
		}
	}
	if len(s.labels.exclude) > 0 {
		return append(out, "Mail with one of these labels is never read: "+name(s.labels.exclude)+".")
	}
	return append(out, "No label here keeps mail out.")
}

// censusStep is how many ids Census gives at a time.
const censusStep = 5000

// Census lists the source's messages since the day of the settings.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	if err := s.knowLabels(ctx, true); err != nil {
		return err
	}
	since, err := s.since()
	if err != nil {
		return err
	}
	from := seconds(since)
	if from > 0 {
		from++ // what the margin of a query finds before since is not part of the source
	}
	ids, _, err := s.find(ctx, from, 0, 0, true)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, censusStep) {
		if err := yield(part); err != nil {
			return fmt.Errorf("take ids: %w", err)
		}
	}
	return nil
}

// Get reads messages again by their ids.
func (s *source) Get(ctx context.Context, ids []string) ([]connectors.Item, error) {
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	if err := s.knowLabels(ctx, false); err != nil {
		return nil, err
	}
	var items []connectors.Item
	for len(ids) > 0 {
		read, err := s.readMany(ctx, order{ids: ids, history: true, peek: true, room: s.env.Limits.BatchBytes})
		if err != nil {
			return nil, fmt.Errorf("read messages again: %w", err)
		}
		for i := range read {
			if !read[i].gone {
				items = append(items, read[i].item)
			}
		}
		if len(read) == 0 {
			break
		}
		ids = ids[len(read):]
	}
	return items, nil
}
