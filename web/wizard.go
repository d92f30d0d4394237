package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// SetUp is what the first steps in the browser ask for.
type SetUp interface {
	// SetUp says what is known of the organisation so far.
	SetUp(ctx context.Context) (SetUpState, error)
	// Save keeps the settings and puts them into force. What the configuration file says stays. One of the errors of
	// crm.CheckSettings for what cannot be right.
	Save(ctx context.Context, actor string, s crm.Settings) error
	// MX gives the names of the servers that take a domain's mail, the first first; none if they cannot be found out soon.
	MX(ctx context.Context, domain string) []string
}

// SetUpState is how far the set-up is.
type SetUpState struct {
	crm.Settings      // in force, from the file or the browser
	Filed        bool // name and domains stand in the configuration file
	ZoneFiled    bool // so does the time zone
	Restart      bool // the time zone counts from the next start on
	Sources      int  // that are read
}

// wizardRoutes are the steps after the first user was made.
func wizardRoutes() []route {
	return []route{
		{pattern: "GET /setup/organization", access: it, handle: (*Server).showOrganization},
		{pattern: "POST /setup/organization", access: it, handle: (*Server).saveOrganization},
		{pattern: "GET /setup/source", access: it, handle: (*Server).showFirstSource},
		{pattern: "POST /setup/source", access: it, handle: (*Server).connectFirstSource},
		{pattern: "GET /setup/done", access: it, handle: (*Server).showSetUpDone},
	}
}

// afterFirstUser is where the first user goes on.
func (s *Server) afterFirstUser(ctx context.Context) string {
	if s.cfg.IT.SetUp != nil {
		if st, err := s.cfg.IT.SetUp.SetUp(ctx); err == nil && st.Sources == 0 {
			return "/setup/organization"
		}
	}
	return "/?notice=welcome"
}

// organizationForm is the step that asks who runs Tsunagu.
type organizationForm struct {
	Name, Domains, Zone string
	Zones               []option
	Filed, ZoneFiled    bool
	Problem             string
}

func (s *Server) setUpState(r *request) (SetUpState, error) {
	if s.cfg.IT.SetUp == nil {
		return SetUpState{}, crm.ErrNotFound
	}
	return s.cfg.IT.SetUp.SetUp(r.Context())
}

func (s *Server) showOrganization(w http.ResponseWriter, r *request) error {
	st, err := s.setUpState(r)
	if err != nil {
		return err
	}
	f := organizationForm{Name: st.Name, Domains: strings.Join(st.Domains, " "), Zone: st.Timezone}
	if f.Domains == "" {
		if _, domain, ok := strings.Cut(r.user.Email, "@"); ok && !sharedMailDomain(domain) {
			f.Domains = domain
		}
	}
	return s.renderOrganization(w, r, http.StatusOK, &st, f)
}

func (s *Server) renderOrganization(w http.ResponseWriter, r *request, status int, st *SetUpState, f organizationForm) error {
	f.Filed, f.ZoneFiled = st.Filed, st.ZoneFiled
	zones := []string{"Asia/Tokyo", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Kolkata", "Europe/London", "Europe/Berlin", "America/New_York",
		"America/Los_Angeles", "Australia/Sydney", "UTC"}
	if f.Zone != "" && !slices.Contains(zones, f.Zone) {
		zones = append(zones, f.Zone)
	}
	for _, z := range zones {
		f.Zones = append(f.Zones, option{Value: z, Label: strings.ReplaceAll(z, "_", " "), Selected: z == f.Zone})
	}
	return s.renderStatus(w, r, status, "setup_organization", page{Title: r.say.text("wizard.organization"), Data: f})
}

