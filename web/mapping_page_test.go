package web

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

const startMapping = "# ours\nscreen: # never\n  addresses: [lawyer@law.example] # the lawyer\n\n# who\npeople:\n  new: never\n"

func mappingFixture(t *testing.T, change ...func(*Config)) (*fixture, *realMapping) {
	t.Helper()
	m := &realMapping{}
	f := newFixture(t, append([]func(*Config){func(c *Config) { c.Mapping, m.dir = m, c.Store }}, change...)...)
	_, err := m.Save(t.Context(), "it@example.co.jp", startMapping, "start")
	must(t, err)
	return f, m
}

// draftIn is the document that stands in a page's form.
func draftIn(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<textarea[^>]* name="document"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(page)
	if m == nil {
		t.Fatal("there is no document on the page")
	}
	return html.UnescapeString(m[1])
}

// asScript posts as the editor's script does.
func (b *browser) asScript(t *testing.T, path string, fields ...string) (int, map[string]any) {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	code, body := b.send(t, req)
	var out map[string]any
	must(t, json.Unmarshal([]byte(body), &out))
	return code, out
}

func TestMappingIsEdited(t *testing.T) {
	f, m := mappingFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	code, page := b.get(t, "/mapping")
	if code != http.StatusOK || draftIn(t, page) != startMapping {
		t.Fatalf("%d %q", code, draftIn(t, page))
	}
	wantIn(t, page, "第<bdi>1</bdi>版が有効", `name="base" value="1"`, "お見積りの件")

	t.Run("mistakes are shown at their line", func(t *testing.T) {
		bad := startMapping + "match:\n  domian: true\n"
		code, got := b.asScript(t, "/mapping/check", "document", bad, "base", "1")
		problems, _ := got["problems"].([]any)
		if code != http.StatusOK || len(problems) != 1 {
			t.Fatalf("%d %v", code, got)
		}
		if p := problems[0].(map[string]any); p["line"] != 9.0 || p["column"] != 3.0 {
			t.Errorf("%v", p)
		}
		_, page := b.post(t, "/mapping/check", "document", bad, "base", "1")
		wantIn(t, page, `data-goto="9"`, "直すところがあります", "domian")
		if _, page = b.post(t, "/mapping/check", "document", startMapping, "base", "1"); !strings.Contains(page, "間違いはありません") {
			t.Error("a sound document is not called so")
		}
	})

	t.Run("a field is set without an expression", func(t *testing.T) {
		code, got := b.asScript(t, "/mapping/field", "document", startMapping, "base", "1", "kind", "email", "field", "activity.product", "do", "set",
			"default", "見積", "when_field", "mail.subject", "compare", "contains", "word", `お"見積`)
		document, _ := got["document"].(string)
		if code != http.StatusOK || !strings.HasPrefix(document, startMapping) {
			t.Fatalf("%d %v", code, got)
		}
		doc, problems := mapping.Parse([]byte(document))
		if rule := doc.Fields[crm.KindEmail].Activity["product"]; len(problems) > 0 || rule.Default != "見積" || !strings.Contains(rule.When, "fold(mail.subject)") {
			t.Errorf("%v %+v", problems, rule)
		}
		if line := int(got["line"].(float64)); !strings.Contains(strings.Split(document, "\n")[line-1], "product") {
			t.Errorf("line %d of %s", line, document)
		}
		_, page := b.post(t, "/mapping/try", "document", document, "base", "1", "sample", "")
		wantIn(t, page, `class="verdict logged"`)
		_, got = b.asScript(t, "/mapping/field", "document", document, "base", "1", "kind", "email", "field", "activity.product", "do", "remove")
		if out, _ := got["document"].(string); strings.Contains(out, "見積") {
			t.Errorf("the rule is still there: %s", out)
		}
		for name, fields := range map[string][]string{"no field": {"document", startMapping, "kind", "email"}, "no value": {"document", startMapping, "kind", "email", "field", "person.title"},
			"no YAML": {"document", "a: [", "kind", "email", "field", "person.title", "default", "x"}, "an anchor": {"document", "fields: &a {email: {person: {kana: x}}}\n", "kind", "email", "field", "person.title", "default", "x"}} {
			if code, got := b.asScript(t, "/mapping/field", append(fields, "base", "1", "do", "set")...); code != http.StatusUnprocessableEntity || got["problem"] == "" {
				t.Errorf("%s: %d %v", name, code, got)
			}
		}
	})

	t.Run("what is pasted is tried and bounded", func(t *testing.T) {
		_, page := b.post(t, "/mapping/try", "document", startMapping, "base", "1", "pasted", "From: lawyer@law.example\nTo: sato@example.co.jp\nSubject: x\n\nhello\n")
		wantIn(t, page, `class="verdict excluded"`)
		for name, text := range map[string]string{"nonsense": "hello", "too long": "From: a@b.example\n\n" + strings.Repeat("x", maxPasted)} {
			if _, page = b.post(t, "/mapping/try", "document", startMapping, "base", "1", "pasted", text); !strings.Contains(page, "貼り付けた内容を読めませんでした") {
				t.Errorf("%s is tried", name)
			}
		}
	})

	t.Run("a save over somebody else's is refused", func(t *testing.T) {
		other := f.signedIn(t, "it@example.co.jp")
		if code, page := other.post(t, "/mapping", "document", startMapping+"# theirs\n", "base", "1", "comment", "急ぎ"); code != http.StatusOK || !strings.Contains(page, "保存しました") {
			t.Fatalf("%d %s", code, page)
		}
		mine := startMapping + "# mine\n"
		code, page := b.post(t, "/mapping", "document", mine, "base", "1")
		if code != http.StatusConflict || draftIn(t, page) != mine || len(m.versions) != 2 {
			t.Fatalf("%d, %d versions", code, len(m.versions))
		}
		wantIn(t, page, "IT", "急ぎ", "まだ保存されていません")
		if code, _ := b.post(t, "/mapping", "document", "bad: true", "base", "2"); code != http.StatusUnprocessableEntity || len(m.versions) != 2 {
			t.Errorf("a bad document is saved: %d", code)
		}
		if code, _ := b.post(t, "/mapping", "document", mine, "base", "x"); code != http.StatusBadRequest {
			t.Errorf("a nonsense base: %d", code)
		}
	})

	t.Run("versions are compared and gone back to", func(t *testing.T) {
		_, page := b.get(t, "/mapping/versions")
		wantIn(t, page, "第1版", "第2版", "急ぎ", "約<bdi>10</bdi>件中")
		_, page = b.get(t, "/mapping/versions/2")
		wantIn(t, page, `class="plus"`, "# theirs")
		if code, _ := b.post(t, "/mapping/versions/1/rollback", "base", "1"); code != http.StatusConflict {
			t.Errorf("a stale roll-back: %d", code)
		}
		if code, page := b.post(t, "/mapping/versions/1/rollback", "base", "2"); code != http.StatusOK || !strings.Contains(page, "前の版に戻しました") {
			t.Errorf("%d", code)
		}
		if n := len(m.versions); n != 3 || m.versions[2].Document != startMapping || m.versions[2].Author != "suzuki@example.co.jp" || m.versions[2].Comment == "" {
			t.Errorf("versions %+v", m.versions)
		}
		for _, path := range []string{"/mapping/versions/9", "/mapping/versions/x", "/mapping/preview/none", "/rules/none"} {
			if code, _ := b.get(t, path); code != http.StatusNotFound {
				t.Errorf("%s: %d", path, code)
			}
		}
	})
}

