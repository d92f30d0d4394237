package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of the search that goes everywhere.
const (
	maxSearched = 300 // characters of a question
	shownHits   = 20
	shownQuick  = 8 // of them in the list that opens over a page
)

// searchPage is what was found, and where one can go.
type searchPage struct {
	Query, Kind string
	Rows        []searchRow
	Places      []searchRow // pages of the menu and things to begin that the words name
	More        bool
	Ledger      string // where mail of these words is looked for; "" without words
	Said        string // how many were found, for those who listen
}

// searchRow is one thing to go to.
type searchRow struct {
	At                      int // place in the list that opens over a page
	URL, Name, Detail, Kind string
	Initial                 string // of a person or organisation
	Square, IsPlace         bool
}

// showSearch is a page of its own and, as its fragment, the list that opens over every page.
func (s *Server) showSearch(w http.ResponseWriter, r *request) error {
	q := r.URL.Query()
	v := searchPage{Query: strings.TrimSpace(strings.ToValidUTF8(q.Get("q"), "")), Kind: q.Get("kind")}
	if utf8.RuneCountInString(v.Query) > maxSearched {
		v.Query = string([]rune(v.Query)[:maxSearched])
	}
	quick := q.Get("fragment") != ""
	limit := shownHits
	if quick {
		limit = shownQuick
	}
	if v.Query != "" {
		if err := s.findRecords(r, &v, limit); err != nil {
			return err
		}
		v.Ledger = "/ledger?" + url.Values{"q": {v.Query}}.Encode()
	}
	v.Places = s.findPlaces(r, v.Query)
	if quick {
		v.number()
	}
	v.Said = r.say.text("search.said", "n", len(v.Rows)+len(v.Places))
	return s.render(w, r, "search", page{Title: r.say.text("menu.search"), Nav: "search", Data: v})
}

// number gives each row of the list that opens over a page its place.
func (v *searchPage) number() {
	n := 0
	for _, list := range [][]searchRow{v.Rows, v.Places} {
		for i := range list {
			list[i].At = n
			n++
		}
	}
}

// findRecords finds people and accounts that whoever asks may see.
func (s *Server) findRecords(r *request, v *searchPage, limit int) error {
	f := crm.SearchQuery{Query: v.Query, Limit: limit}
	if slices.Contains([]string{string(crm.Lead), string(crm.Contact), "account"}, v.Kind) {
		f.Kind = v.Kind
	} else {
		v.Kind = ""
	}
	if !s.accountsOn() {
		f.Seen = func(h *crm.Hit) bool { return h.Person != nil }
	}
	found, err := s.store.Search(r.Context(), f)
	if err != nil {
		return err
	}
	n := s.names()
	for _, h := range found.Hits {
		var row searchRow
		switch {
		case h.Person != nil:
			p := h.Person
			row = searchRow{URL: "/people/" + p.ID, Name: p.Name, Kind: r.say.label("person_kind", string(p.Kind)), Initial: initial(p.Name)}
			row.Detail = joinShown(companyName(r.Context(), n, p), firstOf(p.Emails))
		case h.Account != nil:
			a := h.Account
			row = searchRow{URL: "/accounts/" + a.ID, Name: a.Name, Kind: r.say.label("person_kind", "account"), Initial: initial(a.Name), Square: true, Detail: joinShown(a.Kana, firstOf(a.Domains))}
		default:
			continue
		}
		v.Rows = append(v.Rows, row)
	}
	v.More = found.More
	return nil
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// joinShown writes what there is of some words side by side.
func joinShown(words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " · ")
}

// findPlaces are the pages and the beginnings whose words hold all that was typed, in either language; without words
// all of them.
func (s *Server) findPlaces(r *request, query string) []searchRow {
	wanted := strings.Fields(crm.Fold(query))
	var rows []searchRow
	for _, p := range s.placesOf(r) {
		heard := crm.Fold(p.url)
		for _, sp := range s.speakers {
			heard += " " + crm.Fold(sp.text(p.key))
		}
		if slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(heard, w) }) {
			continue
		}
		rows = append(rows, searchRow{URL: p.url, Name: r.say.text(p.key), Kind: r.say.text(p.kind), IsPlace: true})
	}
	return rows
}

// searchPlace is a page or a beginning by the keys of what it is called and of what it is.
type searchPlace struct{ url, key, kind string }

// placesOf are those that whoever asks may enter.
func (s *Server) placesOf(r *request) []searchPlace {
	var list []searchPlace
	for _, e := range s.mayOpen(r.user) {
		list = append(list, searchPlace{e.url, e.key, "search.go"})
	}
	for _, p := range []searchPlace{{"/proposals", "nav.proposals", "search.go"}, {"/tasks", "tasks.title", "search.go"}, {"/unreplied", "today.unreplied", "search.go"}, {"/cold", "today.cold", "search.go"},
		{"/settings", "menu.settings", "search.go"}, {"/sessions", "menu.sessions", "search.go"}, {"/help", "menu.help", "search.go"},
		{"/people/new", "person.new", "search.do"}, {"/accounts/new", "account.new", "search.do"}} {
		if a, ok := navAccess(s.table, p.url); !ok || !a.allows(r.user.Role) || strings.HasPrefix(p.url, "/accounts") && !s.accountsOn() {
			continue
		}
		list = append(list, p)
	}
	return append(list, searchPlace{"#keys", "keys.title", "search.do"})
}

// ID names the row in the list that opens over a page.
func (r searchRow) ID() string { return "found-" + strconv.Itoa(r.At) }

// Href is where the row leads on a page of its own, where nothing opens.
func (r searchRow) Href() string {
	if r.URL == "#keys" {
		return "/help#shortcuts"
	}
	return cmp.Or(r.URL, "/")
}
