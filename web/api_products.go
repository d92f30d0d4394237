package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// productEntry is what a program enters of a product.
type productEntry struct {
	Code    string `json:"code,omitempty" maxLength:"100"`
	Name    string `json:"name" minLength:"1" maxLength:"300"`
	Price   int64  `json:"price,omitempty" minimum:"0" doc:"of one, in the smallest unit of the currency"`
	Unit    string `json:"unit,omitempty" maxLength:"20" doc:"月, 台 …"`
	Retired bool   `json:"retired,omitempty" doc:"it cannot be chosen any more; what names it stays"`

	Base time.Time `json:"base,omitzero" doc:"of a replacement: updated of the record that the change was made of; if it was changed since, nothing is stored and the answer is 409. Absent: the change is made of the record as it is"`
}

func (s *Server) productsAPI(api huma.API) {
	huma.Register(api, operation("list-products", http.MethodGet, "/products", rep, "List the catalogue, by name"),
		func(ctx context.Context, _ *struct{}) (*list[crm.Product], error) {
			products, err := s.store.ListProducts(ctx)
			if err != nil {
				return nil, s.apiError(err)
			}
			return listOf(products, "", "/products", nil), nil
		})
	create := operation("create-product", http.MethodPost, "/products", admin, "Add a product to the catalogue")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *struct{ Body productEntry }) (*one[crm.Product], error) {
		p, err := s.putProduct(ctx, crm.Product{ID: crm.NewID(), Created: time.Now().UTC()}, in.Body, true)
		return answer(s, p, err)
	})
	huma.Register(api, operation("update-product", http.MethodPut, "/products/{id}", admin, "Replace a product; deals keep the name and price they have", http.StatusNotFound, http.StatusConflict),
		func(ctx context.Context, in *struct {
			ByID
			Body productEntry
		}) (*one[crm.Product], error) {
			products, err := s.store.ListProducts(ctx)
			if err != nil {
				return nil, s.apiError(err)
			}
			for _, p := range products {
				if p.ID == in.ID {
					p, err = s.putProduct(ctx, p, in.Body, false)
					return answer(s, p, errOvertaken(err))
				}
			}
			return nil, s.apiError(crm.ErrNotFound)
		})
}

func (s *Server) putProduct(ctx context.Context, was crm.Product, e productEntry, fresh bool) (crm.Product, error) {
	p := was
	p.Code, p.Name, p.Price, p.Unit, p.Retired, p.Updated = e.Code, e.Name, e.Price, e.Unit, e.Retired, time.Now().UTC()
	if fresh {
		return p, s.store.SaveProduct(ctx, actor(ctx), p)
	}
	return s.store.ChangeProduct(ctx, actor(ctx), crm.Amendment[crm.Product]{Was: was, Is: p, Base: e.Base})
}