func (s *Server) saveOrganization(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	st, err := s.setUpState(r)
	if err != nil {
		return err
	}
	f := organizationForm{Name: strings.TrimSpace(r.PostForm.Get("name")), Domains: r.PostForm.Get("domains"), Zone: r.PostForm.Get("timezone")}
	entered := crm.Settings{Name: f.Name, Timezone: f.Zone, Domains: splitDomains(f.Domains)}
	if st.Filed {
		entered.Name, entered.Domains = st.Name, st.Domains
	}
	if st.ZoneFiled || entered.Timezone == "" {
		entered.Timezone = st.Timezone
	}
	checked, err := crm.CheckSettings(entered)
	if err == nil && tidy(&checked.Name) != nil {
		err = crm.ErrSettingName
	}
	if err == nil && slices.ContainsFunc(checked.Domains, sharedMailDomain) {
		f.Problem = r.say.text("wizard.shared_domain")
	}
	switch {
	case errors.Is(err, crm.ErrSettingName):
		f.Problem = r.say.text("wizard.bad_name")
	case errors.Is(err, crm.ErrSettingDomain):
		f.Problem = r.say.text("wizard.bad_domain")
	case err != nil:
		f.Problem = r.say.text("wizard.bad_zone")
	}
	if f.Problem != "" {
		return s.renderOrganization(w, r, http.StatusUnprocessableEntity, &st, f)
	}
	if err := s.cfg.IT.SetUp.Save(r.Context(), r.user.Email, checked); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/setup/source", http.StatusSeeOther)
	return nil
}

// splitDomains reads domains as people list them; an address stands for its domain.
func splitDomains(text string) []string {
	parts := strings.FieldsFunc(text, func(c rune) bool { return strings.ContainsRune(" \t\r\n,;、，　", c) })
	for i, p := range parts {
		parts[i] = p[strings.LastIndexByte(p, '@')+1:]
	}
	return parts
}

// sharedMailDomain says whether everybody may have an address in a domain: it cannot be one's own.
func sharedMailDomain(domain string) bool {
	if _, known := knownMailHosts()[domain]; known {
		return true
	}
	host := mailHostOf(domain, nil)
	return host.Provider != ""
}

// sourceForm is the step that connects the first mailbox. A password is never shown again.
type sourceForm struct {
	Address, Server, Username, Since string
	Sinces                           []option
	StartTLS                         bool
	Problem, Detail                  string
	Open                             bool // the details are unfolded
	Mailboxes                        bool // mailboxes can be connected with a password
	Google                           []Provider
}

// tryLimit is how long finding and trying a mailbox may take.
const tryLimit = 25 * time.Second

func (s *Server) showFirstSource(w http.ResponseWriter, r *request) error {
	st, err := s.setUpState(r)
	if err != nil {
		return err
	}
	if len(st.Domains) == 0 { // internal mail could not be told from customers'
		http.Redirect(w, r.Request, "/setup/organization", http.StatusSeeOther)
		return nil
	}
	return s.renderFirstSource(w, r, http.StatusOK, sourceForm{Address: r.user.Email, Since: "90d"})
}

func (s *Server) renderFirstSource(w http.ResponseWriter, r *request, status int, f sourceForm) error {
	f.Mailboxes = s.cfg.Mailboxes != nil
	for _, p := range s.providers() {
		if len(p.Services) > 0 {
			f.Google = append(f.Google, p)
		}
	}
	for _, since := range []string{"30d", "90d", "365d", "all"} {
		f.Sinces = append(f.Sinces, option{Value: since, Label: r.say.text("wizard.since." + map[string]string{"30d": "month", "90d": "quarter", "365d": "year", "all": "all"}[since]), Selected: since == f.Since})
	}
	return s.renderStatus(w, r, status, "setup_source", page{Title: r.say.text("wizard.source"), Data: f})
}

