package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

// fakeMapping keeps versions in memory and refuses every document that says "bad".
type fakeMapping struct {
	versions []crm.MappingVersion
	previews int
}

func (m *fakeMapping) check(document string) error {
	if strings.Contains(document, "bad") {
		return &MappingRefused{Problems: []connectors.Problem{{Path: "screen.bad", What: "there is no such setting", Hint: "did you mean addresses?", Line: 2, Column: 3}}, Tests: []string{"test x: fails"}}
	}
	return nil
}

func (m *fakeMapping) Preview(_ context.Context, document string, since time.Time, rows int) (MappingPreview, error) {
	m.previews++
	if age := time.Since(since); age > 31*24*time.Hour || rows > 2000 {
		return MappingPreview{}, fmt.Errorf("asked for %v and %d rows", age, rows)
	}
	return MappingPreview{Remove: 2, Same: 3, Samples: []MappingSample{{Change: "remove", Source: "sato-mail", ExternalID: "1", Before: "logged", After: "excluded"}}}, m.check(document)
}

func (m *fakeMapping) PreviewTold(ctx context.Context, document string, since time.Time, rows int, told func(int64)) (MappingPreview, error) {
	told(5)
	return m.Preview(ctx, document, since, rows)
}

func (m *fakeMapping) Check(_ context.Context, document string) error { return m.check(document) }

func (m *fakeMapping) Try(_ context.Context, document string, sample MappingTry) (mapping.Trial, error) {
	if sample.Activity == nil && !strings.Contains(sample.Pasted, ":") {
		return mapping.Trial{}, ErrUnreadable
	}
	return mapping.Trial{Verdict: crm.Logged, Activity: []mapping.Tried{{Field: "subject", Now: "x"}}, Person: []mapping.Tried{}, People: []crm.Participant{}, Accounts: []string{}}, m.check(document)
}

func (m *fakeMapping) SaveOver(ctx context.Context, actor, document, comment string, base int) (crm.MappingVersion, error) {
	if n := len(m.versions); n != base {
		return crm.MappingVersion{}, &MappingStale{Newest: m.versions[n-1]}
	}
	return m.Save(ctx, actor, document, comment)
}

func (m *fakeMapping) RollBackOver(ctx context.Context, actor string, version int, comment string, base int) (crm.MappingVersion, error) {
	if n := len(m.versions); n != base {
		return crm.MappingVersion{}, &MappingStale{Newest: m.versions[n-1]}
	}
	return m.RollBack(ctx, actor, version, comment)
}

func (m *fakeMapping) Save(_ context.Context, actor, document, comment string) (crm.MappingVersion, error) {
	v := crm.MappingVersion{Number: len(m.versions) + 1, At: time.Now(), Author: actor, Comment: comment, Document: document, Hash: "h"}
	if err := m.check(document); err != nil {
		return v, err
	}
	m.versions = append(m.versions, v)
	return v, nil
}

func (m *fakeMapping) RollBack(ctx context.Context, actor string, version int, comment string) (crm.MappingVersion, error) {
	if version > len(m.versions) {
		return crm.MappingVersion{}, crm.ErrNotFound
	}
	return m.Save(ctx, actor, m.versions[version-1].Document, comment)
}

func (m *fakeMapping) Newest(context.Context) (crm.MappingVersion, error) {
	if len(m.versions) == 0 {
		return crm.MappingVersion{}, crm.ErrNotFound
	}
	return m.versions[len(m.versions)-1], nil
}

func (m *fakeMapping) Versions(context.Context) ([]crm.MappingVersion, error) {
	return append([]crm.MappingVersion(nil), m.versions...), nil
}

func (m *fakeMapping) Diff(_ context.Context, from, to int) (string, error) {
	if max(from, to) > len(m.versions) {
		return "", crm.ErrNotFound
	}
	return fmt.Sprintf("--- version %d\n+++ version %d\n", from, to), nil
}

func (m *fakeMapping) Progress(context.Context) (MappingProgress, error) {
	return MappingProgress{Version: len(m.versions), Done: 5, Total: 10, Started: time.Now()}, nil
}

