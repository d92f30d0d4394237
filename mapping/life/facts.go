package life

import "github.com/tsunagu-crm/tsunagu/crm"

// count adds a fact, by where the person came from first.
func (s *subject) count(f crm.Fact) {
	f.Channel, f.Campaign = s.st.First.Channel, s.st.First.Campaign
	s.out.Facts = append(s.out.Facts, f)
}

// countChange counts a change of status that was not taken back.
func (s *subject) countChange(c *crm.Change) {
	owners := s.ownerAt(c.At)
	s.count(crm.Fact{Metric: crm.MetricStatus, At: c.At, Owners: owners, Detail: c.To, Value: 1})
	if c.Reason != "" {
		s.count(crm.Fact{Metric: crm.MetricReasons, At: c.At, Owners: owners, Detail: c.Reason, Value: 1})
	}
	how := crm.ManualAutomatic
	if c.By != crm.ByRules {
		how = crm.ManualTyped
		if _, isAddress := crm.NormalizeAddress(c.By); isAddress {
			owners = []string{c.By}
		}
	}
	s.count(crm.Fact{Metric: crm.MetricManual, At: c.At, Owners: owners, Detail: how, Value: 1})
}

// countLead counts the lead on the day it was made, and by that day what it ever reached.
func (s *subject) countLead() {
	if !s.wasLead() {
		return
	}
	made := s.person.Created
	owners := s.ownerAt(made)
	s.count(crm.Fact{Metric: crm.MetricLeads, At: made, Owners: owners, Detail: s.person.Request, Value: 1})
	for _, reached := range s.st.Reached {
		s.count(crm.Fact{Metric: crm.MetricReached, At: made, Owners: owners, Detail: reached, Value: 1})
	}
}
