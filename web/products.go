package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// productsPage is the catalogue.
type productsPage struct {
	Rows    []productView
	May     bool
	All     bool // retired ones too
	Retired int
	Problem string
	New     productView // what was entered and not taken
	Next    string
	Start   string
}

// productView is a product as its line and its form show it.
type productView struct {
	ID, Code, Name, Price, Amount, Unit string
	Retired                             bool
	Base                                string       // version that its form is filled from
	Entered                             *productView // what was entered of it and not taken; nil if nothing was
}

func (sp *speaker) productView(p *crm.Product) productView {
	return productView{p.ID, p.Code, p.Name, strconv.FormatInt(p.Price, 10), sp.money(p.Price), p.Unit, p.Retired, versionOf(p.Updated), nil}
}

func (s *Server) listProductPage(w http.ResponseWriter, r *request) error {
	return s.showProducts(w, r, http.StatusOK, "", productView{})
}

func (s *Server) showProducts(w http.ResponseWriter, r *request, status int, problem string, entered productView) error {
	all := r.URL.Query().Get("all") != ""
	v := productsPage{May: admin.allows(r.user.Role), All: all, Problem: problem}
	if entered.ID == "" {
		v.New = entered
	}
	products, err := s.store.ListProducts(r.Context())
	if err != nil {
		return err
	}
	var rows []productView
	for i := range products {
		if products[i].Retired {
			v.Retired++
			if !all {
				continue
			}
		}
		row := r.say.productView(&products[i])
		if row.ID == entered.ID {
			entered.Base = cmp.Or(entered.Base, row.Base)
			row.Entered = &entered
		}
		rows = append(rows, row)
	}
	list := "products/" + yes(all)
	after, err := r.place(list)
	if err != nil {
		return err
	}
	from := 0
	if after != "" {
		from = 1 + slices.IndexFunc(rows, func(p productView) bool { return p.ID == after })
	}
	rows = rows[from:]
	if len(rows) > pageRows {
		v.Next, rows = nextPage(r, list, rows[pageRows-1].ID), rows[:pageRows]
	}
	v.Rows, v.Start = rows, firstPage(r)
	return s.renderStatus(w, r, status, "products", page{Title: r.say.text("menu.products"), Nav: "products", Data: v})
}

// saveProduct takes a product from its form: a new one, one that changes, or one that is retired or brought back.
func (s *Server) saveProduct(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	p := crm.Product{ID: crm.NewID(), Created: time.Now().UTC()}
	if id := r.PathValue("product"); id != "" {
		products, err := s.store.ListProducts(r.Context())
		if err != nil {
			return err
		}
		i := slices.IndexFunc(products, func(q crm.Product) bool { return q.ID == id })
		if i < 0 {
			return crm.ErrNotFound
		}
		p = products[i]
	}
	was := p
	entered := productView{ID: r.PathValue("product"), Code: form.Get("code"), Name: form.Get("name"), Price: form.Get("price"), Unit: form.Get("unit"), Base: form.Get("base")}
	if state := form.Get("state"); state != "" {
		p.Retired = state == "retired"
	} else {
		price, ok := readAmount(form.Get("price"))
		if !ok {
			return s.showProducts(w, r, http.StatusUnprocessableEntity, r.say.text("campaigns.bad_amount", "value", shown(form.Get("price"))), entered)
		}
		p.Code, p.Name, p.Unit, p.Price = strings.TrimSpace(form.Get("code")), strings.TrimSpace(form.Get("name")), strings.TrimSpace(form.Get("unit")), price
	}
	p.Updated = time.Now().UTC()
	err := s.changeProduct(r, entered.ID == "", was, p)
	if errors.Is(err, crm.ErrConflict) {
		entered.Base = "" // the version that is there now
		return s.showProducts(w, r, http.StatusConflict, r.say.text("form.overtaken"), entered)
	}
	if err != nil {
		words, flawed := r.say.flawIn(err)
		if !flawed {
			return err
		}
		return s.showProducts(w, r, http.StatusUnprocessableEntity, words, entered)
	}
	return backTo(w, r, "/products", "saved")
}

// changeProduct stores a product, a new one or a change of the one that was; crm.ErrConflict if somebody overtook the form.
func (s *Server) changeProduct(r *request, fresh bool, was, p crm.Product) error {
	if fresh {
		return s.store.SaveProduct(r.Context(), r.user.Email, p)
	}
	if overtaken(r.PostForm, was.Updated) {
		return crm.ErrConflict
	}
	_, err := s.store.ChangeProduct(r.Context(), r.user.Email, crm.Amendment[crm.Product]{Was: was, Is: p, Base: basis(r.PostForm, was.Updated)})
	return err
}
