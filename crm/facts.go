package crm

// The Details of MetricManual.
const (
	ManualAutomatic = "automatic" // a source yielded it
	ManualTyped     = "typed"     // a person typed it
)

// ActivityFacts is what is counted of an activity whose people came by a channel and a campaign. It rests on nothing but
// the activity, so that what was counted of it can be taken off again when it changes. What people typed is told from what
// came by itself: an activity that somebody logged, and the outcome that somebody gave to a meeting.
func ActivityFacts(a Activity, channel, campaign string) []Fact {
	base := Fact{At: a.Time, Owners: a.Owners, Channel: channel, Campaign: campaign, Value: 1}
	out := make([]Fact, 0, 4)
	add := func(m Metric, detail string) {
		f := base
		f.Metric, f.Detail = m, detail
		out = append(out, f)
	}
	add(MetricActivities, activityDetail(a.Kind, a.Direction))
	if a.Kind == KindCall && a.Call != nil {
		add(MetricCalls, a.Call.Result)
	}
	switch {
	case len(a.Observed) > 0:
		add(MetricManual, ManualAutomatic)
	case a.By != "":
		add(MetricManual, ManualTyped)
	}
	if a.Kind == KindForm && a.Product != "" {
		add(MetricProducts, a.Product)
	}
	if a.Outcome != nil && a.Outcome.By != "" {
		add(MetricManual, ManualTyped)
		said := &out[len(out)-1]
		said.At, said.Owners = a.Outcome.At, []string{a.Outcome.By}
	}
	return out
}

// activityDetail is the Detail of MetricActivities.
func activityDetail(k ActivityKind, d Direction) string {
	if k == KindEmail { // nearly all of them: this makes no garbage
		switch d {
		case DirectionIn:
			return string(KindEmail + "/" + ActivityKind(DirectionIn))
		case DirectionOut:
			return string(KindEmail + "/" + ActivityKind(DirectionOut))
		}
	}
	return string(k) + "/" + string(d)
}
