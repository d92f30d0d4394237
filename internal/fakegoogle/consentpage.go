package fakegoogle

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

//go:embed consent.html
var consentHTML string

var consentTemplate = template.Must(template.New("consent").Parse(consentHTML))

// consentView is what the template shows: an error, a message, a question for the device's code, the choice
// of an account, or the boxes.
type consentView struct {
	Error, Message, Detail string
	AskCode                bool
	Action, Account        string
	Accounts               []accountView
	Hidden                 []hiddenField
	Boxes                  []scopeBox
	Unverified             bool
}

type accountView struct{ Email, Name string }

type hiddenField struct{ Name, Value string }

type scopeBox struct {
	Scope, Title string
	Ticked       bool
}

func (c *call) page(status int, v consentView) {
	var b bytes.Buffer
	if err := consentTemplate.Execute(&b, v); err != nil {
		c.send(http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("page failed"))
		return
	}
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	c.send(status, "text/html; charset=utf-8", b.Bytes())
}

func (c *call) blocked(code, detail string) {
	c.page(http.StatusBadRequest, consentView{Error: "Error 400: " + code, Detail: detail})
}

func hiddenOf(q url.Values, without ...string) []hiddenField {
	var fields []hiddenField
	for name, values := range q {
		if slices.Contains(without, name) {
			continue
		}
		for _, v := range values {
			fields = append(fields, hiddenField{name, v})
		}
	}
	slices.SortFunc(fields, func(a, b hiddenField) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// boxesFor lists what a person is asked for: one box for each scope that opens data.
func (a *authServer) boxesFor(email string, scopes []string) []scopeBox {
	a.mu.RLock()
	defer a.mu.RUnlock()
	u := a.users[email]
	var boxes []scopeBox
	for _, s := range scopes {
		if !identityScope(s) {
			boxes = append(boxes, scopeBox{Scope: s, Title: scopeTitle(s), Ticked: u == nil || !slices.Contains(u.unticked, s)})
		}
	}
	return boxes
}

func scopeTitle(scope string) string {
	switch strings.TrimPrefix(scope, scopePrefix) {
	case "gmail.readonly":
		return "View your email messages and settings."
	case "gmail.metadata":
		return "View your email message metadata such as labels and headers, but not the email body."
	case "calendar.readonly":
		return "See and download any calendar you can access using your Google Calendar."
	case "calendar.events.readonly":
		return "View events on all your calendars."
	case "calendar.calendarlist.readonly":
		return "See the list of Google calendars you’re subscribed to."
	case "forms.responses.readonly":
		return "See all responses to your Google Forms forms."
	case "forms.body.readonly":
		return "See all your Google Forms forms."
	case "admin.directory.user.readonly":
		return "See info about users on your domain."
	case "admin.directory.group.member.readonly":
		return "View group subscriptions on your domain."
	case "pubsub":
		return "View and manage Pub/Sub topics and subscriptions."
	default:
		return "Use " + scope
	}
}
