package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// mailboxRoutes connect mailboxes in the browser, and change what is chosen for a source.
func mailboxRoutes() []route {
	return []route{
		{pattern: "GET /connections/new", access: rep, handle: (*Server).newConnection},
		{pattern: "POST /connections/new", access: rep, handle: (*Server).connectMailbox},
		{pattern: "GET /sources/{id}", access: rep, handle: (*Server).showSource, of: sourceRecord},
		{pattern: "POST /sources/{id}/pause", access: rep, handle: (*Server).pauseSource, of: sourceRecord},
		{pattern: "POST /sources/{id}/resume", access: rep, handle: (*Server).resumeSource, of: sourceRecord},
		{pattern: "POST /sources/{id}/folders", access: rep, handle: (*Server).chooseFolders, of: sourceRecord},
		{pattern: "POST /sources/{id}/password", access: rep, handle: (*Server).repairSource, of: sourceRecord},
		{pattern: "POST /sources/{id}/disconnect", access: rep, handle: (*Server).disconnectSource, of: sourceRecord},
	}
}

// ownSource is a source that the user may change: one's own, or any for those who look after all. Of others' nobody learns
// that they are there.
func (s *Server) ownSource(ctx context.Context, u crm.User, id string) (crm.Source, error) {
	src, err := s.store.GetSource(ctx, id)
	if err == nil && !mayManage(u, &src) {
		err = crm.ErrNotFound
	}
	return src, err
}

// mayShow says whose sources are listed and woken by whom: one's own and those of nobody, or any by those who look after all.
func mayShow(u crm.User, src *crm.Source) bool { return src.Owner == "" || mayManage(u, src) }

// shownSource is a source that the user finds in the list; of others nobody learns that they are there.
func (s *Server) shownSource(ctx context.Context, u crm.User, id string) (crm.Source, error) {
	src, err := s.store.GetSource(ctx, id)
	if err == nil && !mayShow(u, &src) {
		return crm.Source{}, crm.ErrNotFound
	}
	return src, err
}

func mayManage(u crm.User, src *crm.Source) bool {
	return admin.allows(u.Role) || strings.EqualFold(src.Owner, u.Email)
}

// choices are what was chosen for sources; none without mailboxes.
func (s *Server) choices(ctx context.Context) (map[string]SourceChoice, error) {
	if s.cfg.Mailboxes == nil {
		return nil, nil
	}
	return s.cfg.Mailboxes.Choices(ctx)
}

// choose puts a choice into what is shown of a source.
func (sp *speaker) choose(v *sourceView, c SourceChoice) {
	v.Choice = c
	v.Trouble = sp.troubleOf(&v.Source)
	if c.Paused {
		v.Paused, v.Attention, v.Bad = true, false, false
		v.StateLabel, v.StateText = sp.text("state.paused"), sp.text("state_text.paused", "time", sp.when(c.Since))
	}
	if c.Username != "" && v.Name == v.ID {
		v.Name = sp.text("source.of_account", "kind", v.KindLabel, "account", c.Username)
	}
	if c.Forgetting {
		v.StateText = sp.text("state_text.forgetting")
	}
}

// reached is how far back a source is that reads its history: the oldest of what it read last.
func (s *Server) reached(ctx context.Context, sp *speaker, v *sourceView) error {
	if v.State != crm.SourceBackfilling {
		return nil
	}
	rows, _, err := s.store.ListEntries(ctx, crm.LedgerFilter{Source: v.ID, Limit: 20})
	if err != nil {
		return err
	}
	var oldest time.Time
	for i := range rows {
		if at := rows[i].ItemTime; !at.IsZero() && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
	}
	v.Reached = sp.date(oldest)
	return nil
}

// mailboxForm is the page on which a mailbox is connected.
type mailboxForm struct {
	Mailbox
	CalDAV  bool
	Sinces  []sinceChoice
	Problem string
	Detail  string // what the server said
	Report  []string
	Tested  bool
	Items   int64
}

type sinceChoice struct {
	Value, Label string
	Selected     bool
}

