package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestIntakeReads(t *testing.T) {
	const urlencoded = "application/x-www-form-urlencoded"
	multi := func(parts ...string) string {
		return "--b\r\n" + strings.Join(parts, "\r\n--b\r\n") + "\r\n--b--\r\n"
	}
	for name, tt := range map[string]struct {
		kind, body string
		want       []crm.FormField
		suspect    string
	}{
		"urlencoded":           {urlencoded, "name=%E7%94%B0%E4%B8%AD+%E5%A4%AA%E9%83%8E&email=a%40b.example", []crm.FormField{field("name", "田中 太郎"), field("email", "a@b.example")}, ""},
		"check boxes":          {urlencoded, "t=a&x=1&t=b", []crm.FormField{field("t", "a", "b"), field("x", "1")}, ""},
		"no value":             {urlencoded, "a&b=1&&=x", []crm.FormField{field("a", ""), field("b", "1")}, ""},
		"a lone per cent sign": {urlencoded, "a=100%&b=%zz%4", []crm.FormField{field("a", "100%"), field("b", "%zz%4")}, ""},
		"line ends":            {urlencoded, "a=x%0D%0Ay%0Dz", []crm.FormField{field("a", "x\ny\nz")}, ""},
		"no content type":      {"", "a=1", []crm.FormField{field("a", "1")}, ""},
		"Web-to-Lead": {urlencoded, "oid=00D000000000001&retURL=http%3A%2F%2Fx&debug=1&debugEmail=a%40b.example&encoding=UTF-8&last_name=%E7%94%B0%E4%B8%AD&00N5g00000abc=x&submit=%E9%80%81%E4%BF%A1",
			[]crm.FormField{field("oid", "00D000000000001"), field("last_name", "田中"), field("00N5g00000abc", "x"), field("submit", "送信")}, ""},
		"Shift_JIS, said by the browser": {urlencoded, "_charset_=Shift_JIS&n=%93c%92%86", []crm.FormField{field("n", "田中")}, ""},
		"Shift_JIS, said by the header":  {urlencoded + "; charset=Windows-31J", "n=%93c%92%86%87%40", []crm.FormField{field("n", "田中①")}, ""},
		"Shift_JIS, said by the form":    {urlencoded, "encoding=Shift_JIS&n=%C3%B1", []crm.FormField{field("n", "ﾃｱ")}, ""},
		"Shift_JIS, unsaid":              {urlencoded, "%96%BC%91O=%93c%92%86", []crm.FormField{field("名前", "田中")}, ""},
		"Shift_JIS, said to be UTF-8":    {urlencoded, "encoding=UTF-8&n=%83e%83X%83g", []crm.FormField{field("n", "テスト")}, ""},
		"Shift_JIS with a reference":     {urlencoded, "n=%93c%26%23134071%3B%26%2360%3B", []crm.FormField{field("n", "田𠮷&#60;")}, ""},
		"EUC-JP, unsaid":                 {urlencoded, "n=%A4%BF%A4%CA%A4%AB", []crm.FormField{field("n", "たなか")}, ""},
		"EUC-JP, said":                   {urlencoded + "; charset=euc-jp", "n=%C5%C4%C3%E6", []crm.FormField{field("n", "田中")}, ""},
		"half-width katakana, unsaid":    {urlencoded, "n=%C0%C5%B6%C5", []crm.FormField{field("n", "ﾀﾅｶﾅ")}, ""},
		"UTF-8, said to be Shift_JIS":    {urlencoded, "encoding=Shift_JIS&n=%E7%94%B0%E4%B8%AD", []crm.FormField{field("n", "田中")}, ""},
		"ISO-2022-JP":                    {urlencoded + "; charset=iso-2022-jp", "n=%1B%24BEDCf%1B%28B", []crm.FormField{field("n", "田中")}, ""},
		"ISO-2022-JP, unsaid":            {urlencoded, "n=%1B%24BEDCf%1B%28B", []crm.FormField{field("n", "田中")}, ""},
		"unknown encoding":               {urlencoded + "; charset=x-nothing", "n=%E7%94%B0", []crm.FormField{field("n", "田")}, ""},
		"no encoding at all":             {urlencoded, "n=%FF%FE%FF", []crm.FormField{field("n", "���")}, suspectCharset},
		"control characters":             {urlencoded, "a%00=x%1By&b=%E2%80%AEx", []crm.FormField{field("a\ufffd", "x\ufffdy"), field("b", "\ufffdx")}, suspectControls},
		"multipart": {"multipart/form-data; boundary=b", multi("Content-Disposition: form-data; name=\"名前\"\r\n\r\n田中", "Content-Disposition: form-data; name=f; filename=\"C:\\x\\見積.pdf\"\r\nContent-Type: application/pdf\r\n\r\n12345",
			"Content-Disposition: form-data; name=g; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n"), []crm.FormField{field("名前", "田中"), field("f", "見積.pdf (5 bytes)")}, ""},
		"multipart with a long file name": {"multipart/form-data; boundary=b", multi("Content-Disposition: form-data; name=\"名前\"\r\n\r\n田中",
			"Content-Disposition: form-data; name=f; filename=\""+strings.Repeat("見", 80)+".pdf\"\r\n\r\n12345"), []crm.FormField{field("名前", "田中"), field("f", strings.Repeat("見", 80)+".pdf (5 bytes)")}, ""},
		"multipart in Shift_JIS": {"multipart/form-data; boundary=b", multi("Content-Disposition: form-data; name=\"\x96\xbc\x91O\"\r\n\r\n\x93c\x92\x86", "Content-Disposition: form-data; name=\"_charset_\"\r\n\r\nShift_JIS"), []crm.FormField{field("名前", "田中")}, ""},
		"JSON":                   {"application/json", `{"name":"田中","n":1.50,"ok":true,"none":null,"list":["a",2],"name":"次"}`, []crm.FormField{field("name", "田中", "次"), field("n", "1.50"), field("ok", "true"), field("none", ""), field("list", "a", "2")}, ""},
		"JSON under fields":      {"application/json; charset=utf-8", `{"fields":{"name":"田中"},"topic":"x"}`, []crm.FormField{field("name", "田中"), field("topic", "x")}, ""},
		"JSON with a mark":       {"application/vnd.api+json", "\ufeff{\"a\":\"b\"}", []crm.FormField{field("a", "b")}, ""},
		"JSON with a surrogate":  {"application/json", `{"a":"\ud800b"}`, []crm.FormField{field("a", "\ufffdb")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, []Form{{ID: "contact"}})
			if w := p.send(t, "contact", tt.body, "Content-Type", tt.kind); w.Code != http.StatusSeeOther && w.Code != http.StatusCreated {
				t.Fatalf("answered %d %s", w.Code, w.Body)
			}
			got := p.only(t)
			if diff := cmp.Diff(tt.want, got.Fields); diff != "" {
				t.Error(diff)
			}
			if got.Reason != tt.suspect || (got.State == crm.SubmissionQuarantined) != (tt.suspect != "") {
				t.Errorf("state %s, reason %q", got.State, got.Reason)
			}
			if got.Form != "contact" || got.Version != 1 || !got.At.Equal(p.now) || len(got.ID) != 32 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestIntakeRefuses(t *testing.T) {
	big := strings.Repeat("x", maxBody)
	for name, tt := range map[string]struct {
		form, kind, body string
		status           int
	}{
		"no such form":          {"nothing", "", "a=1", 404},
		"nothing":               {"contact", "", "", 422},
		"nothing filled in":     {"contact", "", "a=&b=&oid=1&submit=x", 422},
		"too large":             {"contact", "", "a=" + big, 413},
		"a long value":          {"contact", "", "a=" + big[:maxFieldValue+1], 413},
		"a long name":           {"contact", "", big[:maxFieldName+1] + "=1", 413},
		"many fields":           {"contact", "", strings.Repeat("a=1&", maxFields+1), 413},
		"many parts":            {"contact", "multipart/form-data; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n", maxFields+1) + "--b--", 413},
		"a long part":           {"contact", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n" + big[:maxFieldValue+1] + "\r\n--b--", 413},
		"no boundary":           {"contact", "multipart/form-data", "a=1", 400},
		"cut off":               {"contact", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1", 400},
		"plain text":            {"contact", "text/plain", "a=1", 415},
		"broken type":           {"contact", "a/b/c;;", "a=1", 415},
		"JSON list":             {"contact", "application/json", "[]", 400},
		"JSON cut off":          {"contact", "application/json", `{"a":"b"`, 400},
		"JSON nested":           {"contact", "application/json", `{"a":{"b":"c"}}`, 400},
		"JSON fields in fields": {"contact", "application/json", `{"fields":{"fields":{"b":"c"}}}`, 400},
		"JSON twice":            {"contact", "application/json", `{"a":"b"}{"a":"b"}`, 400},
		"JSON not UTF-8":        {"contact", "application/json", "{\"a\":\"\x93c\"}", 400},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, []Form{{ID: "contact"}})
			kind := tt.kind
			if kind == "" {
				kind = "application/x-www-form-urlencoded"
			}
			for _, accept := range []string{"text/html", "application/json"} {
				w := p.send(t, tt.form, tt.body, "Content-Type", kind, "Accept", accept, "Accept-Language", "en")
				if w.Code != tt.status {
					t.Errorf("%s: answered %d %s", accept, w.Code, w.Body)
				}
				if accept == "text/html" && !strings.HasSuffix(kind, "json") {
					wantIn(t, w.Body.String(), "Your message was not sent")
					continue
				}
				var problem struct {
					Title, Detail string
					Status        int
				}
				if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || problem.Status != tt.status || problem.Detail == "" ||
					w.Header().Get("Content-Type") != "application/problem+json" {
					t.Errorf("%v: %s", err, w.Body)
				}
			}
			if n := len(p.queue.all()); n != 0 {
				t.Errorf("%d submissions are stored", n)
			}
		})
	}
}

func TestIntakeAnswers(t *testing.T) {
	form := Form{ID: "contact", ReturnURLs: []string{"https://www.example.co.jp/thanks"}}
	t.Run("a browser is led to retURL", func(t *testing.T) {
		w := newPost(t, []Form{form}).send(t, "contact", "a=1&retURL=https%3A%2F%2Fwww.example.co.jp%2Fthanks%3Fa%3Db", "Accept", "text/html,*/*;q=0.8")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "https://www.example.co.jp/thanks?a=b" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	})
	t.Run("or to our own page", func(t *testing.T) {
		w := newPost(t, []Form{form}).send(t, "contact", "a=1&_lang=en&retURL=https%3A%2F%2Fwww.example.co.jp%2F")
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/forms/contact/thanks?lang=en" {
			t.Errorf("%d %v", w.Code, w.Header())
		}
	})
	t.Run("a program gets the id, and the same again", func(t *testing.T) {
		p := newPost(t, []Form{form})
		for i, duplicate := range []bool{false, true} {
			w := p.send(t, "contact", `{"a":"1"}`, "Content-Type", "application/json", "Idempotency-Key", "k1")
			want := `{"id":"` + p.queue.all()[0].ID + `","duplicate":` + strconv.FormatBool(duplicate) + "}\n"
			if w.Code != http.StatusCreated || w.Body.String() != want {
				t.Errorf("%d: %d %s", i, w.Code, w.Body)
			}
		}
		if s := p.only(t); !strings.HasPrefix(s.Response, "key:k1 ") || s.Version != 1 {
			t.Errorf("%+v", s)
		}
	})
	t.Run("an id that strangers name is no door to others", func(t *testing.T) {
		p := newPost(t, []Form{form})
		p.send(t, "contact", "email=a%40a.example&_response_id=1")
		p.send(t, "contact", "email=b%40b.example&_response_id=1")
		p.send(t, "contact", "email=A%40A.example&note=edited&_response_id=1")
		p.send(t, "contact", "email=c%40c.example", "Idempotency-Key", "k")
		p.send(t, "contact", "email=d%40d.example", "Idempotency-Key", "k")
		p.send(t, "contact", "email=e%40e.example&_response_id=k")
		versions := map[string]int{}
		for _, s := range p.queue.all() {
			versions[strings.ToLower(s.Fields[0].Values[0])] = s.Version
		}
		want := map[string]int{"a@a.example": 2, "b@b.example": 1, "c@c.example": 1, "d@d.example": 1, "e@e.example": 1}
		if diff := cmp.Diff(want, versions); diff != "" {
			t.Errorf("versions by sender (-want +got):\n%s", diff)
		}
	})
	t.Run("an edit is a new version", func(t *testing.T) {
		p := newPost(t, []Form{form})
		p.send(t, "contact", "a=1&_response_id=r1")
		p.send(t, "contact", "a=2&_response_id=r1", "Idempotency-Key", "other")
		if s := p.only(t); s.Version != 2 || s.Response != "r1" || s.Fields[0].Values[0] != "2" {
			t.Errorf("%+v", s)
		}
	})
	t.Run("a store that fails is no success", func(t *testing.T) {
		p := newPost(t, []Form{form})
		for err, status := range map[error]int{errors.New("broken"): 500, crm.ErrFull: 507} {
			p.queue.fail = err
			w := p.send(t, "contact", "a=1", "Accept", "application/json")
			if w.Code != status || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "broken") {
				t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
			}
		}
	})
	t.Run("what the store has no room for is too large", func(t *testing.T) {
		p := newPost(t, []Form{form})
		p.queue.fail = fmt.Errorf("add submission: %w", crm.ErrTooBig)
		if w := p.send(t, "contact", "a=1", "Accept", "application/json"); w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", w.Code)
		}
	})
	t.Run("what a rule keeps out leaves nothing", func(t *testing.T) {
		p := newPost(t, []Form{form}, func(c *Config) {
			c.Screen = func(s crm.Submission) (crm.Reason, bool) {
				return "domain: competitor.example", s.Fields[0].Values[0] == "x"
			}
		})
		if w := p.send(t, "contact", "a=x&_response_id=r1&utm_source=s", "Referer", "https://x.example/"); w.Code != http.StatusSeeOther {
			t.Errorf("answered %d", w.Code)
		}
		want := crm.Submission{ID: crm.SubmissionID("contact", "r1"), Form: "contact", At: p.now, State: crm.SubmissionExcluded, Reason: "domain: competitor.example", Version: 1}
		if diff := cmp.Diff(want, p.only(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestIntakeTouch(t *testing.T) {
	for name, tt := range map[string]struct {
		body, referer string
		want          crm.Touch
	}{
		"fields": {"utm_source=google&utm_medium=cpc&utm_campaign=aki&utm_term=crm&utm_content=b&landing=https%3A%2F%2Fa.example%2F&referrer=https%3A%2F%2Fgoogle.example%2F", "https://a.example/form",
			crm.Touch{Source: "google", Medium: "cpc", Campaign: "aki", Term: "crm", Content: "b", Landing: "https://a.example/", Referrer: "https://google.example/"}},
		"the page with the form":           {"", "https://a.example/form?utm_source=mail&utm_campaign=%E7%A7%8B&x=1#y", crm.Touch{Landing: "https://a.example/form?utm_source=mail&utm_campaign=%E7%A7%8B&x=1#y", Source: "mail", Campaign: "秋"}},
		"a field goes before":              {"utm_source=form", "https://a.example/?utm_source=page", crm.Touch{Source: "form", Landing: "https://a.example/?utm_source=page"}},
		"nothing":                          {"", "", crm.Touch{}},
		"a line break is none in an entry": {"utm_source=a%0D%0Ab", "", crm.Touch{Source: "a b"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, []Form{{ID: "contact"}})
			p.send(t, "contact", "a=1&"+tt.body, "Referer", tt.referer)
			if diff := cmp.Diff(tt.want, p.only(t).Touch); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIntakeSuspects(t *testing.T) {
	for name, tt := range map[string]struct {
		body, want string
		age        time.Duration
	}{
		"nothing":                {"a=1", "", 0},
		"an empty honeypot":      {"a=1&tsunagu_website=", "", 0},
		"honeypot":               {"a=1&tsunagu_website=x", suspectHoneypot, 0},
		"five links":             {"a=" + strings.Repeat("http://x.example ", 5), "", 0},
		"six links":              {"a=" + strings.Repeat("http://x.example ", 3) + "&b=" + strings.Repeat("[url=x]aaaaaaaa", 3), suspectLinks, 0},
		"a token of now":         {"a=1&_token=%", suspectTooFast, time.Second},
		"a token of long ago":    {"a=1&_token=%", "", 5 * 365 * 24 * time.Hour},
		"a token of somebody":    {"a=1&_token=zzz.0123", suspectToken, 0},
		"a token of another one": {"a=1&_token=other", suspectToken, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPost(t, []Form{{ID: "contact", MinFill: 3 * time.Second}})
			body := strings.Replace(tt.body, "_token=%", "_token="+newToken(p.server.cfg.FormKey, "contact", p.now.Add(-tt.age)), 1)
			body = strings.Replace(body, "_token=other", "_token="+newToken(p.server.cfg.FormKey, "other", p.now.Add(-time.Hour)), 1)
			if w := p.send(t, "contact", body); w.Code != http.StatusSeeOther {
				t.Errorf("answered %d", w.Code)
			}
			if s := p.only(t); s.Reason != tt.want || (s.State == crm.SubmissionAccepted) != (tt.want == "") || s.Fields[0].Name != "a" {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestIntakeSignature(t *testing.T) {
	const secret, body = "0123456789abcdef", `{"a":"1"}`
	sign := func(secret, stamp, body string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(stamp + "." + body))
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	p := newPost(t, []Form{{ID: "contact", HMACSecret: secret}})
	now, old := strconv.FormatInt(p.now.Unix(), 10), strconv.FormatInt(p.now.Unix()-301, 10)
	for name, tt := range map[string]struct {
		stamp, signature string
		status           int
	}{
		"good":           {now, sign(secret, now, body), 201},
		"none":           {"", "", 401},
		"old":            {old, sign(secret, old, body), 401},
		"another body":   {now, sign(secret, now, body+" "), 401},
		"another secret": {now, sign(secret+"x", now, body), 401},
		"another time":   {strconv.FormatInt(p.now.Unix()-1, 10), sign(secret, now, body), 401},
		"short":          {now, sign(secret, now, body)[:20], 401},
		"not hex":        {now, "sha256=zz", 401},
		"another hash":   {now, "sha1=" + sign(secret, now, body)[7:], 401},
	} {
		t.Run(name, func(t *testing.T) {
			if w := p.send(t, "contact", body, "Content-Type", "application/json", headerTimestamp, tt.stamp, headerSignature, tt.signature); w.Code != tt.status {
				t.Errorf("answered %d", w.Code)
			}
		})
	}
	p.only(t)
}
