package fakegoogle

import (
	_ "embed"
	"net/http"
	"net/url"
	"strings"
)

// methods is the route table: a line per method with its discovery id, verb, path and the scopes that open
// it, those of Google without their common prefix. A test holds it against the discovery documents.
//
//go:embed methods.txt
var methods string

const scopePrefix = "https://www.googleapis.com/auth/"

// route is one method of an API or one page of the sign-in.
type route struct {
	id       string
	verb     string
	segments []string
	scopes   []string
	handle   func(*call)
	open     bool // no bearer token is asked for
}

// routes finds methods by verb and first path segments.
type routes struct {
	byHead map[string][]*route
}

func newRoutes(s *Server) *routes {
	rs := &routes{byHead: map[string][]*route{}}
	handlers := s.handlers()
	for line := range strings.Lines(methods) {
		f := strings.Fields(line)
		r := &route{id: f[0], verb: f[1], segments: segments(f[2]), handle: handlers[f[0]]}
		for _, scope := range f[3:] {
			if !strings.Contains(scope, "://") {
				scope = scopePrefix + scope
			}
			r.scopes = append(r.scopes, scope)
		}
		rs.add(r)
	}
	for _, r := range s.authRoutes() {
		r.open = true
		rs.add(r)
	}
	return rs
}

func (rs *routes) add(r *route) {
	head := r.verb + " " + r.segments[0]
	rs.byHead[head] = append(rs.byHead[head], r)
}

// handlers maps discovery ids to what answers them. A method without a handler reads nothing we keep, or
// writes; either way it is refused.
func (s *Server) handlers() map[string]func(*call) {
	return map[string]func(*call){
		"gmail.users.getProfile":                          s.getProfile,
		"gmail.users.labels.list":                         s.listLabels,
		"gmail.users.labels.get":                          s.getLabel,
		"gmail.users.messages.list":                       s.listMessages,
		"gmail.users.messages.get":                        s.getMessage,
		"gmail.users.messages.attachments.get":            s.getAttachment,
		"gmail.users.threads.list":                        s.listThreads,
		"gmail.users.threads.get":                         s.getThread,
		"gmail.users.history.list":                        s.listHistory,
		"gmail.users.watch":                               s.watch,
		"gmail.users.stop":                                s.stopWatch,
		"calendar.calendarList.list":                      s.listCalendars,
		"calendar.calendarList.get":                       s.getListEntry,
		"calendar.calendars.get":                          s.getCalendar,
		"calendar.events.list":                            s.listEvents,
		"calendar.events.get":                             s.getEvent,
		"calendar.events.instances":                       s.listInstances,
		"forms.forms.get":                                 s.getForm,
		"forms.forms.responses.list":                      s.listResponses,
		"forms.forms.responses.get":                       s.getResponse,
		"directory.users.get":                             s.getUser,
		"directory.users.list":                            s.listUsers,
		"directory.groups.get":                            s.getGroup,
		"directory.members.list":                          s.listMembers,
		"pubsub.projects.subscriptions.get":               s.getSubscription,
		"pubsub.projects.subscriptions.pull":              s.pull,
		"pubsub.projects.subscriptions.acknowledge":       s.acknowledge,
		"pubsub.projects.subscriptions.modifyAckDeadline": s.modifyAckDeadline,
	}
}

func (rs *routes) serve(c *call) {
	path := segments(c.r.URL.EscapedPath())
	if len(path) == 0 {
		path = []string{""}
	}
	for _, r := range rs.byHead[c.r.Method+" "+path[0]] {
		if vars, ok := r.match(path); ok {
			c.vars, c.method = vars, r.id
			c.serve(r)
			return
		}
	}
	c.fail(apiError{status: http.StatusNotFound, reason: "notFound", message: "Not Found"})
}

func segments(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// match compares a path, still escaped, with the route and returns the variables in order.
func (r *route) match(path []string) ([]string, bool) {
	if len(path) != len(r.segments) {
		return nil, false
	}
	var vars []string
	for i, want := range r.segments {
		name, ok := strings.CutPrefix(want, "{")
		if !ok {
			if want != path[i] {
				return nil, false
			}
			continue
		}
		_, verb, _ := strings.Cut(name, "}")
		got, ok := strings.CutSuffix(path[i], verb)
		if !ok {
			return nil, false
		}
		v, err := url.PathUnescape(got)
		if err != nil {
			return nil, false
		}
		vars = append(vars, v)
	}
	return vars, true
}
