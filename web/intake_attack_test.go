package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// attack is one request of a stranger's, byte for byte.
type attack struct {
	name, raw string
	half      bool   // the stranger hangs up before the end
	outcome   string // "refused", "stored" (as it was sent) or "held" (in quarantine)
	value     string // of the field a, if it is stored; "" for any
}

const (
	refused = "refused"
	stored  = "stored"
	held    = "held"
)

func rawPost(path, kind, body string, headers ...string) string {
	return "POST " + path + " HTTP/1.1\r\nHost: crm.example\r\nContent-Type: " + kind + "\r\nContent-Length: " + fmt.Sprint(len(body)) + "\r\n" +
		strings.Join(append(headers, ""), "\r\n") + "\r\n" + body
}

const urlForm = "application/x-www-form-urlencoded"

// attacksOnValues are texts that mean something to others than us. They are kept as they are.
func attacksOnValues() (list []attack) {
	for name, value := range map[string]string{
		"script": "<script>alert(1)</script>", "closing": `"><script>alert(1)</script>`, "image": "<img src=x onerror=alert(1)>", "svg": "<svg/onload=alert(1)>",
		"template": "{{.}}{{template \"page\"}}", "link": "[a](javascript:alert(1))", "comment": "--><!--", "entity": "&lt;script&gt;&#x3c;", "formula": `=HYPERLINK("http://x","y")`,
		"attribute": `' autofocus onfocus=alert(1) x='`, "style": "</style><script>", "utf-7": "+ADw-script+AD4-",
		"or": "' OR '1'='1", "drop": "'; DROP TABLE leads;--", "union": "1 UNION SELECT * FROM users", "sleep": "1; SELECT pg_sleep(10)", "backslash": `\'; EXEC xp_cmdshell('dir')`,
		"mongo": `{"$gt":""}`, "ldap": "*)(uid=*))(|(uid=*", "shell": "$(reboot) `reboot` | reboot", "xxe": `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`,
		"log4j": "${jndi:ldap://x/a}", "path": "../../../../etc/passwd", "format": "%s%n%x", "header": "x\nSet-Cookie: a=b", "cel": "fields.a + string(1/0)",
	} {
		list = append(list, attack{"value " + name, rawPost("/forms/contact", urlForm, "a="+url.QueryEscape(value)), false, stored, value})
	}
	return list
}

// attacksOnReturn lead elsewhere, or into the header.
func attacksOnReturn() (list []attack) {
	for _, to := range []string{"//evil.example", `\\evil.example`, `/\evil.example`, "https://evil.example", "https://www.example.co.jp@evil.example/", "https://www.example.co.jp.evil.example/",
		"https://www。example。co。jp。evil.example/", "https://evil.example/https://www.example.co.jp/", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "\tjavascript:alert(1)", "data:text/html;base64,PHNjcmlwdD4=",
		"vbscript:x", "https://www.example.co.jp/thanks\r\nX-Injected: 1", "https://www.example.co.jp/thanks%0d%0aX-Injected:%201", "https://www.example.co.jp/thanks/../../evil", "https://www.example.co.jp:8443/thanks",
		"http://www.example.co.jp/thanks", "https:evil.example", "https:///evil.example", "https://[::1]/thanks", "https://www.example.co.jp%2eevil.example/thanks", "file:///etc/passwd", "https://www.example.co.jp\uff0fthanks"} {
		list = append(list, attack{"return " + to, rawPost("/forms/contact", urlForm, "a=1&retURL="+url.QueryEscape(to)), false, stored, "1"})
	}
	return list
}

func attacksOnPaths() (list []attack) {
	for _, path := range []string{"/forms/../contact", "/forms/..%2f..%2fetc%2fpasswd", "/forms/%2e%2e/contact", "/forms/contact%00", "/forms/contact/", "/forms/", "/forms/contact%2f..%2fcontact",
		"/forms/CONTACT", "//forms/contact", "/forms/contact;x=1", "/forms/" + strings.Repeat("a", 8000), "/forms/%ff%fe", "/forms/contact/quarantine/0123", "/forms/%e3%80%80contact"} {
		list = append(list, attack{"path " + path[:min(len(path), 40)], rawPost(path, urlForm, "a=1"), false, refused, ""})
	}
	return list
}

