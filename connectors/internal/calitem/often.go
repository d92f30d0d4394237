package calitem

import "time"

// The most that the series of one UID may be: so many occurrences in so many days, and so many rules.
const (
	maxOften  = 2000
	oftenDays = 182
	maxRules  = 10
)

// oftenByRule refuses rules that fire so often together that they are no series of meetings. What counts are the days
// after from, or after its start, in which a series runs: a longer or a shorter window changes nothing.
func (r *reader) oftenByRule(s *series, rules []rule, from time.Time) error {
	times := 0
	for _, rule := range rules {
		times += len(rule.times)
	}
	if times*oftenDays <= maxOften {
		return nil // it cannot be
	}
	if from.Before(s.start.wall) {
		from = s.start.wall
	}
	fired := 0
	for _, rule := range rules {
		err := r.expand(&rule, s.start.wall, from, from.AddDate(0, 0, oftenDays), func(wall time.Time) bool {
			if !wall.Before(from) {
				fired++
			}
			return fired <= maxOften
		})
		if err != nil {
			return err
		}
		if fired > maxOften {
			return ErrSubDaily
		}
	}
	return nil
}

// expand expands a rule within what is left of the budget, and of the one that a single rule has.
func (r *reader) expand(rule *rule, start, from, to time.Time, yield func(time.Time) bool) error {
	before := r.budget
	b := min(before, expansionBudget)
	err := rule.expand(start, from, to, &b, yield)
	r.budget = before - (min(before, expansionBudget) - b)
	return err
}
