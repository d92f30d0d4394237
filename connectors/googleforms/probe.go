package googleforms

import (
	"context"
	"fmt"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Probe asks for the questions of each form, and counts its answers.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	report := connectors.Report{}
	readable := 0
	var cause error
	begin, err := s.begin()
	if err != nil {
		return report, err
	}
	for _, one := range s.forms {
		q, err := s.ask(ctx, one.id, 0)
		answers := int64(0)
		if err == nil {
			err = s.ids(ctx, one.id, (&progress{}).filter(begin), func(ids []string) error {
				answers += int64(len(ids))
				return nil
			})
		}
		switch {
		case err == nil:
			readable++
			report.Items += answers
			report.Lines = append(report.Lines, fmt.Sprintf("%s: 「%s」 with %d questions and %d answers.", one.name, short(q.title), len(q.ids), answers))
		case gone(err):
			cause = err
			report.Lines = append(report.Lines, fmt.Sprintf("%s: cannot be read; share it with %s as an editor.", one.name, s.account))
		default:
			return connectors.Report{}, err
		}
	}
	if readable == 0 {
		return connectors.Report{}, s.allGone(cause)
	}
	return report, nil
}
