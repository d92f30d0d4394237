package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// connectionsView is the page of connected accounts: one's own, or everybody's for those who look after all.
type connectionsView struct {
	Rows    []connectionView
	Offers  []Provider // that can be connected
	Nothing bool       // no provider is configured

	Mailboxes []sourceView // sources that no account of a provider brings
	Add       bool         // mailboxes can be connected here
	All       bool         // they are everybody's
}

// connectionView is a connection in words.
type connectionView struct {
	Provider, Name, Account, Owner, State, StateLabel, StateText, Since string
	Services, Missing                                                   []string
	Sources                                                             []sourceView
	Bad, Delegated, Again, Ask                                          bool
	AskURL, Disconnect                                                  string
}

// connectionsOf are the connections that a user may see.
func (s *Server) connectionsOf(ctx context.Context, u crm.User) ([]Connection, error) {
	if s.cfg.SignIns == nil {
		return nil, nil
	}
	owner := u.Email
	if admin.allows(u.Role) {
		owner = ""
	}
	return s.cfg.SignIns.Connections(ctx, owner)
}

func (s *Server) listConnections(w http.ResponseWriter, r *request) error {
	list, err := s.connectionsOf(r.Context(), r.user)
	if err != nil {
		return err
	}
	sources, err := s.store.ListSources(r.Context())
	if err != nil {
		return err
	}
	v := connectionsView{Nothing: len(s.providers()) == 0 && s.cfg.Mailboxes == nil, Add: s.cfg.Mailboxes != nil, All: admin.allows(r.user.Role)}
	if v.Mailboxes, err = s.mailboxViews(r, list, sources); err != nil {
		return err
	}
	for _, p := range s.providers() {
		mine := slices.ContainsFunc(list, func(c Connection) bool { return c.Provider == p.ID && c.Owner == r.user.Email })
		if len(p.Services) > 0 && (!mine || admin.allows(r.user.Role)) {
			v.Offers = append(v.Offers, p)
		}
	}
	for i := range list {
		v.Rows = append(v.Rows, s.connectionView(r, &list[i], sources))
	}
	return s.render(w, r, "connections", page{Title: r.say.text("connections.title"), Nav: "settings", Live: "page=connections", Data: v})
}