func (s *Server) newConnection(w http.ResponseWriter, r *request) error {
	if s.cfg.Mailboxes == nil {
		return crm.ErrNotFound
	}
	kind := MailboxIMAP
	if r.URL.Query().Get("kind") == MailboxCalDAV {
		kind = MailboxCalDAV
	}
	return s.renderMailbox(w, r, http.StatusOK, mailboxForm{Mailbox: Mailbox{Kind: kind, Username: r.user.Email, Since: "90d"}})
}

func (s *Server) renderMailbox(w http.ResponseWriter, r *request, status int, v mailboxForm) error {
	v.Password = ""
	v.CalDAV = v.Kind == MailboxCalDAV
	for _, since := range mailboxSinces() {
		v.Sinces = append(v.Sinces, sinceChoice{since, r.say.label("mailbox_since", since), since == v.Since})
	}
	return s.renderStatus(w, r, status, "mailbox", page{Title: r.say.text("mailbox.title." + v.Kind), Nav: "settings", Data: v})
}

func mailboxSinces() []string { return []string{"30d", "90d", "365d", "1095d"} }

// connectMailbox tests what was entered and, unless only that was asked for, connects it.
func (s *Server) connectMailbox(w http.ResponseWriter, r *request) error {
	if s.cfg.Mailboxes == nil {
		return crm.ErrNotFound
	}
	if err := r.readForm(); err != nil {
		return err
	}
	form := r.PostForm
	m := Mailbox{Kind: form.Get("kind"), Owner: r.user.Email, Server: form.Get("server"), StartTLS: form.Get("starttls") != "", Username: form.Get("username"),
		Password: form.Get("password"), Since: form.Get("since"), Any: admin.allows(r.user.Role)}
	if m.Kind != MailboxIMAP && m.Kind != MailboxCalDAV || !slices.Contains(mailboxSinces(), m.Since) {
		return badRequest("error.form")
	}
	for _, field := range []*string{&m.Server, &m.Username} {
		if bad := tidy(field); bad != nil || len(*field) > maxField || *field == "" {
			return s.renderMailbox(w, r, http.StatusUnprocessableEntity, mailboxForm{Mailbox: m, Problem: r.say.text("mailbox.missing")})
		}
	}
	if m.Password == "" || len(m.Password) > 1000 {
		return s.renderMailbox(w, r, http.StatusUnprocessableEntity, mailboxForm{Mailbox: m, Problem: r.say.text("mailbox.missing")})
	}
	if s.limits.leaving(w, r.Request, s.clientIP(r.Request)) {
		return &statusError{http.StatusTooManyRequests, "signin.too_many"}
	}
	if form.Get("test") != "" {
		report, err := s.cfg.Mailboxes.Test(r.Context(), m)
		if err != nil {
			return s.refuseMailbox(w, r, m, err)
		}
		return s.renderMailbox(w, r, http.StatusOK, mailboxForm{Mailbox: m, Tested: true, Report: report.Lines, Items: report.Items})
	}
	id, err := s.cfg.Mailboxes.Connect(r.Context(), r.user.Email, m)
	if err != nil {
		return s.refuseMailbox(w, r, m, err)
	}
	http.Redirect(w, r.Request, "/connections?notice=mailbox_connected#"+url.PathEscape(id), http.StatusSeeOther)
	return nil
}

func (s *Server) refuseMailbox(w http.ResponseWriter, r *request, m Mailbox, err error) error {
	var trouble *MailboxTrouble
	switch {
	case errors.As(err, &trouble):
		s.log.Info("a mailbox was not connected", "user", r.user.Email, "code", trouble.Code)
		return s.renderMailbox(w, r, http.StatusUnprocessableEntity, mailboxForm{Mailbox: m, Problem: r.say.text("trouble." + trouble.Code), Detail: trouble.Detail})
	case errors.Is(err, crm.ErrConflict):
		return s.renderMailbox(w, r, http.StatusConflict, mailboxForm{Mailbox: m, Problem: r.say.text("mailbox.taken")})
	}
	return err
}

// sourcePage is a source with all that can be done about it.
type sourcePage struct {
	sourceView
	Read, Leave     string // folders, one a line
	Ask             bool   // whether to disconnect
	Gone            bool   // it is not read any more; what it brought can be forgotten
	Problem, Detail string
}

