package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// apiPrefix is where the first version of the API lives.
const apiPrefix = "/api/v1"

// api is the JSON API with its OpenAPI 3.1 document at /api/openapi.json. Programs come with a bearer token;
// a browser's session counts for nothing here, so no page of another site can use it.
func (s *Server) api() http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Tsunagu", s.cfg.Version)
	config.Info.Description = "People, accounts, activities, deals, numbers, the ledger, reviews and sources. Lists are paged: " +
		"pass `next` as `after`, or follow the Link header."
	config.OpenAPIPath = "/api/openapi"
	config.DocsPath = ""      // it would load scripts from elsewhere
	config.SchemasPath = ""   // the document holds them
	config.CreateHooks = nil  // no $schema in answers
	config.Transformers = nil //
	config.Formats = plainFormats()
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"bearer": {Type: "http", Scheme: "bearer", Description: "A token of Settings › API tokens. Each operation names the role it needs."},
	}
	api := humago.New(mux, config)
	api.UseMiddleware(s.authenticate(api), refuseUnknown(api), s.refuseAccounts(api))
	s.peopleAPI(api)
	s.accountsAPI(api)
	s.activitiesAPI(api)
	s.outcomeAPI(api)
	s.ledgerAPI(api)
	s.reviewsAPI(api)
	s.sourcesAPI(api)
	s.withheldAPI(api)
	s.mappingAPI(api)
	s.lifeAPI(api)
	s.loggingAPI(api)
	s.tasksAPI(api)
	s.opportunitiesAPI(api)
	s.contractsAPI(api)
	s.productsAPI(api)
	s.campaignsAPI(api)
	s.conversionsAPI(api)
	s.mergesAPI(api)
	s.commentsAPI(api)
	s.filingAPI(api)
	s.proposalsAPI(api)
	s.searchAPI(api)
	s.organisationAPI(api)
	s.listsAPI(api)
	s.segmentsAPI(api)
	s.reportsAPI(api)
	s.lifecycleAPI(api)
	s.importsAPI(api)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		if methods := allowed(mux, r, "/api/"); methods != "" {
			w.Header().Set("Allow", methods)
			w.WriteHeader(http.StatusMethodNotAllowed)
			_, _ = w.Write([]byte(`{"title":"Method Not Allowed","status":405,"detail":"the Allow field lists what can be done here"}` + "\n"))
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`{"title":"Not Found","status":404,"detail":"there is no such operation; see /api/openapi.json"}` + "\n"))
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "private, no-store")
		limit := answerTimeout
		if r.URL.Path == importPath {
			limit = importTimeout
		}
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
}

// roleKey is where an operation's metadata keeps the access it asks for.
const roleKey = "access"

// operation describes one operation of the API. Every one asks for a role.
func operation(id, method, path string, need access, summary string, errs ...int) huma.Operation {
	role := map[access]crm.UserRole{rep: crm.RoleRep, manager: crm.RoleManager, admin: crm.RoleAdmin, it: crm.RoleIT}[need]
	tag, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	errs = append(errs, http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity)
	if method == http.MethodPost || method == http.MethodPut {
		errs = append(errs, http.StatusBadRequest, http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(errs)
	return huma.Operation{
		OperationID: id, Method: method, Path: apiPrefix + path, Summary: summary, Tags: []string{tag},
		Description: "Needs a token of role " + string(role) + " or higher.",
		Security:    []map[string][]string{{"bearer": {string(role)}}},
		Metadata:    map[string]any{roleKey: need},
		Errors:      slices.Compact(errs),
	}
}

// authenticate is the second and third door of the API.
func (s *Server) authenticate(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		need, ok := ctx.Operation().Metadata[roleKey].(access)
		token, err := s.bearer(ctx.Context(), ctx.Header("Authorization"))
		var may crm.Clearance
		if err == nil {
			may, err = s.clearanceOfToken(ctx.Context(), &token)
		}
		switch {
		case err != nil && !errors.Is(err, crm.ErrNotFound):
			s.log.Error("find token", "error", err)
			_ = huma.WriteErr(api, ctx, http.StatusInternalServerError, "the token could not be looked up")
		case err != nil:
			ctx.SetHeader("WWW-Authenticate", `Bearer realm="tsunagu"`)
			_ = huma.WriteErr(api, ctx, http.StatusUnauthorized, "a valid bearer token is needed")
		case !ok || !need.allows(token.Role):
			_ = huma.WriteErr(api, ctx, http.StatusForbidden, "the token's role is too low")
		default:
			ctx = huma.WithValue(huma.WithValue(ctx, clearanceKey{}, may), actorKey{}, "token:"+token.ID)
			next(huma.WithValue(ctx, askerKey{}, crm.User{Email: token.User, Role: token.Role}))
		}
	}
}

// refuseUnknown refuses query parameters that an operation does not have: a misspelt filter would give every
// row there is.
func refuseUnknown(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		address := ctx.URL()
		query, err := url.ParseQuery(address.RawQuery)
		if err != nil {
			_ = huma.WriteErr(api, ctx, http.StatusUnprocessableEntity, "the query cannot be read", err)
			return
		}
		var known []string
		for _, p := range ctx.Operation().Parameters {
			if p.In == "query" {
				known = append(known, p.Name)
			}
		}
		var unknown []error
		for _, name := range slices.Sorted(maps.Keys(query)) {
			if !slices.Contains(known, name) {
				unknown = append(unknown, &huma.ErrorDetail{Location: "query." + name, Message: "there is no such parameter"})
			}
		}
		if len(unknown) > 0 {
			_ = huma.WriteErr(api, ctx, http.StatusUnprocessableEntity, "unknown query parameter", unknown[:min(len(unknown), 10)]...)
			return
		}
		next(ctx)
	}
}

