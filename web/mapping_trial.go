package web

import (
	"context"
	"errors"
	"html/template"
	"slices"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// trialView is what a mapping makes of an item, in people's words.
type trialView struct {
	Verdict, VerdictWord string
	Reason               template.HTML
	Why                  template.HTML // the rule and the evidence that found somebody
	People               []triedParty
	Accounts             []triedParty
	Activity, Person     []triedRow
	New                  bool
	Failures             []string
}

type triedParty struct{ ID, Name, Role string }

// triedRow is a field; Changed says that the draft gives it another value than today's.
type triedRow struct {
	Label, Was, Now string
	Changed         bool
}

func (s *Server) trialOf(r *request, t *mapping.Trial) (*trialView, error) {
	v := &trialView{Verdict: string(t.Verdict), VerdictWord: r.say.label("verdict", string(t.Verdict)), Reason: r.say.reason(t.Reason), New: t.New, Failures: t.Failures}
	if t.Match.Rule != "" {
		v.Why = r.say.html("mapping.found_by", "rule", r.say.label("rule", string(t.Match.Rule)), "evidence", t.Match.Evidence)
	}
	for i := range t.People {
		p := &t.People[i]
		if p.Internal {
			continue
		}
		party := triedParty{Name: p.Name, Role: r.say.label("role_on", string(p.Role))}
		if party.Name == "" {
			party.Name = p.Address
		}
		if p.ID != "" {
			known, err := s.store.GetPerson(r.Context(), p.ID)
			if err != nil && !errors.Is(err, crm.ErrNotFound) {
				return nil, err
			}
			if err == nil && r.may.Person(&known) {
				party.ID, party.Name = p.ID, known.Name
			}
		}
		v.People = append(v.People, party)
	}
	for _, id := range t.Accounts {
		if name, ok := s.accountName(r.Context(), r.may, id); ok {
			v.Accounts = append(v.Accounts, triedParty{ID: id, Name: name})
		}
	}
	v.Activity, v.Person = s.triedRows(r, t.Activity, crm.OnActivity), s.triedRows(r, t.Person, crm.OnLead)
	return v, nil
}

func (s *Server) accountName(ctx context.Context, may crm.Clearance, id string) (string, bool) {
	a, err := s.store.GetAccount(ctx, id)
	if err != nil || !may.Account(&a) {
		return "", false
	}
	return a.Name, true
}

func (s *Server) triedRows(r *request, fields []mapping.Tried, target crm.FieldTarget) []triedRow {
	var rows []triedRow
	for _, f := range fields {
		if f.Field == "kind" || f.Field == "form" {
			continue
		}
		row := triedRow{Label: s.fieldWord(r, f.Field, target), Was: cutRunes(f.Was, 200), Now: cutRunes(f.Now, 200), Changed: f.Was != f.Now && target == crm.OnActivity && f.Was != ""}
		if f.Field == "direction" {
			row.Now, row.Was = r.say.label("direction", f.Now), r.say.label("direction", f.Was)
		}
		if f.Field == "status" && target == crm.OnActivity {
			row.Now, row.Was = r.say.label("status", f.Now), r.say.label("status", f.Was)
		}
		if f.Field == "subject" { // what one knows it by
			rows = slices.Insert(rows, 0, row)
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// fieldWord is what people call a field that rules can set.
func (s *Server) fieldWord(r *request, field string, target crm.FieldTarget) string {
	if s.cfg.Custom != nil {
		for _, of := range []crm.FieldTarget{target, crm.OnContact} {
			for _, def := range s.cfg.Custom()[of] {
				if "custom."+def.Name == field {
					if word := def.Label.In(r.say.lang); word != "" {
						return word
					}
				}
			}
		}
	}
	return r.say.label("mapping_field", field)
}
