package web

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// ownerNotes says of a draft which addresses it gives leads and enquiries to that are nobody's who works with the system. That
// is no mistake: they may begin tomorrow.
func (s *Server) ownerNotes(ctx context.Context, sp *speaker, document string) []string {
	doc, _ := mapping.Parse([]byte(document))
	notes := []string{}
	for _, address := range ownersIn(&doc) {
		if !s.worksHere(ctx, address) {
			notes = append(notes, sp.text("mapping.unknown_owner", "value", shown(address)))
		}
	}
	return notes
}

// ownersIn are the addresses that a mapping names as owners, each once: those of the assignment rules, and what a rule about
// the owner of a form's enquiries writes out, itself or in its table.
func ownersIn(doc *mapping.Document) (out []string) {
	add := func(texts ...string) {
		for _, text := range texts {
			if address, ok := crm.NormalizeAddress(text); ok && !slices.Contains(out, address) {
				out = append(out, address)
			}
		}
	}
	for i := range doc.Lifecycle.Assignment {
		add(doc.Lifecycle.Assignment[i].Owners...)
	}
	for _, id := range slices.Sorted(maps.Keys(doc.Forms)) {
		rule := doc.Forms[id].Owner
		if written, err := strconv.Unquote(strings.TrimSpace(rule.Value)); err == nil {
			add(written)
		}
		add(rule.Default)
		for _, table := range []map[string]string{rule.Map, doc.Lookups[rule.Lookup]} {
			for _, key := range slices.Sorted(maps.Keys(table)) {
				add(table[key])
			}
		}
	}
	return out
}

// saidOwners are owners as a rule's sentence names them, with a word about those who do not work with the system.
func (s *Server) saidOwners(ctx context.Context, sp *speaker, owners []string) string {
	said := slices.Clone(owners)
	for i, address := range said {
		if !s.worksHere(ctx, strings.ToLower(address)) {
			said[i] += " (" + sp.text("record.owner_gone") + ")"
		}
	}
	return strings.Join(said, ", ")
}
