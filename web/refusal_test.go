package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestCursors holds that a list goes on only where one of its own pages ended.
func TestCursors(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	next := map[string]string{}
	lists := map[string]string{"people": "/people?limit=1", "members": "/people?limit=1&account=" + f.client.ID, "accounts": "/accounts?limit=1",
		"activities": "/activities?limit=1", "ledger": "/ledger?limit=1", "reviews": "/reviews?limit=1"}
	for name, path := range lists {
		_, raw := f.call(t, token, http.MethodGet, apiPrefix+path, "")
		var page struct {
			Items []json.RawMessage `json:"items"`
			Next  string            `json:"next"`
		}
		must(t, json.Unmarshal(raw, &page))
		if len(page.Items) != 1 || page.Next == "" {
			t.Fatalf("%s: %s", name, raw)
		}
		next[name] = page.Next
	}
	for name, path := range lists {
		good := next[name]
		cursors := map[string]int{good: 200, "": 200, "x": 422, "garbage": 422, strings.Repeat("0", 32): 422, good + "00": 422,
			good[:len(good)-2]: 422, strings.ToUpper(good) + "x": 422, good[cursorCheck:]: 422}
		for other, cursor := range next {
			if other != name {
				cursors[cursor] = 422
			}
		}
		for cursor, want := range cursors {
			code, body := f.api(t, token, http.MethodGet, apiPrefix+path+"&after="+url.QueryEscape(cursor), "")
			if code != want || want == 422 && !strings.Contains(body, "query.after") {
				t.Errorf("%s after %q: %d %s", name, cursor, code, body)
			}
		}
	}
	b := f.signedIn(t, "sato@example.co.jp")
	for _, path := range []string{"/people", "/accounts", "/ledger", "/reviews", "/people/" + f.tanaka.ID, "/accounts/" + f.client.ID} {
		if code, page := b.get(t, path+"?after=garbage"); code != http.StatusBadRequest {
			t.Errorf("page %s: %d", path, code)
		} else {
			wantIn(t, page, "一覧のこのページは見つかりません")
		}
		if code, _ := b.get(t, path+"?after="); code != http.StatusOK {
			t.Errorf("page %s from its start: %d", path, code)
		}
	}
	if code, _ := b.get(t, "/ledger?after="+next["ledger"]); code != http.StatusOK {
		t.Errorf("a page further on: %d", code)
	}
}

func TestUnknownParametersAreRefused(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleRep)
	for path, want := range map[string]string{
		"/people?knid=lead": "query.knid", "/accounts?Q=x": "query.Q", "/activities?person=a&acount=b": "query.acount",
		"/ledger?verdikt=logged": "query.verdikt", "/reviews?status=open": "query.status", "/sources?x=1": "query.x",
		"/people/" + f.tanaka.ID + "?fields=name": "query.fields", "/people?q=%zz": "the query cannot be read",
	} {
		code, body := f.api(t, token, http.MethodGet, apiPrefix+path, "")
		if code != http.StatusUnprocessableEntity || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, _ := f.api(t, "", http.MethodGet, apiPrefix+"/people?knid=lead", ""); code != http.StatusUnauthorized {
		t.Errorf("without a token: %d", code)
	}
}

func TestMethodsThatArePossible(t *testing.T) {
	f := newFixture(t)
	for _, tt := range []struct {
		method, path, allow string
		status              int
	}{
		{"DELETE", "/api/v1/people", "GET, HEAD, POST", 405},
		{"OPTIONS", "/api/v1/people/0123", "GET, HEAD, PUT, DELETE", 405},
		{"TRACE", "/api/v1/sources", "GET, HEAD", 405},
		{"GET", "/api/v1/sources/a/wake", "POST", 405},
		{"PATCH", "/api/v1/nowhere", "", 404},
		{"DELETE", "/people", "GET, HEAD, POST", 405},
		{"OPTIONS", "/healthz", "GET, HEAD", 405},
		{"TRACE", "/", "GET, HEAD", 405},
		{"GET", "/tokens/0123/revoke", "POST", 405},
		{"DELETE", "/nowhere", "", 404},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := httptest.NewRecorder()
			f.server.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, nil))
			if w.Code != tt.status || w.Header().Get("Allow") != tt.allow {
				t.Errorf("got %d, Allow %q", w.Code, w.Header().Get("Allow"))
			}
			if problem := strings.HasPrefix(tt.path, "/api/"); problem != (w.Header().Get("Content-Type") == "application/problem+json") {
				t.Errorf("Content-Type %s", w.Header().Get("Content-Type"))
			}
		})
	}
}

// TestDocumentNamesEveryRefusal makes the API refuse bodies and looks the status up in the document.
func TestDocumentNamesEveryRefusal(t *testing.T) {
	f := newFixture(t)
	doc := f.document(t)
	token := f.token(t, crm.RoleRep)
	for name, tt := range map[string]struct {
		body, kind string
		want       int
	}{
		"broken":    {`{"kind":`, "application/json", 400},
		"empty":     {"", "application/json", 400},
		"too large": {`{"name":"` + strings.Repeat("x", maxBody) + `"}`, "application/json", 413},
		"a form":    {"name=x", "application/x-www-form-urlencoded", 415},
		"wrong":     {`{"kind":"friend","name":"x"}`, "application/json", 422},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/people", "/accounts"} {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+apiPrefix+path, strings.NewReader(tt.body))
				must(t, err)
				r.Header.Set("Content-Type", tt.kind)
				r.Header.Set("Authorization", "Bearer "+token)
				res, err := http.DefaultClient.Do(r)
				must(t, err)
				res.Body.Close()
				if res.StatusCode != tt.want {
					t.Errorf("%s: %d", path, res.StatusCode)
				}
			}
			for path, item := range doc.Paths.Map() {
				for method, op := range item.Operations() {
					if (op.RequestBody != nil || tt.want == 422) && op.Responses.Status(tt.want) == nil {
						t.Errorf("%s %s does not list %d", method, path, tt.want)
					}
				}
			}
		})
	}
}

