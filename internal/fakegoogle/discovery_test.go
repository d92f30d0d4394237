package fakegoogle_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
)

// document is one of the vendor's discovery documents.
type document struct {
	Parameters map[string]schema   `json:"parameters"`
	Schemas    map[string]schema   `json:"schemas"`
	Resources  map[string]resource `json:"resources"`
	base       string
}

type resource struct {
	Methods   map[string]method   `json:"methods"`
	Resources map[string]resource `json:"resources"`
}

type method struct {
	ID         string            `json:"id"`
	HTTPMethod string            `json:"httpMethod"`
	Path       string            `json:"path"`
	FlatPath   string            `json:"flatPath"`
	Scopes     []string          `json:"scopes"`
	Parameters map[string]schema `json:"parameters"`
	Response   *schema           `json:"response"`
	document   *document
	pattern    *regexp.Regexp
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Enum       []string          `json:"enum"`
	Items      *schema           `json:"items"`
	Properties map[string]schema `json:"properties"`
	Additional *schema           `json:"additionalProperties"`
	Location   string            `json:"location"`
	Required   bool              `json:"required"`
	Repeated   bool              `json:"repeated"`
}

// loadMethods reads the documents that ship with the client library.
var loadMethods = sync.OnceValues(func() ([]*method, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		return nil, fmt.Errorf("find module: %w", err)
	}
	var all []*method
	for _, d := range [][2]string{
		{"gmail/v1/gmail-api.json", "/"}, {"calendar/v3/calendar-api.json", "/calendar/v3/"}, {"forms/v1/forms-api.json", "/forms/"},
		{"admin/directory/v1/admin-api.json", "/"}, {"pubsub/v1/pubsub-api.json", "/pubsub/"},
	} {
		raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), d[0]))
		if err != nil {
			return nil, err
		}
		doc := &document{base: d[1]}
		if err := json.Unmarshal(raw, doc); err != nil {
			return nil, err
		}
		for _, r := range doc.Resources {
			all = append(all, r.all(doc)...)
		}
	}
	return all, nil
})

func (r resource) all(doc *document) []*method {
	var out []*method
	for _, m := range r.Methods {
		if m.FlatPath == "" {
			m.FlatPath = m.Path
		}
		m.document = doc
		expression := regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(doc.base+m.FlatPath), `[^/]+`)
		m.pattern = regexp.MustCompile("^" + expression + "$")
		out = append(out, &m)
	}
	for _, sub := range r.Resources {
		out = append(out, sub.all(doc)...)
	}
	return out
}

// checked validates every call of a client and its answer against the discovery documents.
func checked(t testing.TB, s *fakegoogle.Server, c *http.Client) *http.Client {
	t.Helper()
	methods, err := loadMethods()
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Transport: &validator{t: t, base: c.Transport, methods: methods, server: s}}
}

type validator struct {
	t       testing.TB
	base    http.RoundTripper
	methods []*method
	server  *fakegoogle.Server
}

func (v *validator) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := v.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(v.methods, func(m *method) bool { return m.HTTPMethod == r.Method && m.pattern.MatchString(r.URL.EscapedPath()) })
	if i < 0 {
		v.t.Errorf("%s %s is no method of any document", r.Method, r.URL.EscapedPath())
		return res, nil
	}
	for _, problem := range v.methods[i].check(r.URL.Query(), res.StatusCode, body) {
		v.t.Errorf("%s (%d): %s\n%.600s", v.methods[i].ID, res.StatusCode, problem, body)
	}
	if _, err := http.ParseTime(res.Header.Get("Date")); err != nil {
		v.t.Errorf("%s: Date header: %v", v.methods[i].ID, err)
	}
	return res, nil
}

// check lists what is wrong with a call.
func (m *method) check(query url.Values, status int, body []byte) []string {
	var problems []string
	if status < 300 {
		for name, p := range m.Parameters {
			if p.Location == "query" && p.Required && !query.Has(name) {
				problems = append(problems, "parameter "+name+" is missing")
			}
		}
	}
	for name, values := range query {
		p, ok := m.Parameters[name]
		if !ok {
			p, ok = m.document.Parameters[name]
		}
		if !ok || p.Location != "query" {
			problems = append(problems, "no parameter "+name)
			continue
		}
		if len(values) > 1 && !p.Repeated {
			problems = append(problems, "parameter "+name+" comes more than once")
		}
	}
	if m.Response == nil {
		if status < 300 && (status != http.StatusNoContent || len(body) > 0) {
			return append(problems, "the method has no response")
		}
		return problems
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return append(problems, "body is no JSON: "+err.Error())
	}
	if status >= 300 {
		return append(problems, checkError(value, status)...)
	}
	return append(problems, m.document.validate("", *m.Response, value)...)
}

