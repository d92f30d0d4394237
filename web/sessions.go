package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/scs/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// sessionsView are where somebody is signed in.
type sessionsView struct {
	Rows   []sessionRow
	Others bool // there are others than this one
}

// sessionRow is one place.
type sessionRow struct {
	Key, Device, Address, Since, Used, By string
	Here                                  bool
}

// maxDevice bounds what is kept of a User-Agent, in bytes.
const maxDevice = 300

// deviceOf is the User-Agent as it came.
func deviceOf(r *http.Request) string {
	agent := r.UserAgent()
	if len(agent) > maxDevice {
		agent = agent[:maxDevice]
	}
	return strings.ToValidUTF8(agent, "")
}

// netOf is the net that a request comes from: enough to know a place again, and no more.
func (s *Server) netOf(r *http.Request) string {
	ip := s.clientIP(r).Unmap()
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	net, err := ip.WithZone("").Prefix(bits)
	if err != nil {
		return ""
	}
	return net.String()
}

// device words a User-Agent: a browser and a system that most people know. Names of browsers come first that call
// themselves others' too.
func (sp *speaker) device(agent string) string {
	find := func(list []string) string {
		for _, name := range list {
			mark, shown, _ := strings.Cut(name, "=")
			if strings.Contains(agent, mark) {
				return cmp.Or(shown, mark)
			}
		}
		return ""
	}
	browser := find([]string{"Edg=Edge", "OPR=Opera", "Firefox", "FxiOS=Firefox", "CriOS=Chrome", "Chrome", "Safari"})
	system := find([]string{"Windows", "iPhone", "iPad", "Android", "Mac OS X=macOS", "CrOS=ChromeOS", "Linux"})
	switch {
	case browser != "" && system != "":
		return sp.text("sessions.device", "name", browser, "value", system)
	case browser+system != "":
		return browser + system
	case agent == "":
		return sp.text("sessions.unknown_device")
	}
	first, _, _ := strings.Cut(agent, "/")
	if utf8.RuneCountInString(first) > 40 {
		return sp.text("sessions.unknown_device")
	}
	return first
}

// storedSession is a session of the store, read.
type storedSession struct {
	session
	key string
}

// sessionsOf are where a user is signed in, the last used first.
func (s *Server) sessionsOf(ctx context.Context, user crm.User) ([]storedSession, error) {
	list, err := s.store.ListSessions(ctx, time.Now())
	if err != nil {
		return nil, err
	}
	var out []storedSession
	for _, stored := range list {
		_, values, err := (scs.GobCodec{}).Decode(stored.Data)
		if err != nil || values[sessionUser] != user.Email || values[sessionStamp] != passwordStamp(user) {
			continue
		}
		one := storedSession{key: stored.Key}
		one.id, _ = values[sessionID].(string)
		one.by, _ = values[sessionBy].(string)
		one.device, _ = values[sessionDevice].(string)
		one.address, _ = values[sessionAddress].(string)
		one.since, one.used = secondsOf(values[sessionSince]), secondsOf(values[sessionUsed])
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b storedSession) int { return cmp.Or(b.used.Compare(a.used), cmp.Compare(a.key, b.key)) })
	return out, nil
}

func secondsOf(v any) time.Time {
	if n, ok := v.(int64); ok && n > 0 {
		return time.Unix(n, 0)
	}
	return time.Time{}
}

func (s *Server) listSessions(w http.ResponseWriter, r *request) error {
	list, err := s.sessionsOf(r.Context(), r.user)
	if err != nil {
		return err
	}
	var v sessionsView
	for _, one := range list {
		row := sessionRow{Key: one.key, Device: r.say.device(one.device), Address: shownNet(one.address), Since: r.say.when(one.since), Used: r.say.when(one.used),
			Here: one.id != "" && one.id == r.session.id}
		if one.by != "" && one.by != byPassword {
			row.By = s.providerName(one.by)
		}
		v.Rows, v.Others = append(v.Rows, row), v.Others || !row.Here
	}
	return s.render(w, r, "sessions", page{Title: r.say.text("sessions.title"), Nav: "settings", Data: v})
}

// shownNet writes a net as people write one: 192.0.2.…
func shownNet(net string) string {
	p, err := netip.ParsePrefix(net)
	if err != nil {
		return ""
	}
	if p.Addr().Is4() {
		b := p.Addr().As4()
		return fmt.Sprintf("%d.%d.%d.…", b[0], b[1], b[2])
	}
	return strings.TrimSuffix(p.Addr().String(), "::") + ":…"
}

// providerName is what a provider is called, "" if it is configured no longer.
func (s *Server) providerName(id string) string {
	p, err := s.provider(id)
	if err != nil {
		return ""
	}
	return p.Name
}

// endSession ends one of the user's own sessions.
func (s *Server) endSession(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	key := r.PostForm.Get("session")
	return s.endOwn(w, r, func(one storedSession) bool { return one.key == key })
}

// endOtherSessions leaves the user the session that asks.
func (s *Server) endOtherSessions(w http.ResponseWriter, r *request) error {
	return s.endOwn(w, r, func(one storedSession) bool { return one.id == "" || one.id != r.session.id })
}

func (s *Server) endOwn(w http.ResponseWriter, r *request, chosen func(storedSession) bool) error {
	if err := s.endSessions(r.Context(), r.user.Email, r.user, chosen); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/sessions?notice=session_ended", http.StatusSeeOther)
	return nil
}

// endSessions ends the chosen sessions of a user, and the event streams that hang on them.
func (s *Server) endSessions(ctx context.Context, actor string, user crm.User, chosen func(storedSession) bool) error {
	list, err := s.sessionsOf(ctx, user)
	if err != nil {
		return err
	}
	var keys []string
	for _, one := range list {
		if chosen(one) {
			keys = append(keys, one.key)
		}
	}
	if err := s.store.EndSessions(ctx, actor, "user/"+user.Email, keys); err != nil {
		return err
	}
	s.live.recheck()
	return nil
}

// endUserSessions signs a user out everywhere.
func (s *Server) endUserSessions(w http.ResponseWriter, r *request) error {
	if err := r.readForm(); err != nil {
		return err
	}
	user, err := s.store.GetUser(r.Context(), normalizeEmail(r.PostForm.Get("email")))
	if err != nil {
		return err
	}
	if user.Email == r.user.Email || !mayGrant(r.user.Role, user.Role) {
		return errForbidden
	}
	if err := s.endSessions(r.Context(), r.user.Email, user, func(storedSession) bool { return true }); err != nil {
		return err
	}
	http.Redirect(w, r.Request, "/users?notice=session_ended", http.StatusSeeOther)
	return nil
}
