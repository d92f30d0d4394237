package life

import (
	"maps"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// ReportWords are the lists that reports speak of, as the section has them.
func (r *Rules) ReportWords() crm.ReportWords {
	w := crm.DefaultReportWords()
	w.Results, w.Reasons, w.Won = nil, nil, []string{}
	for _, result := range r.doc.Results {
		w.Results = append(w.Results, reportName(result.Name))
	}
	for _, reason := range r.doc.Reasons {
		w.Reasons = append(w.Reasons, reportName(reason))
	}
	labels := map[string]crm.Label{}
	for _, status := range r.doc.Statuses {
		labels[status.Name.Name] = reportName(status.Name).Label
	}
	for _, name := range slices.Sorted(maps.Keys(r.meant)) {
		if r.meant[name].Won {
			w.Won = append(w.Won, name)
		}
	}
	for i := range w.Funnel {
		if label, ok := labels[w.Funnel[i].Code]; ok {
			w.Funnel[i].Label = label
		}
	}
	return w
}

func reportName(n Name) crm.ReportName {
	return crm.ReportName{Code: n.Name, Label: crm.Label{JA: n.Heading("ja"), EN: n.Heading("en")}}
}
