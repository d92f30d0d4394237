package web

import (
	"cmp"
	"context"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// linesOf are the products of a deal, with names and prices of the catalogue where the entry gives none.
func (s *Server) linesOf(ctx context.Context, c *checks, entries []lineEntry) ([]crm.Line, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	products, err := s.store.ListProducts(ctx)
	if err != nil {
		return nil, err
	}
	known := make(map[string]crm.Product, len(products))
	for _, p := range products {
		known[p.ID] = p
	}
	out := make([]crm.Line, len(entries))
	for i, e := range entries {
		p, ok := known[e.Product]
		if e.Product != "" && !ok {
			c.wrong("lines."+strconv.Itoa(i)+".product", "entry.no_product", shown(e.Product))
		}
		out[i] = crm.Line{Product: e.Product, Name: cmp.Or(e.Name, p.Name), Quantity: e.Quantity, Price: p.Price}
		if e.Price != nil {
			out[i].Price = *e.Price
		}
	}
	return out, nil
}

func documentsOf(entries []documentEntry) []crm.Document {
	var out []crm.Document
	for _, e := range entries {
		out = append(out, crm.Document{Kind: e.Kind, Name: e.Name, URL: e.URL})
	}
	return out
}

// checkParties says whether the account and the contacts of a deal are there.
func (s *Server) checkParties(ctx context.Context, c *checks, account string, contacts []string) {
	if account != "" {
		if _, err := s.store.GetAccount(ctx, account); err != nil {
			c.wrong("account", "form.no_account", shown(account))
		}
	}
	for i, id := range contacts {
		if _, err := s.store.GetPerson(ctx, id); err != nil {
			c.wrong("contacts."+strconv.Itoa(i), "entry.no_person", shown(id))
		}
	}
}