func (s *Server) connectFirstSource(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	st, err := s.setUpState(r)
	if err != nil {
		return err
	}
	f := sourceForm{Address: normalizeEmail(r.PostForm.Get("address")), Server: strings.TrimSpace(r.PostForm.Get("server")), Username: strings.TrimSpace(r.PostForm.Get("username")),
		Since: r.PostForm.Get("since"), StartTLS: r.PostForm.Get("starttls") != ""}
	f.Open = f.Server != "" || f.Username != ""
	_, domain, ok := strings.Cut(f.Address, "@")
	password := r.PostForm.Get("password")
	switch {
	case s.cfg.Mailboxes == nil || len(st.Domains) == 0:
		return crm.ErrNotFound
	case !ok || domain == "" || len(f.Address) > 254:
		f.Problem = r.say.text("form.bad_email")
	case password == "" || len(password) > 1000:
		f.Problem = r.say.text("wizard.no_password")
	case !slices.Contains([]string{"30d", "90d", "365d", "all"}, f.Since):
		return badRequest("error.form")
	case s.limits.exceeded(w, r.Request, s.clientIP(r.Request), r.user.Email):
		f.Problem = r.say.text("signin.too_many")
	}
	if f.Problem != "" {
		return s.renderFirstSource(w, r, http.StatusUnprocessableEntity, f)
	}
	ctx, cancel := context.WithTimeout(r.Context(), tryLimit)
	defer cancel()
	trouble, err := s.findMailbox(ctx, r.user.Email, &f, domain, password)
	if err != nil {
		return err
	}
	if trouble == nil {
		http.Redirect(w, r.Request, "/setup/done", http.StatusSeeOther)
		return nil
	}
	f.Open, f.Detail = true, trouble.Detail
	f.Problem = r.say.text("health.trouble."+trouble.Code) + " " + r.say.text("wizard.try."+trouble.Code)
	return s.renderFirstSource(w, r, http.StatusUnprocessableEntity, f)
}

// findMailbox tries the servers and user names that an address may stand for until one lets us in, which is kept then. Of
// several troubles the one that got furthest is given, and the form names its server.
func (s *Server) findMailbox(ctx context.Context, actor string, f *sourceForm, domain, password string) (*MailboxTrouble, error) {
	servers := []string{f.Server}
	if f.Server == "" {
		host := mailHostOf(domain, s.cfg.IT.SetUp.MX(ctx, domain))
		if host.Provider == "microsoft" {
			return &MailboxTrouble{Code: TroublePermission, Detail: "Microsoft 365"}, nil
		}
		servers = host.Servers
	}
	names := []string{f.Username}
	if f.Username == "" {
		local, _, _ := strings.Cut(f.Address, "@")
		names = []string{f.Address, local}
	}
	var furthest *MailboxTrouble
	for _, server := range servers {
		for _, name := range names {
			_, err := s.cfg.Mailboxes.Connect(ctx, actor, Mailbox{Kind: MailboxIMAP, Owner: actor, Server: server, StartTLS: f.StartTLS, Username: name,
				Password: password, Since: f.Since, Any: true})
			var trouble *MailboxTrouble
			if !errors.As(err, &trouble) {
				return nil, err
			}
			if furthest == nil || trouble.Code == TroubleSignIn {
				furthest, f.Server = trouble, server
			}
			if trouble.Code != TroubleSignIn {
				break // another name changes nothing
			}
		}
		if furthest.Code == TroubleSignIn || ctx.Err() != nil {
			break // the server is found
		}
	}
	if furthest == nil {
		furthest = &MailboxTrouble{Code: TroubleUnknownHost, Detail: domain}
	}
	return furthest, nil
}

// setUpDone is the last step: it shows the first source filling, and where to go.
type setUpDone struct {
	Rows    []sourceView
	Restart bool
}

func (s *Server) showSetUpDone(w http.ResponseWriter, r *request) error {
	st, err := s.setUpState(r)
	if err != nil {
		return err
	}
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	v := setUpDone{Restart: st.Restart}
	for _, src := range sources {
		if src.State != crm.SourceDisabled {
			v.Rows = append(v.Rows, r.say.sourceView(src, time.Now()))
		}
	}
	return s.render(w, r, "setup_done", page{Title: r.say.text("wizard.done"), Live: "page=setup", Data: v})
}