func TestMappingIsTriedOnHistory(t *testing.T) {
	f, m := mappingFixture(t)
	m.wait = make(chan struct{})
	b, other := f.signedIn(t, "suzuki@example.co.jp"), f.signedIn(t, "it@example.co.jp")
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.post(t, "/mapping/preview", "document", startMapping, "base", "1", "comment", "理由")
	f.server.previews.mu.Lock()
	job := f.server.previews.jobs[0]
	f.server.previews.mu.Unlock()
	_, page := b.get(t, "/mapping/preview/"+job.id)
	wantIn(t, page, "data-poll", "約<bdi>10</bdi>件中<bdi>5</bdi>件", `value="理由"`)
	if code, _ := other.get(t, "/mapping/preview/"+job.id); code != http.StatusNotFound {
		t.Errorf("somebody else sees it: %d", code)
	}
	close(m.wait)
	<-job.done
	_, page = b.get(t, "/mapping/preview/"+job.id)
	wantIn(t, page, "<strong>1</strong>", "<strong>2</strong>", "<strong>3</strong>", "除外: ", "秘密")
	wantOut(t, page, "data-poll")
	if draftIn(t, page) != startMapping || len(m.versions) != 1 {
		t.Error("the draft is lost, or was saved")
	}
	if code, page := b.post(t, "/mapping/preview", "document", "bad: 1", "base", "1"); code != http.StatusUnprocessableEntity || !strings.Contains(page, `data-goto="1"`) {
		t.Errorf("a bad draft: %d", code)
	}
}

// TestMappingShowsNoHiddenWords has an admin under a policy that keeps mails to those who had them: neither the page nor an
// expression shows a word.
func TestMappingShowsNoHiddenWords(t *testing.T) {
	f, _ := mappingFixture(t, func(c *Config) {
		c.Access = func() crm.AccessPolicy { return crm.AccessPolicy{Bodies: crm.BodiesOwner} }
	})
	secret := f.deliver(t, "秘密の件")
	b, owner := f.signedIn(t, "suzuki@example.co.jp"), f.signedIn(t, "sato@example.co.jp")
	document := "fields: {email: {activity: {product: mail.text}}}\n"
	_, page := b.post(t, "/mapping/try", "document", document, "base", "1", "sample", secret.ID)
	wantIn(t, page, "閲覧の設定により表示できません")
	wantOut(t, page, "届きました。")
	if code, _ := owner.get(t, "/mapping"); code != http.StatusForbidden {
		t.Errorf("a rep opens the editor: %d", code)
	}
	_, page = b.post(t, "/mapping/preview", "document", startMapping, "base", "1")
	wantOut(t, page, "秘密</bdi>")
	wantIn(t, page, "例は表示しません")
}
