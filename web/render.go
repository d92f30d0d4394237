package web

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page is what every template gets.
type page struct {
	Title string
	Nav   string // which entry of the navigation is the current one
	Live  string // query of the event stream that says when the fragment is stale; "" for a page that stands still
	Data  any

	// Set by render.
	Lang     string
	User     crm.User
	Admin    bool
	Accounts bool // customer organisations are switched on
	Connect  bool // there are providers with whom accounts are connected
	Org      string
	Version  string
	Notice   string
	Open     int64  // open reviews
	Proposed int64  // open proposals to whoever looks
	OtherURL string // this page in the other language; "" when signed in
	Theme    string // "light" or "dark" if the browser asked for one look, "" for the system's
	Path     string // of this page
	Here     string // Path with its query, to come back to
	Menu     menuView
	Sessions bool // there is a page of one's sessions
}

// views are the templates: for each language one set per page, since a set's t speaks one language.
type views map[string]map[string]*template.Template

func newViews(speakers map[string]*speaker, files assets) (views, error) {
	pages, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	v := views{}
	for lang, sp := range speakers {
		shared := template.New("").Funcs(templateFuncs(sp, files))
		for _, file := range pages {
			if !strings.HasPrefix(path.Base(file), "_") {
				continue
			}
			if err := parseInto(shared, file, sp); err != nil {
				return nil, err
			}
		}
		v[lang] = map[string]*template.Template{}
		for _, file := range pages {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if strings.HasPrefix(name, "_") {
				continue
			}
			set, err := shared.Clone()
			if err != nil {
				return nil, fmt.Errorf("copy templates: %w", err)
			}
			if err := parseInto(set, file, sp); err != nil {
				return nil, err
			}
			v[lang][name] = set
		}
	}
	return v, nil
}

// parseInto adds a file's templates to a set. Sentences without placeholders are put in their place here,
// once, since a call from a template costs more than all that a row of a timeline says.
func parseInto(set *template.Template, file string, sp *speaker) error {
	raw, err := templateFiles.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	text := fixedSentence.ReplaceAllStringFunc(string(raw), func(action string) string {
		return html.EscapeString(sp.text(fixedSentence.FindStringSubmatch(action)[1]))
	})
	if _, err := set.New(path.Base(file)).Parse(text); err != nil {
		return fmt.Errorf("parse template %s: %w", file, err)
	}
	return nil
}

// fixedSentence is a call of t without arguments.
var fixedSentence = regexp.MustCompile(`\{\{t "([a-z_.]+)"\}\}`)

func templateFuncs(sp *speaker, files assets) template.FuncMap {
	return template.FuncMap{
		"t":       sp.text,
		"th":      sp.html,
		"when":    sp.when,
		"date":    sp.date,
		"size":    size,
		"group":   group,
		"initial": initial,
		"asset":   files.address,
	}
}

// render answers with a page, or with its fragment alone if ?fragment= asks for it.
func (s *Server) render(w http.ResponseWriter, r *request, name string, p page) error {
	return s.renderStatus(w, r, http.StatusOK, name, p)
}

func (s *Server) renderStatus(w http.ResponseWriter, r *request, status int, name string, p page) error {
	p.Lang, p.User, p.Org, p.Version = r.say.lang, r.user, s.cfg.Organization.Name, s.cfg.Version
	p.Admin, p.Accounts, p.Connect = admin.allows(r.user.Role), s.accountsOn(), s.cfg.SignIns != nil
	if key := "notice." + r.URL.Query().Get("notice"); r.say.has(key) {
		p.Notice = r.say.text(key)
	}
	if r.user.Email != "" {
		p.Open, _ = s.store.CountReviews(r.Context(), crm.ReviewOpen) // a count is no reason to fail a page
		p.Proposed, _ = s.store.CountProposals(r.Context(), crm.ProposalOpen, r.user.Email)
		p.Menu = s.menuFor(r, &p)
	} else {
		p.OtherURL = otherLanguage(r)
	}
	p.Theme, p.Path, p.Here = themeOf(r.Request), r.URL.Path, hereOf(r)
	_, p.Sessions = navAccess(s.table, "/sessions")
	if p.Live != "" {
		p.Live += "&seen=" + r.seen
	}
	block := "page"
	if r.URL.Query().Get("fragment") != "" && status == http.StatusOK {
		block = "fragment"
	}
	set := s.views[r.say.lang][name]
	if set.Lookup(block) == nil {
		block = "page"
	}
	var b bytes.Buffer // a page that breaks half-way must not be sent half
	if err := set.ExecuteTemplate(&b, block, p); err != nil {
		err = fmt.Errorf("render %s: %w", name, err)
		if name == "error" {
			s.log.Error("answer request", "error", err)
			http.Error(w, http.StatusText(status), status)
			return nil
		}
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", r.say.lang)
	h.Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser may have gone; there is nobody to tell
	return nil
}

// hereOf is the address of the page, without what was only to be said once; "/" for what cannot be fetched, and for the
// doors: what a provider sends back there is nobody's to read.
func hereOf(r *request) string {
	if r.Method != http.MethodGet || strings.HasPrefix(r.URL.Path, "/signin") || strings.HasPrefix(r.URL.Path, "/setup") {
		return "/"
	}
	u := *r.URL
	q := u.Query()
	q.Del("notice")
	q.Del("fragment")
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

func otherLanguage(r *request) string {
	u := *r.URL
	q := u.Query()
	for _, lang := range languages() {
		if lang != r.say.lang {
			q.Set("lang", lang)
		}
	}
	u.RawQuery = q.Encode()
	return u.RequestURI()
}
