package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestReturnTo(t *testing.T) {
	f := &Form{ReturnURLs: []string{"https://www.example.co.jp/thanks", "http://shop.example:8080/", "https://xn--wgv71a.example/ok/"}}
	for raw, want := range map[string]string{
		"https://www.example.co.jp/thanks":              "https://www.example.co.jp/thanks",
		" https://WWW.example.co.jp:443/thanks/a?b=c#d": "https://www.example.co.jp/thanks/a?b=c#d",
		"https://www.example.co.jp/thanks/見":            "https://www.example.co.jp/thanks/%E8%A6%8B",
		"http://shop.example:8080":                      "http://shop.example:8080/",
		"https://xn--wgv71a.example/ok":                 "https://xn--wgv71a.example/ok",
		"https://xn--wgv71a.example/ok/a":               "https://xn--wgv71a.example/ok/a",

		"":                                  "",
		"/thanks":                           "",
		"http://www.example.co.jp/thanks":   "",
		"https://www.example.co.jp/":        "",
		"https://www.example.co.jp/thanksx": "",
		"https://www.example.co.jp/thanks/../evil":                              "",
		"https://www.example.co.jp/thanks/%2e%2E/evil":                          "",
		"https://www.example.co.jp/thanks%2F..%2Fevil":                          "",
		"https://www.example.co.jp/thanks%5c..%5cevil":                          "",
		"https://www.example.co.jp:444/thanks":                                  "",
		"https://www.example.co.jp@evil.example/thanks":                         "",
		"https://user:pw@www.example.co.jp/thanks":                              "",
		"https://@www.example.co.jp/thanks":                                     "",
		"https://www.example.co.jp.evil.example/thanks":                         "",
		"https://evil.example/www.example.co.jp/thanks":                         "",
		"https://www。example。co。jp/thanks":                                      "",
		"https://www.example.co.jp\uff0fthanks":                                 "",
		"https://\u212awww.example.co.jp/thanks":                                "",
		"//www.example.co.jp/thanks":                                            "",
		"//evil.example":                                                        "",
		`\\evil.example`:                                                        "",
		`https:\\www.example.co.jp\thanks`:                                      "",
		`https://www.example.co.jp\@evil.example/thanks`:                        "",
		"https:/www.example.co.jp/thanks":                                       "",
		"https:www.example.co.jp/thanks":                                        "",
		"javascript:alert(1)//https://www.example.co.jp/thanks":                 "",
		"data:text/html,x":                                                      "",
		"https://www.example.co.jp/thanks\r\nSet-Cookie: a=b":                   "",
		"https://www.example.co.jp/tha\tnks":                                    "",
		"https://www.example.co.jp/thanks%0d%0aSet-Cookie:a=b":                  "",
		"https://www.example.co.jp/thanks/" + strings.Repeat("a", maxReturnURL): "",
	} {
		if got := returnTo(f, raw); got != want {
			t.Errorf("%q: %q instead of %q", raw, got, want)
		}
	}
}

