package web

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// segmentsPage lists the segments of the mapping.
type segmentsPage struct{ Rows []segmentView }

// segmentView is a segment, or the members of one.
type segmentView struct {
	Name, URL, Members, If string
	Retired                bool
	People                 []segmentMember
	Hidden                 int  // members of this page that may not be seen
	May                    bool // whoever looks may export it
	Export                 string
	Counts                 bool
	Next, Start            string
}

type segmentMember struct{ URL, Name, Company, Address, Owner, Why string }

func (s *Server) listSegmentPage(w http.ResponseWriter, r *request) error {
	rows, err := s.segmentRows(r.Context())
	if err != nil {
		return err
	}
	v := segmentsPage{}
	for _, g := range rows {
		name := g.En
		if r.say.lang == "ja" {
			name = g.Ja
		}
		row := segmentView{Name: name, URL: "/segments/" + g.Name, If: g.If, Retired: g.Retired}
		if r.may.All() { // how many there are of everybody's is not told to who sees only some
			row.Members = group(g.Members)
		}
		v.Rows = append(v.Rows, row)
	}
	return s.render(w, r, "segments", page{Title: r.say.text("segments.title"), Nav: "segments", Data: v})
}

func (s *Server) showSegment(w http.ResponseWriter, r *request) error {
	name, doc := r.PathValue("segment"), s.lifecycle()
	i := slices.IndexFunc(doc.Segments, func(g life.Segment) bool { return g.Name.Name == name })
	if i < 0 {
		return crm.ErrNotFound
	}
	after, err := r.place(listOfSegment + name)
	if err != nil {
		return err
	}
	rows, next, err := s.store.ListSegment(r.Context(), name, after, pageRows)
	if err != nil {
		return err
	}
	v := segmentView{Name: doc.Segments[i].Heading(r.say.lang), If: doc.Segments[i].If, May: admin.allows(r.user.Role), Export: "/segments/" + name + "/export",
		Next: nextPage(r, listOfSegment+name, next), Start: firstPage(r)}
	if r.may.All() {
		n, err := s.store.CountSegment(r.Context(), name)
		if err != nil {
			return err
		}
		v.Counts, v.Members = true, group(n)
	}
	names := s.names()
	for k := range rows {
		p := &rows[k].Person
		if !r.may.Person(p) {
			v.Hidden++
			continue
		}
		m := segmentMember{URL: "/people/" + p.ID, Name: p.Name, Owner: names.user(r.Context(), p.Owner), Company: companyName(r.Context(), names, p)}
		var why crm.NoMailing
		m.Address, why = crm.MailingAddress(p)
		if why != "" {
			m.Why = r.say.text("segments.no." + string(why))
			if len(p.Emails) > 0 {
				m.Address = cmp.Or(m.Address, p.Emails[0])
			}
		}
		v.People = append(v.People, m)
	}
	return s.render(w, r, "segment", page{Title: v.Name, Nav: "segments", Data: v})
}

// exportSegmentPage gives the members who may be sent a mailing, as a file. It is a POST: addresses leave the house.
func (s *Server) exportSegmentPage(w http.ResponseWriter, r *request) error {
	out, err := s.exportSegment(r.Context(), r.user.Email, r.PathValue("segment"), "csv")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", out.ContentType)
	w.Header().Set("Content-Disposition", out.Disposition)
	_, _ = w.Write(out.Body) // the browser may have gone; there is nobody to tell
	return nil
}