// TestEntriesThatAnImportRefuses holds that pages and API take no colleagues, and no characters that do not show.
func TestEntriesThatAnImportRefuses(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		c.Own = func(address string) bool { return crm.AddressDomain(address) == "example.co.jp" }
	})
	token := f.token(t, crm.RoleRep)
	b := f.signedIn(t, "sato@example.co.jp")
	for name, tt := range map[string]struct{ path, field, value, english, japanese string }{
		"a colleague":       {"/people", "emails", "Kato@Example.co.jp", "belongs to your own organisation", "自社のアドレスです"},
		"our own domain":    {"/accounts", "domains", "example.co.jp", "a domain of your own organisation", "自社のドメインです"},
		"NUL":               {"/people", "name", "田中\x00太郎", "U+0000", "U+0000"},
		"escape":            {"/accounts", "name", "a\x1b[31mb", "U+001B", "U+001B"},
		"override":          {"/people", "company", "a\u202eb", "U+202E", "U+202E"},
		"isolate":           {"/people", "title", "a\u2066b", "U+2066", "U+2066"},
		"line separator":    {"/accounts", "kana", "a\u2028b", "U+2028", "U+2028"},
		"C1 control":        {"/people", "department", "a\u0085b", "U+0085", "U+0085"},
		"address":           {"/people", "emails", "\u202etanaka@client.co.jp", "U+202E", "U+202E"},
		"telephone":         {"/people", "phones", "03-1234-\x075678", "U+0007", "U+0007"},
		"owner":             {"/accounts", "owner", "sato\x1b@example.co.jp", "U+001B", "U+001B"},
		"a lead's status":   {"/people", "status", "new\x1b", "U+001B", ""},
		"a made-up address": {"/people", "emails", "x", "is not an e-mail address", "メールアドレス"},
	} {
		t.Run(name, func(t *testing.T) {
			entry := map[string]any{"name": "x"}
			form := []string{"name", "x", "kind", "lead"}
			if tt.path == "/people" {
				entry["kind"] = "lead"
			}
			entry[tt.field] = tt.value
			if tt.field == "emails" || tt.field == "domains" || tt.field == "phones" {
				entry[tt.field] = []string{tt.value}
			}
			raw, err := json.Marshal(entry)
			must(t, err)
			code, body := f.api(t, token, http.MethodPost, apiPrefix+tt.path, string(raw))
			if code != http.StatusUnprocessableEntity || !strings.Contains(body, tt.english) {
				t.Errorf("API: %d %s", code, body)
			}
			if tt.japanese == "" {
				return // a page offers statuses to choose from
			}
			code, page := b.post(t, tt.path, append(form, tt.field, tt.value)...)
			if code != http.StatusUnprocessableEntity {
				t.Errorf("page: %d", code)
			}
			wantIn(t, html.UnescapeString(page), tt.japanese)
		})
	}
	if n, err := f.store.CountPeople(t.Context()); err != nil || n != 4 {
		t.Errorf("%d people, %v", n, err)
	}
}

func TestTidyKeepsRealNames(t *testing.T) {
	for in, want := range map[string]string{
		" 葛\U000e0100城 太郎 ": "葛\U000e0100城 太郎", "नि\u200dशा": "नि\u200dशा", "佐藤\t花子": "佐藤 花子", "a\r\nb": "a b", "佐藤　花子": "佐藤　花子",
	} {
		got := in
		if bad := tidy(&got); bad != nil || got != want {
			t.Errorf("%q: got %q, %v", in, got, bad)
		}
	}
}

// TestTruncatedTextSaysSo holds that pages, API and export tell that a text is not all there was.
func TestTruncatedTextSaysSo(t *testing.T) {
	f := newFixture(t)
	w := f.mail("長い件", strings.Repeat("とても長い本文。\n", 200), f.now, "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID)
	b := f.signedIn(t, "sato@example.co.jp")
	const notice = "途中までを保存しています"
	for _, truncated := range []bool{false, true} {
		w.Activity.Truncated = truncated
		w.Activity.ID, w.Entry.ExternalID = fmt.Sprintf("%032x", len(w.Entry.ExternalID)), w.Entry.ExternalID+"x"
		w.Activity.Key = crm.Key(w.Activity.ID)
		w.Entry.Key, w.Entry.Activity = w.Activity.Key, w.Activity.ID
		w.Activity.Observed = []crm.Observation{{Source: "sato-mail", ExternalID: w.Entry.ExternalID}}
		f.commit(t, w)
		must(t, f.store.Settle(t.Context(), crm.Settlement{Source: "sato-mail", Epoch: f.epoch, State: crm.SourceOK, Success: true, At: f.now}))
		for _, path := range []string{"/activities/" + w.Activity.ID, "/people/" + f.tanaka.ID} {
			_, page := b.get(t, path)
			if strings.Contains(page, notice) != truncated {
				t.Errorf("%s: truncated is %v, the page says otherwise", path, truncated)
			}
		}
		_, body := f.api(t, f.token(t, crm.RoleRep), http.MethodGet, apiPrefix+"/activities/"+w.Activity.ID, "")
		if strings.Contains(body, `"truncated":true`) != truncated {
			t.Errorf("API, truncated is %v: %.200s", truncated, body)
		}
	}
}