func checkError(value any, status int) []string {
	body, _ := value.(map[string]any)
	e, _ := body["error"].(map[string]any)
	if fmt.Sprint(e["code"]) != strconv.Itoa(status) || e["message"] == "" || e["message"] == nil {
		return []string{"error body does not say code and message"}
	}
	list, _ := e["errors"].([]any)
	if len(list) != 1 {
		return []string{"errors must hold one"}
	}
	item, _ := list[0].(map[string]any)
	var problems []string
	for _, k := range []string{"domain", "reason", "message"} {
		if v, _ := item[k].(string); v == "" {
			problems = append(problems, "error without "+k)
		}
	}
	for k := range e {
		if !slices.Contains([]string{"code", "message", "errors", "status", "details"}, k) {
			problems = append(problems, "error with "+k)
		}
	}
	return problems
}

func (d *document) validate(path string, s schema, v any) []string {
	if s.Ref != "" {
		return d.validate(path, d.Schemas[s.Ref], v)
	}
	wrong := func() []string { return []string{fmt.Sprintf("%s: %v (%T) is no %s %s", path, v, v, s.Type, s.Format)} }
	switch s.Type {
	case "object":
		object, ok := v.(map[string]any)
		if !ok {
			return wrong()
		}
		var problems []string
		for k, x := range object {
			if p, ok := s.Properties[k]; ok {
				problems = append(problems, d.validate(path+"."+k, p, x)...)
			} else if s.Additional != nil {
				problems = append(problems, d.validate(path+"."+k, *s.Additional, x)...)
			} else {
				problems = append(problems, path+"."+k+" is not in the schema")
			}
		}
		return problems
	case "array":
		list, ok := v.([]any)
		if !ok {
			return wrong()
		}
		var problems []string
		for i, x := range list {
			problems = append(problems, d.validate(fmt.Sprintf("%s[%d]", path, i), *s.Items, x)...)
		}
		return problems
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong()
		}
	case "integer", "number":
		n, ok := v.(json.Number)
		if !ok {
			return wrong()
		}
		if s.Type == "integer" {
			bits := 32
			if _, err := strconv.ParseInt(n.String(), 10, bits+1); err != nil {
				return wrong()
			}
		}
	case "string":
		text, ok := v.(string)
		if !ok || !s.fits(text) {
			return wrong()
		}
	}
	return nil
}

func (s schema) fits(text string) bool {
	var err error
	switch s.Format {
	case "int64":
		_, err = strconv.ParseInt(text, 10, 64)
	case "uint64":
		_, err = strconv.ParseUint(text, 10, 64)
	case "date":
		_, err = time.Parse("2006-01-02", text)
	case "date-time", "google-datetime":
		_, err = time.Parse(time.RFC3339Nano, text)
	case "byte":
		if _, err = base64.URLEncoding.DecodeString(text); err != nil {
			_, err = base64.StdEncoding.DecodeString(text)
		}
	}
	return err == nil && (len(s.Enum) == 0 || slices.Contains(s.Enum, text))
}

// The route table must say what the documents say.
func TestMethodsAreThoseOfTheDocuments(t *testing.T) {
	methods, err := loadMethods()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, m := range methods {
		var scopes []string
		for _, s := range m.Scopes {
			scopes = append(scopes, strings.TrimPrefix(s, "https://www.googleapis.com/auth/"))
		}
		slices.Sort(scopes)
		known[m.ID] = strings.Join(append([]string{m.ID, m.HTTPMethod, m.document.base + m.FlatPath}, scopes...), " ")
	}
	raw, err := os.ReadFile("methods.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	seen := map[string]bool{}
	for _, line := range lines {
		id, _, _ := strings.Cut(line, " ")
		seen[id] = true
		if known[id] != line {
			t.Errorf("methods.txt: %s\nthe document: %s", line, known[id])
		}
	}
	for id := range known {
		if !strings.HasPrefix(id, "directory.") && !strings.HasPrefix(id, "admin.") && !seen[id] {
			t.Errorf("methods.txt lacks %s", id)
		}
	}
}
