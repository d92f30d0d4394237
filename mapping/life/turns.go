package life

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// turns counts how long it took to answer: from the first thing that they wrote and nobody had answered to our next mail, call
// that reached them, or meeting. Who answered is credited. Where activities are out of sight, counting begins with the first
// answer in sight, since what that answered may be older.
func (s *subject) turns() {
	var waiting *deed
	blind := s.f.More
	for i := range s.deeds {
		d := &s.deeds[i]
		switch {
		case d.out:
			if blind {
				blind, waiting = false, nil
				s.out.FactsFrom = d.at.Add(1)
				continue
			}
			if waiting != nil {
				s.countResponse(waiting, d)
			}
			waiting = nil
		case d.writes && waiting == nil:
			waiting = d
		}
	}
	if blind {
		s.out.FactsFrom = s.now // nothing is answered in sight: what was counted stays
	}
}

func (s *subject) countResponse(asked, answered *deed) {
	waited := answered.at.Sub(asked.at)
	owners := answered.a.Owners
	if len(owners) == 0 {
		owners = s.ownerAt(answered.at)
	}
	s.count(crm.Fact{Metric: crm.MetricResponse, At: asked.at, Owners: owners, Detail: crm.ResponseBand(waited), Value: int64(waited / time.Second)})
}
