package googlecalendar

import (
	"context"
	"fmt"
	"net/url"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Probe lists the calendars, and asks each that is read for one event's id.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	all, err := s.allCalendars(ctx)
	if err != nil {
		return connectors.Report{}, err
	}
	report := connectors.Report{Items: -1, Lines: []string{fmt.Sprintf("%s has %d calendars.", s.settings.Account, len(all))}}
	read := 0
	for _, c := range all {
		if c.left != "" {
			report.Lines = append(report.Lines, fmt.Sprintf("%s: not read (%s).", c.name, c.left))
			continue
		}
		switch err := s.try(ctx, c.id); {
		case err == nil:
			read++
			report.Lines = append(report.Lines, fmt.Sprintf("%s: is read (%s).", c.name, roleName(c.role)))
		case gone(err):
			report.Lines = append(report.Lines, fmt.Sprintf("%s: is listed but cannot be read.", c.name))
		default:
			return connectors.Report{}, err
		}
	}
	if read == 0 {
		report.Lines = append(report.Lines, "There is no calendar to read: look at the setting calendars.")
	}
	return report, nil
}

// try asks for one event's id: an error if the calendar is not there or cannot be read.
func (s *source) try(ctx context.Context, id string) error {
	_, err := s.events(ctx, "try calendar", false, id, url.Values{"fields": {idFields}, "maxResults": {"1"}})
	return err
}

// roleName says in words what the account may do.
func roleName(role string) string {
	switch role {
	case "owner":
		return "own"
	case "writer":
		return "may be changed, but never is"
	case "freeBusyReader":
		return "times only"
	}
	return "shared for reading"
}