// TestMappingOperations calls every operation of the mapping and validates request and answer against the document.
func TestMappingOperations(t *testing.T) {
	m := &fakeMapping{}
	f := newFixture(t, func(c *Config) { c.Mapping = m })
	doc := f.document(t)
	doc.Servers = openapi3.Servers{{URL: f.url}}
	router, err := legacy.NewRouter(doc)
	must(t, err)
	token, lesser := f.token(t, crm.RoleAdmin), f.token(t, crm.RoleRep)
	review := crm.ReviewID(crm.ReviewNewContact, "new@prospect.example")
	covered := map[string]bool{}
	for _, c := range []struct {
		operation, method, path, body string
		status                        int
		want                          string
	}{
		{"get-mapping", "GET", "/mapping", "", 404, ""},
		{"apply-mapping", "POST", "/mapping/apply", `{"document":"screen: {}\n","comment":"first"}`, 200, `"author":"token:`},
		{"apply-mapping", "POST", "/mapping/apply", `{"document":"screen: {}\npeople: {new: never}\n"}`, 200, `"number":2`},
		{"apply-mapping", "POST", "/mapping/apply", `{"document":"bad"}`, 422, `"message":"there is no such setting (did you mean addresses?)","location":"body.document:2:3"`},
		{"get-mapping", "GET", "/mapping", "", 200, `"document":"screen: {}\npeople: {new: never}\n"`},
		{"list-mapping-versions", "GET", "/mapping/versions", "", 200, `"comment":"first"`},
		{"get-mapping-version", "GET", "/mapping/versions/1", "", 200, `"comment":"first"`},
		{"get-mapping-version", "GET", "/mapping/versions/7", "", 404, ""},
		{"diff-mapping", "GET", "/mapping/diff?from=1&to=2", "", 200, `--- version 1`},
		{"diff-mapping", "GET", "/mapping/diff?from=1&to=9", "", 404, ""},
		{"get-mapping-progress", "GET", "/mapping/progress", "", 200, `"done":5`},
		{"preview-mapping", "POST", "/mapping/preview", `{"document":"screen: {}"}`, 200, `"remove":2`},
		{"preview-mapping", "POST", "/mapping/preview", `{"document":"screen: {}","rows":0,"since":"` + time.Now().UTC().Format(time.RFC3339) + `"}`, 200, `"before":"logged"`},
		{"preview-mapping", "POST", "/mapping/preview", `{"document":"bad"}`, 422, `test x: fails`},
		{"preview-mapping", "POST", "/mapping/preview", `{"document":"","rows":5000}`, 422, ""},
		{"rollback-mapping", "POST", "/mapping/rollback", `{"version":1}`, 200, `"number":3`},
		{"rollback-mapping", "POST", "/mapping/rollback", `{"version":99}`, 404, ""},
		{"rollback-mapping", "POST", "/mapping/rollback", `{"version":1,"base":1}`, 409, "saved by token:"},
		{"apply-mapping", "POST", "/mapping/apply", `{"document":"{}","base":2}`, 409, "version 3 was saved by token:"},
		{"check-mapping", "POST", "/mapping/check", `{"document":"bad"}`, 200, `"line":2,"column":3`},
		{"check-mapping", "POST", "/mapping/check", `{"document":"{}"}`, 200, `"problems":[]`},
		{"try-mapping", "POST", "/mapping/try", `{"document":"{}","text":"From: a@b.example"}`, 200, `"verdict":"logged"`},
		{"try-mapping", "POST", "/mapping/try", `{"document":"{}","text":"nothing"}`, 422, "cannot be read"},
		{"try-mapping", "POST", "/mapping/try", `{"document":"{}","activity":"gone"}`, 404, ""},
		{"get-review-rule", "GET", "/reviews/" + review + "/rule", "", 404, ""},
		{"decide-review", "POST", "/reviews/" + review + "/decision", `{"action":"dismiss"}`, 200, ""},
		{"get-review-rule", "GET", "/reviews/" + review + "/rule", "", 200, `"setting":"screen.addresses"`},
		{"save-review-rule", "POST", "/reviews/" + review + "/rule", "", 200, `"comment":"from a review: screen.addresses new@prospect.example"`},
		{"save-review-rule", "POST", "/reviews/" + review + "/rule", "", 404, ""},
		{"undo-review-rule", "DELETE", "/reviews/" + review + "/rule", "", 404, ""},
		{"decide-review", "POST", "/reviews/" + review + "/decision", `{"action":"undo"}`, 200, ""},
		{"undo-review-rule", "DELETE", "/reviews/" + review + "/rule", "", 200, `"comment":"a review was taken back: no screen.addresses new@prospect.example"`},
		{"undo-review-rule", "DELETE", "/reviews/" + review + "/rule", "", 404, ""},
	} {
		covered[c.operation] = true
		res, raw := f.call(t, token, c.method, "/api/v1"+c.path, c.body)
		if res.StatusCode != c.status || !strings.Contains(string(raw), c.want) {
			t.Errorf("%s %s: %d %s, want %d and %s", c.method, c.path, res.StatusCode, raw, c.status, c.want)
			continue
		}
		req, err := http.NewRequestWithContext(t.Context(), c.method, f.url+"/api/v1"+c.path, strings.NewReader(c.body))
		must(t, err)
		req.Header.Set("Content-Type", "application/json")
		route, params, err := router.FindRoute(req)
		must(t, err)
		if route.Operation.OperationID != c.operation {
			t.Errorf("%s is %s", c.path, route.Operation.OperationID)
		}
		input := &openapi3filter.ResponseValidationInput{RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
			Status: res.StatusCode, Header: res.Header}
		input.SetBodyBytes(raw)
		if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
			t.Errorf("%s %s: %v", c.method, c.path, err)
		}
		if c.operation == "decide-review" { // reps may
			continue
		}
		if status, _ := f.api(t, lesser, c.method, "/api/v1"+c.path, c.body); status != http.StatusForbidden {
			t.Errorf("%s %s: a rep's token is answered with %d", c.method, c.path, status)
		}
	}
	for path, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if (strings.HasPrefix(path, "/api/v1/mapping") || strings.HasSuffix(path, "/rule")) && !covered[op.OperationID] {
				t.Errorf("%s is not called here", op.OperationID)
			}
		}
	}
}
