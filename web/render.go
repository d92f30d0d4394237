package web

import (
	"bytes"
	"embed"
	"fmt"
	"html"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strings"
	"sync"

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

// Within says whether the page is a section or lies below it: templates mark the current tab with it.
func (p page) Within(section string) bool {
	return p.Path == section || strings.HasPrefix(p.Path, section+"/")
}

// views are the templates: for each language one set per page, since a set's t speaks one language. A set is put together
// when its page is first asked for: most of a start would go into pages that nobody opens.
type views map[string]map[string]func() (*template.Template, error)

func newViews(speakers map[string]*speaker, files assets) (views, error) {
	pages, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	v := views{}
	for lang, sp := range speakers {
		shared := sync.OnceValues(func() (*template.Template, error) { return sharedTemplates(pages, sp, files) })
		v[lang] = map[string]func() (*template.Template, error){}
		for _, file := range pages {
			name := strings.TrimSuffix(path.Base(file), ".html")
			if !strings.HasPrefix(name, "_") {
				v[lang][name] = sync.OnceValues(func() (*template.Template, error) { return pageTemplates(shared, file, sp) })
			}
		}
	}
	return v, nil
}

// sharedTemplates are what the pages of a language have in common.
func sharedTemplates(pages []string, sp *speaker, files assets) (*template.Template, error) {
	shared := template.New("").Funcs(templateFuncs(sp, files))
	for _, file := range pages {
		if !strings.HasPrefix(path.Base(file), "_") {
			continue
		}
		if err := parseInto(shared, file, sp); err != nil {
			return nil, err
		}
	}
	return shared, nil
}

// pageTemplates are the shared ones and those of a page's file.
func pageTemplates(shared func() (*template.Template, error), file string, sp *speaker) (*template.Template, error) {
	common, err := shared()
	if err != nil {
		return nil, err
	}
	set, err := common.Clone()
	if err != nil {
		return nil, fmt.Errorf("copy templates: %w", err)
	}
	return set, parseInto(set, file, sp)
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
	p.Notice = s.notice(w, r)
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
	var b bytes.Buffer // a page that breaks half-way must not be sent half
	if err := s.fill(&b, r.say.lang, name, block, p); err != nil {
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
	s.packer.send(w, r.Request, status, unturned(b.Bytes()))
	return nil
}

// fill writes a block of a page's templates, or the page if it has none of that name.
func (s *Server) fill(w io.Writer, lang, name, block string, p page) error {
	set, err := s.views[lang][name]()
	if err != nil {
		return err
	}
	if set.Lookup(block) == nil {
		block = "page"
	}
	return set.ExecuteTemplate(w, block, p)
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