// mailboxViews are the sources that no account of a provider brings: one's own, or everybody's for those who look after all.
func (s *Server) mailboxViews(r *request, list []Connection, sources []crm.Source) (out []sourceView, err error) {
	choices, err := s.choices(r.Context())
	if err != nil {
		return nil, err
	}
	for _, src := range sources {
		brought := slices.ContainsFunc(list, func(c Connection) bool { return slices.Contains(c.Sources, src.ID) })
		if brought || src.Owner == "" || !mayManage(r.user, &src) {
			continue
		}
		row := r.say.sourceView(src, time.Now())
		row.Pausable = s.cfg.Mailboxes != nil
		r.say.choose(&row, choices[src.ID])
		s.offerSignIn(r, &row, list)
		if err := s.reached(r.Context(), r.say, &row); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// connectionStopped is the state of a connection that is in order as far as its provider said, but has a source that
// stands still, for example since nobody allowed the service account to act for its owner.
const connectionStopped = "stopped"

func (s *Server) connectionView(r *request, c *Connection, sources []crm.Source) connectionView {
	place := c.Provider + "/" + url.PathEscape(c.Account)
	v := connectionView{Provider: c.Provider, Name: c.Provider, Account: c.Account, Owner: c.Owner, State: c.State, Delegated: c.Delegated,
		Since: r.say.date(c.Since), Ask: !c.Delegated && r.URL.Query().Get("ask") == c.Provider+"/"+c.Account,
		AskURL: "/connections?" + url.Values{"ask": {c.Provider + "/" + c.Account}}.Encode(), Disconnect: "/connections/" + place + "/disconnect"}
	if p, err := s.provider(c.Provider); err == nil {
		v.Name, v.Again = p.Name, !c.Delegated && (c.State != ConnectionOK || len(c.Missing) > 0)
	}
	for _, service := range c.Services {
		v.Services = append(v.Services, r.say.label("service", service))
	}
	for _, service := range c.Missing {
		v.Missing = append(v.Missing, r.say.text("connections.missing", "value", r.say.label("service", service)))
	}
	for _, src := range sources {
		if !slices.Contains(c.Sources, src.ID) {
			continue
		}
		row := r.say.sourceView(src, time.Now())
		v.Sources = append(v.Sources, row)
		if row.Bad && v.State == ConnectionOK {
			v.State = connectionStopped
		}
	}
	v.Bad = v.State == ConnectionExpired || v.State == connectionStopped
	v.StateLabel, v.StateText = r.say.label("connection", v.State), r.say.label("connection_text", v.State)
	return v
}

// connectAccount connects one's own account, or signs a connected one in again. Whoever looks after all may name
// any account.
func (s *Server) connectAccount(w http.ResponseWriter, r *request) error {
	p, err := s.provider(r.PathValue("provider"))
	if err != nil {
		return err
	}
	if err := r.readForm(); err != nil {
		return err
	}
	account := normalizeEmail(r.PostForm.Get("account"))
	if len(p.Services) == 0 || len(account) > 254 {
		return badRequest("error.form")
	}
	if account != "" && account != r.user.Email && !admin.allows(r.user.Role) {
		list, err := s.connectionsOf(r.Context(), r.user)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(c Connection) bool { return c.Provider == p.ID && normalizeEmail(c.Account) == account }) {
			return errForbidden
		}
	}
	if account == "" && !admin.allows(r.user.Role) {
		account = r.user.Email
	}
	return s.leave(w, r, p, SignInRequest{Provider: p.ID, Connect: true, Hint: account, Return: "/connections"})
}

// signInSource signs the account of a source in again.
func (s *Server) signInSource(w http.ResponseWriter, r *request) error {
	src, err := s.store.GetSource(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if src.Owner != r.user.Email && !admin.allows(r.user.Role) {
		return errForbidden
	}
	if s.cfg.SignIns == nil {
		return &statusError{http.StatusConflict, "signin.not_by_web"}
	}
	list, err := s.cfg.SignIns.Connections(r.Context(), "")
	if err != nil {
		return err
	}
	p, req, ok := s.doorOf(src, list)
	if !ok {
		return &statusError{http.StatusConflict, "signin.not_by_web"}
	}
	req.Return = "/sources"
	return s.leave(w, r, p, req)
}

// doorOf says how a source is signed in: with the connection it belongs to, or by itself. ok is false for one
// that has a password, or whose account an administrator granted.
func (s *Server) doorOf(src crm.Source, list []Connection) (p Provider, req SignInRequest, ok bool) {
	for i := range list {
		c := &list[i]
		if !slices.Contains(c.Sources, src.ID) {
			continue
		}
		p, err := s.provider(c.Provider)
		req := SignInRequest{Provider: p.ID, Connect: true, Hint: c.Account}
		if src.Kind == "imap" {
			req.Source, req.Connect = src.ID, false
		}
		return p, req, err == nil && !c.Delegated
	}
	for _, p := range s.providers() {
		if slices.Contains(p.Sources, src.ID) {
			return p, SignInRequest{Provider: p.ID, Source: src.ID, Hint: src.Owner}, true
		}
	}
	return Provider{}, SignInRequest{}, false
}

// disconnectAccount revokes a connection. Nobody but its owner and those who look after all may, or learns that
// there is one.
func (s *Server) disconnectAccount(w http.ResponseWriter, r *request) error {
	list, err := s.connectionsOf(r.Context(), r.user)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(c Connection) bool {
		return c.Provider == r.PathValue("provider") && c.Account == r.PathValue("account")
	})
	switch {
	case at < 0:
		return crm.ErrNotFound
	case list[at].Delegated:
		return &statusError{http.StatusConflict, "connections.is_delegated"}
	}
	if err := s.cfg.SignIns.Disconnect(r.Context(), r.user.Email, list[at].Provider, list[at].Account); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/connections?notice=disconnected", http.StatusSeeOther)
	return nil
}