func TestRates(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	one, two := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	take := func(b *rateBook, f *Form, from netip.Addr, n int, at time.Time) (passed int, wait time.Duration) {
		for range n {
			if d := b.exceeded(f, from, at); d > 0 {
				wait = d
			} else {
				passed++
			}
		}
		return passed, wait
	}
	f := &Form{ID: "contact", PerMinute: 60, PerAddress: 20}
	t.Run("an address", func(t *testing.T) {
		b := newRateBook()
		if n, wait := take(b, f, one, 100, at); n != 11 || wait != 3*time.Second {
			t.Errorf("%d at once, wait %s", n, wait)
		}
		if n, _ := take(b, f, two, 1, at); n != 1 {
			t.Error("another address has to wait")
		}
		if n, _ := take(b, f, one, 100, at.Add(3*time.Second)); n != 1 {
			t.Errorf("%d after the wait", n)
		}
		passed := 0
		for s := range 600 {
			n, _ := take(b, f, one, 5, at.Add(time.Minute+time.Duration(s)*time.Second))
			passed += n
		}
		if passed < 200 || passed > 212 {
			t.Errorf("%d in ten minutes", passed)
		}
	})
	t.Run("the form", func(t *testing.T) {
		b := newRateBook()
		passed := 0
		for i := range 100 {
			n, _ := take(b, f, netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}), 1, at)
			passed += n
		}
		if passed != 31 {
			t.Errorf("%d at once", passed)
		}
		if n, _ := take(b, &Form{ID: "other", PerMinute: 60}, one, 1, at); n != 1 {
			t.Error("another form has to wait")
		}
	})
	t.Run("one network of IPv6 is one address", func(t *testing.T) {
		b := newRateBook()
		take(b, f, netip.MustParseAddr("2001:db8::1"), 100, at)
		if n, _ := take(b, f, netip.MustParseAddr("2001:db8::2%eth0"), 1, at); n != 0 {
			t.Error("it passed")
		}
		if n, _ := take(b, f, netip.MustParseAddr("2001:db8:0:1::2"), 1, at); n != 1 {
			t.Error("another network has to wait")
		}
	})
	t.Run("the book has a bound, and turning a page forgets nothing young", func(t *testing.T) {
		b := newRateBook()
		wide := &Form{ID: "contact", PerMinute: fast, PerAddress: 20}
		take(b, wide, one, 100, at)
		for i := range maxRates - 1 {
			take(b, wide, netip.AddrFrom4([4]byte{11, byte(i >> 16), byte(i >> 8), byte(i)}), 1, at)
		}
		if n, _ := take(b, wide, one, 1, at); n != 0 {
			t.Error("a page turned, and what was counted is forgotten")
		}
		for i := range 3 * maxRates {
			take(b, wide, netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1, at)
		}
		if n := len(b.young) + len(b.old); n > 2*maxRates+2 {
			t.Errorf("%d counters", n)
		}
	})
}

func TestIntakeRate(t *testing.T) {
	p := newPost(t, []Form{{ID: "contact", PerMinute: 60, PerAddress: 2}, {ID: "signed", PerMinute: 60, HMACSecret: "x"}},
		func(c *Config) { c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} }) // httptest's peer
	var codes []int
	for _, from := range []string{"198.51.100.1", "198.51.100.1", "198.51.100.1", "198.51.100.2"} {
		w := p.send(t, "contact", "a=1", "X-Forwarded-For", "203.0.113.9, "+from, "Accept", "application/json")
		codes = append(codes, w.Code)
		if w.Code == 429 && w.Header().Get("Retry-After") != "30" {
			t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
		}
	}
	if codes[0] != 201 || codes[1] != 201 || codes[2] != 429 || codes[3] != 201 {
		t.Errorf("answered %v", codes)
	}
	for range 20 {
		if w := p.send(t, "signed", "a=1"); w.Code != 401 {
			t.Fatalf("the program that passes submissions on was answered %d", w.Code)
		}
	}
}

