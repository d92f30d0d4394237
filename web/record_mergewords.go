package web

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// mergeField is what a field of a merge is called.
func (s *Server) mergeField(sp *speaker, kind crm.MergeKind, field string) string {
	if name, ok := strings.CutPrefix(field, "custom."); ok {
		targets := []crm.FieldTarget{crm.OnAccount}
		if kind == crm.MergePeople {
			targets = []crm.FieldTarget{crm.OnContact, crm.OnLead}
		}
		for _, target := range targets {
			for _, def := range s.declared(target) {
				if def.Name == name {
					return def.Label.In(sp.lang)
				}
			}
		}
		return name
	}
	group, rest, inner := strings.Cut(field, ".")
	if inner && sp.has("merge_field."+group) {
		return sp.text("merge_field."+group) + " · " + sp.label("merge_part", rest)
	}
	if key := "merge_field." + field; sp.has(key) {
		return sp.text(key)
	}
	return sp.label("field", field)
}

// mergeValue is a value of a merge as people read it: codes have words, ids names, times a form.
func (s *Server) mergeValue(ctx context.Context, sp *speaker, field, value string) string {
	switch {
	case value == "":
		return "—"
	case field == "status":
		return s.statusWord(sp, crm.LeadStatus(value))
	case field == "reason":
		return sp.wordOf(s.lifecycle().Reasons, "nurturing", value)
	case field == "kind":
		return sp.label("person_kind", value)
	case field == "account_id" || field == "parent":
		return s.names().account(ctx, value)
	case field == "successor":
		return s.personName(ctx, value)
	case field == "consent" || field == "consent.state":
		return sp.label("consent", value)
	}
	if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
		return sp.when(at)
	}
	return value
}

// recordMapping is the text of the mapping in force; "" if none was ever saved.
func (s *Server) recordMapping(ctx context.Context) (string, error) {
	newest, err := s.cfg.Mapping.Newest(ctx)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return "", err
	}
	return newest.Document, nil
}

func isHasRule(err error) bool { return errors.Is(err, errHasRule) }
