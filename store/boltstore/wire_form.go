package boltstore

import (
	"maps"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
)

const submissionVersion = 1

// encodeSubmission keeps everything but the place in the queue, which is the key.
func encodeSubmission(s *crm.Submission) []byte {
	var e encoder
	e.uint(submissionVersion)
	e.id(s.ID)
	e.str(s.Form)
	e.str(s.Response)
	e.time(s.At)
	e.str(string(s.State))
	e.str(s.Reason)
	e.int(int64(s.Version))
	e.touch(&s.Touch)
	e.fields(s.Fields)
	return e.b
}

func decodeSubmission(b []byte) (crm.Submission, error) {
	d := decoder{s: string(b)}
	var s crm.Submission
	if d.uint() != submissionVersion {
		return s, corrupt("a submission")
	}
	s.ID, s.Form, s.Response, s.At = d.id(), d.str(), d.str(), d.time()
	s.State, s.Reason, s.Version = crm.SubmissionState(d.str()), d.str(), int(d.int())
	s.Touch, s.Fields = d.touch(), d.fields()
	if d.bad {
		return crm.Submission{}, corrupt("a submission")
	}
	return s, nil
}

func (e *encoder) fields(list []crm.FormField) {
	e.uint(uint64(len(list)))
	for i := range list {
		e.str(list[i].Name)
		e.str(list[i].Label)
		e.strs(list[i].Values)
	}
}

func (d *decoder) fields() []crm.FormField {
	return listOf(d, 3, func(d *decoder) crm.FormField {
		return crm.FormField{Name: d.str(), Label: d.str(), Values: d.strs()}
	})
}

func (e *encoder) touch(t *crm.Touch) {
	for _, s := range []string{t.Campaign, t.Channel, t.Source, t.Medium, t.Term, t.Content, t.Referrer, t.Landing} {
		e.str(s)
	}
}

func (d *decoder) touch() crm.Touch {
	return crm.Touch{Campaign: d.str(), Channel: d.str(), Source: d.str(), Medium: d.str(), Term: d.str(),
		Content: d.str(), Referrer: d.str(), Landing: d.str()}
}

// custom keeps the values of declared fields in the order of their names: the same values are the same bytes.
func (e *encoder) custom(values map[string]string) {
	e.uint(uint64(len(values)))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		e.str(name)
		e.str(values[name])
	}
}

func (d *decoder) custom() map[string]string {
	n := d.count(2)
	if n == 0 {
		return nil
	}
	out := make(map[string]string, n)
	for range n {
		name := d.str()
		out[name] = d.str()
	}
	return out
}

func (e *encoder) filled(list []crm.Provenance) {
	e.uint(uint64(len(list)))
	for _, p := range list {
		e.str(p.Field)
		e.id(p.Activity)
		e.time(p.At)
	}
}

func (d *decoder) filled() []crm.Provenance {
	return listOf(d, 3, func(d *decoder) crm.Provenance {
		return crm.Provenance{Field: d.str(), Activity: d.id(), At: d.time()}
	})
}

// hasForm says whether an activity has anything of what came with submissions: one that has not is stored as it was
// before there were any, so that it counts as unchanged.
func hasForm(a *crm.Activity) bool {
	return a.Form != "" || a.Product != "" || a.Touch != (crm.Touch{}) || len(a.Fields)+len(a.Custom)+len(a.Revisions) > 0
}

// form keeps what only submissions and declared fields give an activity.
func (e *encoder) form(a *crm.Activity) {
	e.str(a.Form)
	e.str(a.Product)
	e.touch(&a.Touch)
	e.fields(a.Fields)
	e.custom(a.Custom)
	e.uint(uint64(len(a.Revisions)))
	for i := range a.Revisions {
		r := &a.Revisions[i]
		e.time(r.At)
		e.str(r.Subject)
		e.str(r.Text)
		e.fields(r.Fields)
	}
}

func (d *decoder) form(a *crm.Activity) {
	if d.ended() {
		return
	}
	a.Form, a.Product, a.Touch, a.Fields, a.Custom = d.str(), d.str(), d.touch(), d.fields(), d.custom()
	a.Revisions = listOf(d, 4, func(d *decoder) crm.Revision {
		return crm.Revision{At: d.time(), Subject: d.str(), Text: d.str(), Fields: d.fields()}
	})
}