func TestIntakeOrigins(t *testing.T) {
	p := newPost(t, []Form{{ID: "contact", Origins: []string{"https://www.example.co.jp"}}}, func(c *Config) { c.PublicURL = "https://crm.example.co.jp" })
	for name, tt := range map[string]struct {
		origin, mode, kind string
		status             int
		allow              string
	}{
		"no script":                    {"", "", "", 303, ""},
		"an HTML form elsewhere":       {"https://blog.example", "navigate", "", 303, ""},
		"a saved page":                 {"null", "navigate", "", 303, ""},
		"a script of the site":         {"https://www.example.co.jp", "cors", "", 201, "https://www.example.co.jp"},
		"JSON of the site":             {"https://www.example.co.jp", "", "application/json", 201, "https://www.example.co.jp"},
		"a script of ours":             {"https://crm.example.co.jp", "cors", "", 201, "https://crm.example.co.jp"},
		"a script elsewhere":           {"https://evil.example", "cors", "", 403, ""},
		"JSON elsewhere":               {"https://evil.example", "", "application/json", 403, ""},
		"a script that does not read":  {"https://blog.example", "no-cors", "", 303, ""},
		"a script of a site like ours": {"https://www.example.co.jp.evil.example", "cors", "", 403, ""},
		"another port":                 {"https://www.example.co.jp:8443", "cors", "", 403, ""},
		"a script without origin":      {"null", "cors", "", 403, ""},
	} {
		t.Run(name, func(t *testing.T) {
			body, kind := "a=1", "application/x-www-form-urlencoded"
			if tt.kind != "" {
				body, kind = `{"a":"1"}`, tt.kind
			}
			w := p.send(t, "contact", body, "Content-Type", kind, "Origin", tt.origin, "Sec-Fetch-Mode", tt.mode, "Sec-Fetch-Site", "cross-site")
			if w.Code != tt.status || w.Header().Get("Access-Control-Allow-Origin") != tt.allow {
				t.Errorf("answered %d, allows %q", w.Code, w.Header().Get("Access-Control-Allow-Origin"))
			}
			if tt.origin == "" {
				return
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/forms/contact", nil)
			r.Header.Set("Origin", tt.origin)
			r.Header.Set("Access-Control-Request-Method", "POST")
			pre := httptest.NewRecorder()
			p.server.Handler().ServeHTTP(pre, r)
			if got := pre.Header().Get("Access-Control-Allow-Origin"); got != tt.allow || (pre.Code == 204) != (tt.allow != "") {
				t.Errorf("asked before: %d, allows %q", pre.Code, got)
			}
		})
	}
	if w := p.send(t, "contact/test", "a=1", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("only the form itself may be posted to from elsewhere: %d", w.Code)
	}
}

func TestIntakeCaptcha(t *testing.T) {
	for name, tt := range map[string]struct {
		provider, token, answer string
		status                  int
		want                    string
		asked                   int32
	}{
		"solved":                {"turnstile", "good", `{"success":true}`, 200, "", 1},
		"not solved":            {"turnstile", "bad", `{"success":false,"error-codes":["invalid-input-response"]}`, 200, suspectCaptcha, 1},
		"no answer to it":       {"hcaptcha", "", `{"success":true}`, 200, suspectCaptcha, 0},
		"too long an answer":    {"hcaptcha", strings.Repeat("x", captchaToken+1), `{"success":true}`, 200, suspectCaptcha, 0},
		"score of a person":     {"recaptcha", "good", `{"success":true,"score":0.9}`, 200, "", 1},
		"score of a program":    {"recaptcha", "good", `{"success":true,"score":0.1}`, 200, suspectCaptcha, 1},
		"hCaptcha's score":      {"hcaptcha", "good", `{"success":true,"score":0.1}`, 200, "", 1},
		"outage":                {"turnstile", "good", `{"success":true}`, 503, suspectOutage, 1},
		"redirect":              {"turnstile", "good", `{"success":true}`, 302, suspectOutage, 1},
		"nonsense":              {"turnstile", "good", `<html>`, 200, suspectOutage, 1},
		"says nothing":          {"turnstile", "good", `{}`, 200, suspectOutage, 1},
		"our secret is wrong":   {"turnstile", "good", `{"success":false,"error-codes":["invalid-input-secret"]}`, 200, suspectOutage, 1},
		"an answer without end": {"turnstile", "good", `{"x":"` + strings.Repeat("x", 2*captchaAnswer) + `","success":true}`, 200, suspectOutage, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			var got url.Values
			verify := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				_ = r.ParseForm()
				got = r.PostForm
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.answer))
			}))
			defer verify.Close()
			p := newPost(t, []Form{{ID: "contact", Captcha: Captcha{Provider: tt.provider, Secret: "s3cret", VerifyURL: verify.URL}}})
			body := "a=1&" + captchaField(tt.provider) + "=" + tt.token
			if w := p.send(t, "contact", body); w.Code != http.StatusSeeOther {
				t.Errorf("answered %d", w.Code)
			}
			s := p.only(t)
			if s.Reason != tt.want || asked.Load() != tt.asked || len(s.Fields) != 1 {
				t.Errorf("reason %q, asked %d times, fields %v", s.Reason, asked.Load(), s.Fields)
			}
			if tt.asked > 0 && (got.Get("secret") != "s3cret" || got.Get("response") != tt.token || got.Get("remoteip") != "192.0.2.1") {
				t.Errorf("asked %v", got)
			}
		})
	}
	t.Run("nobody answers", func(t *testing.T) {
		p := newPost(t, []Form{{ID: "contact", Captcha: Captcha{Provider: "turnstile", VerifyURL: "http://127.0.0.1:1/"}}})
		p.send(t, "contact", "a=1&cf-turnstile-response=x")
		if s := p.only(t); s.Reason != suspectOutage || s.State != crm.SubmissionQuarantined {
			t.Errorf("%+v", s)
		}
	})
}