// bearer finds the token of an Authorization field; crm.ErrNotFound if it is missing, unknown or revoked.
func (s *Server) bearer(ctx context.Context, field string) (crm.Token, error) {
	scheme, secret, ok := strings.Cut(field, " ")
	if !ok || !strings.EqualFold(scheme, "bearer") || secret == "" {
		return crm.Token{}, crm.ErrNotFound
	}
	token, err := s.store.TokenByHash(ctx, HashToken(strings.TrimSpace(secret)))
	if err == nil && !token.Revoked.IsZero() {
		return crm.Token{}, crm.ErrNotFound
	}
	return token, err
}

type actorKey struct{}

// actor is who asks, as the audit records it.
func actor(ctx context.Context) string {
	name, _ := ctx.Value(actorKey{}).(string)
	return name
}

type askerKey struct{}

// asker is in whose place a token asks, with the role of the token; without an address it asks in nobody's.
func asker(ctx context.Context) crm.User {
	u, _ := ctx.Value(askerKey{}).(crm.User)
	return u
}

// apiError makes a problem of an error. What an unforeseen one says stays in the log.
func (s *Server) apiError(err error) error {
	var bad *problem
	if errors.As(err, &bad) {
		return huma.Error422UnprocessableEntity(s.speakers["en"].text(bad.key, "value", bad.value))
	}
	if refused := refusal(err); refused != nil {
		return refused
	}
	status, key := statusOf(err)
	if status >= 500 {
		s.log.Error("answer API request", "error", err)
	}
	return huma.NewError(status, s.speakers["en"].text(key))
}

// Paging is how lists are asked for. It is exported because the API library reads no unexported embedded struct.
type Paging struct {
	After string `query:"after" doc:"where to go on: next of the page before" maxLength:"4000"`
	Limit int    `query:"limit" doc:"rows of a page" minimum:"1" maximum:"500" default:"50"`
}

// list is one page of a list.
type list[T any] struct {
	Link string `header:"Link" doc:"the next page, RFC 8288; absent on the last"`
	Body struct {
		Items []T    `json:"items" nullable:"false"`
		Next  string `json:"next" doc:"pass it as after to go on; empty on the last page"`
	}
}

// listOf makes a page; next is a cursor. The address of the next page repeats the filters that were asked for.
func listOf[T any](items []T, next, path string, query url.Values) *list[T] {
	out := &list[T]{}
	out.Body.Items, out.Body.Next = items, next
	if items == nil {
		out.Body.Items = []T{}
	}
	if next != "" {
		for key, values := range query {
			if len(values) == 0 || values[0] == "" {
				query.Del(key)
			}
		}
		query.Set("after", next)
		out.Link = "<" + apiPrefix + path + "?" + query.Encode() + `>; rel="next"`
	}
	return out
}

// one is a single record.
type one[T any] struct{ Body T }

// ByID is how a single record is asked for; exported like Paging.
type ByID struct {
	ID string `path:"id" maxLength:"200"`
}
