package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// navGroup is where an entry of the menu stands.
type navGroup string

// The groups: what a rep works through all day, what is looked up, what admins set, what IT watches over.
const (
	navMain  navGroup = "main"
	navKnow  navGroup = "know"
	navAdmin navGroup = "admin"
	navIT    navGroup = "it"
)

// navEntry is one line of the menu. It is shown to whoever may enter its page, and only if the table of routes has that
// page: an area that is not built in has no entry.
type navEntry struct {
	name  string   // what its pages call themselves: page.Nav
	url   string   // of its first page
	key   string   // of its label
	icon  string   // of _shell.html; "" for none
	group navGroup //
	also  []string // other addresses, and names of pages, that belong to it
}

// navigation is the menu, in its order. A page is found in it by its address, or else by the name it gives.
func navigation() []navEntry {
	return []navEntry{
		{name: "home", url: "/", key: "menu.today", icon: "today", group: navMain, also: []string{"/tasks", "/unreplied", "/cold"}},
		{name: "people", url: "/people", key: "nav.people", icon: "people", group: navMain},
		{name: "accounts", url: "/accounts", key: "nav.accounts", icon: "accounts", group: navMain},
		{name: "deals", url: "/deals", key: "nav.deals", icon: "deals", group: navMain, also: []string{"/opportunities", "/contracts"}},
		{name: "reviews", url: "/reviews", key: "menu.decide", icon: "decide", group: navMain, also: []string{"/proposals", "proposals"}},

		{name: "reports", url: "/reports", key: "nav.reports", group: navKnow},
		{name: "ledger", url: "/ledger", key: "nav.ledger", group: navKnow},
		{name: "sources", url: "/sources", key: "nav.sources", group: navKnow},
		{name: "connections", url: "/connections", key: "menu.connections", group: navKnow},

		{name: "mapping", url: "/mapping", key: "menu.mapping", group: navAdmin},
		{name: "rules", url: "/rules", key: "menu.rules", group: navAdmin},
		{name: "forms", url: "/forms", key: "nav.forms", group: navAdmin},
		{name: "campaigns", url: "/campaigns", key: "menu.campaigns", group: navAdmin},
		{name: "products", url: "/products", key: "menu.products", group: navAdmin},
		{name: "imports", url: "/imports", key: "menu.imports", group: navAdmin},
		{name: "duplicates", url: "/duplicates", key: "menu.duplicates", group: navAdmin},
		{name: "users", url: "/users", key: "menu.users", group: navAdmin},
		{name: "tokens", url: "/tokens", key: "menu.tokens", group: navAdmin},

		{name: "health", url: "/health", key: "menu.health", group: navIT},
		{name: "audit", url: "/audit", key: "menu.audit", group: navIT},
		{name: "backups", url: "/backups", key: "menu.backups", group: navIT},
	}
}

// navAccess is what a page of the menu asks of whoever enters; false if there is no such page.
func navAccess(table []route, url string) (access, bool) {
	if url == "/" {
		url = "/{$}"
	}
	i := slices.IndexFunc(table, func(rt route) bool { return rt.pattern == http.MethodGet+" "+url })
	if i < 0 {
		return anybody, false
	}
	return table[i].access, true
}

// builtEntry is an entry whose page exists.
type builtEntry struct {
	navEntry
	access access
}

func builtNavigation(table []route) []builtEntry {
	var list []builtEntry
	for _, e := range navigation() {
		if a, ok := navAccess(table, e.url); ok {
			list = append(list, builtEntry{e, a})
		}
	}
	return list
}

// menuView is the menu as one user sees it.
type menuView struct {
	Main   []menuItem
	Know   []menuItem
	Folded []menuGroup
}

type menuItem struct {
	Name, URL, Label, Icon string
	Badge                  int64 // Asked and Proposed
	Asked, Proposed        int64 // open questions, and open proposals to the user
	Current                bool
}

// menuGroup is folded up unless the current page is in it.
type menuGroup struct {
	Label string
	Items []menuItem
	Open  bool
}

// mayOpen are the entries that a user may enter.
func (s *Server) mayOpen(u crm.User) []builtEntry {
	var list []builtEntry
	for _, e := range s.menu {
		if !e.access.allows(u.Role) || e.name == "accounts" && !s.accountsOn() {
			continue
		}
		if e.group == navAdmin && !admin.allows(u.Role) {
			e.group = navKnow
		}
		list = append(list, e)
	}
	return list
}

// menuFor lays the menu out for a page.
func (s *Server) menuFor(r *request, p *page) menuView {
	entries := s.mayOpen(r.user)
	here := currentEntry(entries, r.URL.Path, p.Nav)
	var v menuView
	folded := map[navGroup]*menuGroup{navAdmin: {Label: r.say.text("menu.admin")}, navIT: {Label: r.say.text("menu.it")}}
	for i, e := range entries {
		item := menuItem{Name: e.name, URL: e.url, Label: r.say.text(e.key), Icon: e.icon, Current: i == here}
		switch e.group {
		case navMain:
			if e.name == "reviews" {
				item.Badge, item.Asked, item.Proposed = p.Open+p.Proposed, p.Open, p.Proposed
				if p.Open == 0 && p.Proposed > 0 {
					item.URL = "/proposals"
				}
			}
			v.Main = append(v.Main, item)
		case navKnow:
			v.Know = append(v.Know, item)
		default:
			g := folded[e.group]
			g.Items, g.Open = append(g.Items, item), g.Open || item.Current
		}
	}
	for _, group := range []navGroup{navAdmin, navIT} {
		if g := folded[group]; len(g.Items) > 0 {
			v.Folded = append(v.Folded, *g)
		}
	}
	return v
}

// currentEntry is the place of the entry that a page belongs to: the one whose address begins the page's, the longest
// such, or the one that the page names; -1 for none.
func currentEntry(entries []builtEntry, path, name string) int {
	best, length := -1, 0
	for i, e := range entries {
		for _, at := range append([]string{e.url}, e.also...) {
			if path == at || at != "/" && strings.HasPrefix(path, at+"/") {
				if len(at) > length {
					best, length = i, len(at)
				}
			}
		}
	}
	if best < 0 {
		best = slices.IndexFunc(entries, func(e builtEntry) bool { return e.name == name || slices.Contains(e.also, name) })
	}
	return best
}

// themes are the looks that can be chosen; "" follows the system.
func themes() []string { return []string{"", "light", "dark"} }

// themeCookie keeps the look in the browser, since a look fits a screen and not a person.
const themeCookie = "theme"

// themeOf is the look that was chosen in this browser; "" if it follows the system.
func themeOf(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || !slices.Contains(themes(), c.Value) {
		return ""
	}
	return c.Value
}

// setTheme changes the look and leads back to where it was asked for.
func (s *Server) setTheme(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	theme := r.PostForm.Get("theme")
	if !slices.Contains(themes(), theme) {
		return badRequest("error.form")
	}
	c := &http.Cookie{Name: themeCookie, Value: theme, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode} //nolint:gosec // plain HTTP is served on loopback only
	if theme == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, r.Request, localPath(cmp.Or(r.PostForm.Get("return"), "/")), http.StatusSeeOther)
	return nil
}

// workReturn is where a form that several pages have leads back to: the page it names, or else the usual one.
func workReturn(name, usual string) string {
	if to, ok := map[string]string{"home": "/", "tasks": "/tasks", "unreplied": "/unreplied", "cold": "/cold", "reviews": "/reviews"}[name]; ok {
		return to
	}
	return usual
}
