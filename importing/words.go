package importing

import "github.com/tsunagu-crm/tsunagu/mapping/life"

// WordsOf are the lists of a lifecycle section.
func WordsOf(doc *life.Document) (w Words) {
	word := func(n life.Name) Word {
		out := Word{Code: n.Name, Retired: n.Retired}
		for _, label := range []string{n.Label.Ja, n.Label.En} {
			if label != "" {
				out.Names = append(out.Names, label)
			}
		}
		return out
	}
	for _, s := range doc.Statuses {
		one := word(s.Name)
		one.Reasoned = s.Reason
		w.Statuses = append(w.Statuses, one)
	}
	for _, n := range doc.Reasons {
		w.Reasons = append(w.Reasons, word(n))
	}
	for _, r := range doc.Requests {
		w.Requests = append(w.Requests, word(r.Name))
	}
	return w
}