func (s *Server) showSource(w http.ResponseWriter, r *request) error {
	return s.renderSource(w, r, http.StatusOK, r.PathValue("id"), nil)
}

func (s *Server) renderSource(w http.ResponseWriter, r *request, status int, id string, trouble *MailboxTrouble) error {
	src, err := s.ownSource(r.Context(), r.user, id)
	if err != nil {
		return err
	}
	choices, err := s.choices(r.Context())
	if err != nil {
		return err
	}
	v := sourcePage{sourceView: r.say.sourceView(src, time.Now()), Ask: r.URL.Query().Get("ask") != ""}
	r.say.choose(&v.sourceView, choices[id])
	list, err := s.allConnections(r.Context())
	if err != nil {
		return err
	}
	s.offerSignIn(r, &v.sourceView, list)
	if err := s.reached(r.Context(), r.say, &v.sourceView); err != nil {
		return err
	}
	v.Read, v.Leave = strings.Join(v.Choice.Read, "\n"), strings.Join(v.Choice.Leave, "\n")
	v.Gone = src.State == crm.SourceDisabled && !v.Paused && !v.Choice.Forgetting && s.cfg.Mailboxes != nil && src.Kind != "intake"
	if trouble != nil {
		v.Problem, v.Detail = r.say.text("trouble."+trouble.Code), trouble.Detail
	}
	p := page{Title: v.Name, Nav: "sources", Data: v}
	if r.Method == http.MethodGet { // the page of a refused change is not at an address of its own
		p.Live = "page=source"
	}
	return s.renderStatus(w, r, status, "source", p)
}

// changeSource lets somebody change a source that is theirs, and leads back to its page.
func (s *Server) changeSource(w http.ResponseWriter, r *request, notice string, change func(id string) error) error {
	src, err := s.ownSource(r.Context(), r.user, r.PathValue("id"))
	if err != nil {
		return err
	}
	if s.cfg.Mailboxes == nil {
		return crm.ErrNotFound
	}
	if err := r.readForm(); err != nil {
		return err
	}
	err = change(src.ID)
	var trouble *MailboxTrouble
	if errors.As(err, &trouble) {
		return s.renderSource(w, r, http.StatusUnprocessableEntity, src.ID, trouble)
	}
	if err != nil {
		return err
	}
	s.live.publish(Event{Many: true, At: time.Now().UTC()})
	to := "/sources/" + url.PathEscape(src.ID)
	if r.PostForm.Get("from") == "connections" {
		to = "/connections"
	}
	return backTo(w, r, to, notice)
}

func (s *Server) pauseSource(w http.ResponseWriter, r *request) error {
	return s.changeSource(w, r, "source_paused", func(id string) error { return s.cfg.Mailboxes.Pause(r.Context(), r.user.Email, id, true) })
}

func (s *Server) resumeSource(w http.ResponseWriter, r *request) error {
	return s.changeSource(w, r, "source_resumed", func(id string) error { return s.cfg.Mailboxes.Pause(r.Context(), r.user.Email, id, false) })
}

func (s *Server) chooseFolders(w http.ResponseWriter, r *request) error {
	return s.changeSource(w, r, "saved", func(id string) error {
		return s.cfg.Mailboxes.ChooseFolders(r.Context(), r.user.Email, id, linesOf(r.PostForm.Get("read")), linesOf(r.PostForm.Get("leave")))
	})
}

// linesOf are the lines of an entry that are not empty, each once.
func linesOf(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

func (s *Server) repairSource(w http.ResponseWriter, r *request) error {
	if s.limits.leaving(w, r.Request, s.clientIP(r.Request)) {
		return &statusError{http.StatusTooManyRequests, "signin.too_many"}
	}
	return s.changeSource(w, r, "source_repaired", func(id string) error {
		return s.cfg.Mailboxes.Repair(r.Context(), r.user.Email, id, r.PostForm.Get("password"))
	})
}

func (s *Server) disconnectSource(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	forget, notice := r.PostForm.Get("forget") != "", "disconnected"
	if forget {
		notice = "source_forgotten"
	}
	return s.changeSource(w, r, notice, func(id string) error { return s.cfg.Mailboxes.Disconnect(r.Context(), r.user.Email, id, forget) })
}