func attacksOnSize() []attack {
	big := strings.Repeat("x", maxBody+1)
	head := "POST /forms/contact HTTP/1.1\r\nHost: crm.example\r\nContent-Type: " + urlForm + "\r\n"
	return []attack{
		{"size said and sent", rawPost("/forms/contact", urlForm, "a="+big), false, refused, ""},
		{"size said, nothing sent", head + "Content-Length: 999999999999\r\n\r\n", false, refused, ""},
		{"size beyond numbers", head + "Content-Length: 99999999999999999999\r\n\r\na=1", false, refused, ""},
		{"size below nothing", head + "Content-Length: -1\r\n\r\na=1", false, refused, ""},
		{"size said twice", head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\na=1", false, refused, ""},
		{"size more than sent", head + "Content-Length: 100\r\n\r\na=1", true, refused, ""},
		{"size less than sent", head + "Content-Length: 3\r\n\r\na=1&b=2GARBAGE\r\n\r\n", false, stored, "1"},
		{"size and chunks", head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n", false, stored, "1"},
		{"chunks beyond the limit", head + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\na=", len(big)+2) + big + "\r\n0\r\n\r\n", false, refused, ""},
		{"chunks of one byte", head + "Transfer-Encoding: chunked\r\n\r\n" + "1\r\na\r\n1\r\n=\r\n1\r\n1\r\n0\r\n\r\n", false, stored, "1"},
		{"chunks with a broken size", head + "Transfer-Encoding: chunked\r\n\r\nzz\r\na=1\r\n0\r\n\r\n", false, refused, ""},
		{"chunks cut off", head + "Transfer-Encoding: chunked\r\n\r\n64\r\na=1", true, refused, ""},
		{"coding unknown", head + "Transfer-Encoding: gzip\r\n\r\na=1", false, refused, ""},
		{"gzip", rawPost("/forms/contact", urlForm, "\x1f\x8b\x08", "Content-Encoding: gzip"), false, refused, ""},
		{"header too large", rawPost("/forms/contact", urlForm, "a=1", "X-Big: "+strings.Repeat("x", 200<<10)), false, refused, ""},
		{"value too long", rawPost("/forms/contact", urlForm, "a="+big[:maxFieldValue+1]), false, refused, ""},
		{"too many fields", rawPost("/forms/contact", urlForm, strings.Repeat("a=&", maxFields+1)), false, refused, ""},
		{"separators only", rawPost("/forms/contact", urlForm, strings.Repeat("&", maxBody)), false, refused, ""},
		{"head cut off", "POST /forms/contact HTTP/1.1\r\nHost: crm.exa", true, refused, ""},
	}
}

func attacksOnParsers() []attack {
	const json, multi = "application/json", "multipart/form-data; boundary=b"
	part := func(head, body string) string {
		return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + body + "\r\n"
	}
	colliding := ""
	for i := range maxFields - 1 {
		colliding += fmt.Sprintf("%s=1&", strings.NewReplacer("0", "Aa", "1", "BB").Replace(fmt.Sprintf("%09b", i)))
	}
	return []attack{
		{"JSON deep list", rawPost("/forms/contact", json, `{"a":`+strings.Repeat("[", 500_000)), false, refused, ""},
		{"JSON deep object", rawPost("/forms/contact", json, strings.Repeat(`{"a":`, 150_000)), false, refused, ""},
		{"JSON deep fields", rawPost("/forms/contact", json, strings.Repeat(`{"fields":`, 90_000)), false, refused, ""},
		{"JSON long number", rawPost("/forms/contact", json, `{"a":`+strings.Repeat("9", 60_000)+`}`), false, stored, ""},
		{"JSON endless number", rawPost("/forms/contact", json, `{"a":`+strings.Repeat("9", 900_000)+`}`), false, refused, ""},
		{"JSON prototype", rawPost("/forms/contact", json, `{"__proto__":{"admin":true},"a":"1"}`), false, refused, ""},
		{"JSON state", rawPost("/forms/contact", json, `{"a":"1","state":"released","id":"x","reason":"","form":"other","version":"9"}`), false, stored, "1"},
		{"JSON NaN", rawPost("/forms/contact", json, `{"a":NaN}`), false, refused, ""},
		{"JSON comment", rawPost("/forms/contact", json, `{"a":"1"/*x*/}`), false, refused, ""},
		{"JSON NUL", rawPost("/forms/contact", json, `{"a":"\u0000x"}`), false, held, "\ufffdx"},
		{"JSON half a surrogate", rawPost("/forms/contact", json, `{"a":"\udfff"}`), false, stored, "\ufffd"},
		{"JSON many values", rawPost("/forms/contact", json, `{"a":[`+strings.Repeat("1,", maxFields)+`1]}`), false, refused, ""},
		{"multipart without end", rawPost("/forms/contact", multi, part("name=a", "1")), false, refused, ""},
		{"multipart of many parts", rawPost("/forms/contact", multi, strings.Repeat(part("name=a", ""), 15_000)+"--b--"), false, refused, ""},
		{"multipart of many boundaries", rawPost("/forms/contact", multi, strings.Repeat("--b\r\n", 100_000)+"--b--"), false, refused, ""},
		{"multipart of many headers", rawPost("/forms/contact", multi, "--b\r\n"+strings.Repeat("X-A: b\r\n", 60_000)+"Content-Disposition: form-data; name=a\r\n\r\n1\r\n--b--"), false, refused, ""},
		{"multipart with an endless boundary", rawPost("/forms/contact", "multipart/form-data; boundary="+strings.Repeat("b", 5000), "x"), false, refused, ""},
		{"multipart in multipart", rawPost("/forms/contact", multi, "--b\r\nContent-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\nx\r\n--c--\r\n--b--"), false, stored, "--c\n\nx\n--c--"},
		{"file that climbs", rawPost("/forms/contact", multi, part(`name=a; filename="../../etc/passwd"`, "root")+"--b--"), false, stored, "passwd (4 bytes)"},
		{"file that climbs backwards", rawPost("/forms/contact", multi, part(`name=a; filename="..\..\boot.ini"`, "x")+"--b--"), false, stored, "boot.ini (1 bytes)"},
		{"file with a NUL", rawPost("/forms/contact", multi, part("name=a; filename*=UTF-8''a%00.pdf", "x")+"--b--"), false, held, "a\ufffd.pdf (1 bytes)"},
		{"file with a program", rawPost("/forms/contact", multi, part(`name=a; filename="x.exe"`, "MZ\x00\x01")+"--b--"), false, stored, "x.exe (4 bytes)"},
		{"names that collide", rawPost("/forms/contact", urlForm, colliding+"a=1"), false, stored, "1"},
		{"names that repeat", rawPost("/forms/contact", urlForm, strings.Repeat("a=1&", maxFields)), false, stored, "1"},
		{"XML", rawPost("/forms/contact", "application/xml", `<!DOCTYPE a [<!ENTITY b "&b;&b;">]><a>&b;</a>`), false, refused, ""},
	}
}

func attacksOnEncodings() (list []attack) {
	for name, tt := range map[string][3]string{
		"NUL":                    {"a=x%00y", held, "x\ufffdy"},
		"escape":                 {"a=%1B%5B31m", held, "\ufffd[31m"},
		"overlong slash":         {"a=%C0%AF%C0%AE", stored, "ﾀｯﾀｮ"}, // which is katakana and no slash
		"overlong NUL":           {"a=%C0%80", held, ""},
		"surrogate in UTF-8":     {"a=%ED%A0%80", held, ""},
		"beyond Unicode":         {"a=%F5%90%80%80", held, ""},
		"direction":              {"a=%E2%80%AEfdp.exe", held, "\ufffdfdp.exe"},
		"isolate in a name":      {"a=1&%E2%81%A6b=2", held, "1"},
		"mark of order":          {"a=%EF%BB%BF1", stored, "\ufeff1"},
		"UTF-16 said":            {"_charset_=utf-16le&a=%E7%94%B0", stored, "田"},
		"replacement said":       {"_charset_=iso-2022-kr&a=%E7%94%B0", stored, "田"},
		"unknown said":           {"_charset_=" + strings.Repeat("x", 5000) + "&a=1", stored, "1"},
		"reference to a control": {"a=%93c%26%230%3B%26%2327%3B", stored, "田&#0;&#27;"},
	} {
		list = append(list, attack{"encoding " + name, rawPost("/forms/contact", urlForm, tt[0]), false, tt[1], tt[2]})
	}
	return list
}

func attacksOnUs() []attack {
	spam := strings.Repeat("Buy now https://spam.example/x ", 20)
	return []attack{
		{"spam of links", rawPost("/forms/contact", urlForm, "a="+url.QueryEscape(spam)), false, held, spam},
		{"spam in BBCode", rawPost("/forms/contact", urlForm, "a="+url.QueryEscape(strings.Repeat("[url=spam]x[/url]", 9))), false, held, ""},
		{"every field filled in", rawPost("/forms/contact", urlForm, "a=1&tsunagu_website=x"), false, held, "1"},
		{"token made up", rawPost("/forms/contact", urlForm, "a=1&_token=zik0zj.00000000000000000000000000000000"), false, held, "1"},
		{"token of nonsense", rawPost("/forms/contact", urlForm, "a=1&_token=%00%ff."), false, held, ""},
		{"response id with a line break", rawPost("/forms/contact", urlForm, "a=1&_response_id=a%0d%0ab"), false, refused, ""},
		{"response id too long", rawPost("/forms/contact", urlForm, "a=1&_response_id="+strings.Repeat("a", 300)), false, refused, ""},
		{"language with a line break", rawPost("/forms/contact", urlForm, "a=1&_lang=en%0d%0aX-Injected:1"), false, stored, "1"},
		{"query with a language of its own", rawPost("/forms/contact?lang=%0d%0aX", urlForm, "a=1"), false, stored, "1"},
		{"origin of a stranger's script", rawPost("/forms/contact", urlForm, "a=1", "Origin: https://evil.example", "Sec-Fetch-Mode: cors"), false, refused, ""},
		{"address made up", rawPost("/forms/contact", urlForm, "a=1", "X-Forwarded-For: '\"><script>, 999.1.1.1"), false, stored, "1"},
		{"referrer of a script", rawPost("/forms/contact", urlForm, "a=1", "Referer: javascript:alert(document.cookie)"), false, stored, "1"},
		{"language header of nonsense", rawPost("/forms/contact", "text/plain", "a=1", "Accept-Language: "+strings.Repeat("a-b,", 2000)), false, refused, ""},
		{"method made up", "EVIL /forms/contact HTTP/1.1\r\nHost: crm.example\r\n\r\n", false, refused, ""},
		{"no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", false, refused, ""},
		{"host with a line break", "POST /forms/contact HTTP/1.1\r\nHost: a\r\n b\r\nContent-Length: 3\r\n\r\na=1", false, refused, ""},
		{"secret form without signature", rawPost("/forms/signed", urlForm, "a=1"), false, refused, ""},
	}
}

func TestIntakeAttacks(t *testing.T) {
	p := newPost(t, []Form{{ID: "contact", PerMinute: fast, ReturnURLs: []string{"https://www.example.co.jp/thanks"}}, {ID: "signed", HMACSecret: "0123456789abcdef"}})
	ts := httptest.NewUnstartedServer(p.server.Handler())
	ts.Config.MaxHeaderBytes = 64 << 10 // as the daemon's
	ts.Config.ReadHeaderTimeout = 10 * time.Second
	ts.Start()
	defer ts.Close()
	address := ts.Listener.Addr().String()

	// Strangers who send nothing more hold their connections all the while.
	for i := range 20 {
		slow := dial(t, address)
		defer slow.Close()
		fmt.Fprintf(slow, "POST /forms/contact HTTP/1.1\r\nHost: crm.example\r\n%s", []string{"X-A: b\r\n", "Content-Length: 100\r\n\r\na="}[i%2])
	}
	n := 0
	for _, set := range [][]attack{attacksOnValues(), attacksOnReturn(), attacksOnPaths(), attacksOnSize(), attacksOnParsers(), attacksOnEncodings(), attacksOnUs()} {
		for _, a := range set {
			n++
			t.Run(a.name, func(t *testing.T) { p.suffer(t, address, a) })
		}
	}
	if n < 100 {
		t.Errorf("only %d attacks", n)
	}
	good := attack{"", rawPost("/forms/contact", urlForm, "a=hello&retURL=https%3A%2F%2Fwww.example.co.jp%2Fthanks"), false, stored, "hello"}
	head, _ := exchange(t, address, good)
	if !strings.Contains(head, "Location: https://www.example.co.jp/thanks\r\n") {
		t.Errorf("afterwards it answers %s", head)
	}
}

// TestIntakeSlowLoris has a stranger send a body that does not end.
func TestIntakeSlowLoris(t *testing.T) {
	p := newPost(t, []Form{{ID: "contact"}})
	p.server.intake.reading = 50 * time.Millisecond
	ts := httptest.NewServer(p.server.Handler())
	defer ts.Close()
	head, _ := exchange(t, ts.Listener.Addr().String(), attack{raw: strings.Replace(rawPost("/forms/contact", urlForm, "a=1"), "Length: 3", "Length: 100", 1)})
	if !strings.HasPrefix(head, "HTTP/1.1 408") || !strings.Contains(head, "Connection: close") {
		t.Errorf("answered %s", head)
	}
	if n := len(p.queue.all()); n != 0 {
		t.Errorf("%d are stored", n)
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

// exchange sends an attack and returns the head and the body of the answer, if there is one.
func exchange(t *testing.T, address string, a attack) (head, body string) {
	t.Helper()
	conn := dial(t, address)
	defer conn.Close()
	go func() { // the server may answer and hang up before it has read all
		_, _ = io.WriteString(conn, a.raw)
		if tcp, ok := conn.(*net.TCPConn); ok && a.half {
			_ = tcp.CloseWrite()
		}
	}()
	var seen bytes.Buffer
	response, err := http.ReadResponse(bufio.NewReader(io.TeeReader(conn, &seen)), nil)
	if err != nil {
		return "", ""
	}
	raw, _ := io.ReadAll(response.Body)
	head, _, _ = strings.Cut(seen.String(), "\r\n\r\n")
	return head + "\r\n", string(raw)
}

// suffer makes an attack and looks at the answer and at what is stored.
func (p *post) suffer(t *testing.T, address string, a attack) {
	p.queue.mu.Lock()
	clear(p.queue.byID)
	p.queue.mu.Unlock()
	head, body := exchange(t, address, a)
	for _, bad := range []string{"<script", "onerror", "evil.example", "alert("} {
		if strings.Contains(head+strings.ReplaceAll(body, `<script src="/static/`, ""), bad) {
			t.Errorf("%s is in the answer\n%s\n%s", bad, head, body)
		}
	}
	if strings.Contains(head, "\r\nX-Injected") || strings.Contains(head, "\r\nSet-Cookie") || strings.HasPrefix(head, "HTTP/1.1 500") {
		t.Errorf("answered %s", head)
	}
	all := p.queue.all()
	if a.outcome == refused {
		if len(all) != 0 || strings.HasPrefix(head, "HTTP/1.1 2") || strings.HasPrefix(head, "HTTP/1.1 303") && !strings.Contains(head, "Location: /signin") {
			t.Errorf("%d are stored, answered %s", len(all), head)
		}
		return
	}
	if !strings.HasPrefix(head, "HTTP/1.1 303") && !strings.HasPrefix(head, "HTTP/1.1 201") {
		t.Errorf("answered %s", head)
	}
	if at := strings.Index(head, "Location: "); at >= 0 && !strings.HasPrefix(head[at:], "Location: /forms/contact/thanks\r\n") {
		t.Errorf("leads to %s", head[at:])
	}
	if len(all) != 1 {
		t.Fatalf("%d are stored", len(all))
	}
	p.checkStored(t, all[0], a)
}

func (p *post) checkStored(t *testing.T, s crm.Submission, a attack) {
	t.Helper()
	if (s.State == crm.SubmissionQuarantined) != (a.outcome == held) || s.Form != "contact" || s.Version != 1 || !s.At.Equal(p.now) {
		t.Errorf("stored %+v", s)
	}
	got := ""
	for _, f := range s.Fields {
		for _, text := range append(f.Values, f.Name, s.Touch.Landing) {
			if !utf8.ValidString(text) || strings.ContainsFunc(text, func(c rune) bool { return c != '\n' && c != '\t' && hidden(c) }) {
				t.Errorf("stored %q", text)
			}
		}
		if f.Name == "a" {
			got = f.Values[0]
		}
	}
	if a.value != "" && got != a.value {
		t.Errorf("stored %q instead of %q", got, a.value)
	}
}
