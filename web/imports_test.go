package web

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/importing"
)

// uploadFile sends a file from a page and gives where it led to.
func uploadFile(t *testing.T, b *browser, name, content string) (code int, path, page string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	must(t, err)
	_, _ = io.WriteString(part, content)
	must(t, form.Close())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+"/imports", &body)
	must(t, err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := b.Do(req)
	must(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	return res.StatusCode, res.Request.URL.Path, string(raw)
}

// worked waits until nothing is worked on any more, and gives the page.
func (f *fixture) worked(t *testing.T, b *browser, path string) string {
	t.Helper()
	f.server.desk.group.Wait()
	code, page := b.get(t, path)
	if code != http.StatusOK {
		t.Fatalf("%s: %d", path, code)
	}
	return page
}

func TestImportInTheBrowser(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	_, page := b.get(t, "/imports")
	wantIn(t, page, "取り込みはまだありません", `enctype="multipart/form-data"`)
	file := "会社名,氏名,メールアドレス,メモ\n" +
		"南商店,高橋 みなみ,takahashi@other.example,x\n" + // the lead who is there, with another address
		"青葉フーズ,新井 光,arai@aoba.example,y\n" +
		"青葉フーズ,=CMD(),nothing,z\n" +
		"青葉フーズ,\u202enam <script>alert(1)</script>,n@aoba.example,z\n"
	code, path, _ := uploadFile(t, b, `C:\tmp\名簿.csv`, file)
	if code != http.StatusOK || !regexp.MustCompile(`^/imports/[0-9a-f-]+$`).MatchString(path) {
		t.Fatalf("%d at %s", code, path)
	}
	page = f.worked(t, b, path)
	wantIn(t, page, "名簿.csv", "高橋 みなみ / 新井 光", `<option value="company" selected>会社名`, "行ごとに自分で判断する")
	wantOut(t, page, "<script>alert", `C:\tmp`)
	if code, _ = b.post(t, path+"/columns", "kind", "leads", "c0", "name", "c1", "name"); code != http.StatusBadRequest {
		t.Errorf("two columns for one field: %d", code)
	}
	if code, _ = b.post(t, path+"/columns", "kind", "robots"); code != http.StatusBadRequest {
		t.Errorf("a kind that there is not: %d", code)
	}
	b.post(t, path+"/columns", "kind", "leads", "duplicates", "ask", "c0", "company", "c1", "name", "c2", "address", "c3", "")
	page = f.worked(t, b, path)
	wantIn(t, page, "まだ何も書き込まれていません", "nothing</bdi> はメールアドレスではありません", "氏名と会社が同じ", `name="row2"`, "判断していない1行は取り込まれません", path+"/left.csv")
	if n, _ := f.store.CountPeople(t.Context()); n != 4 {
		t.Errorf("%d people before the import", n)
	}
	_, csv := b.get(t, path+"/left.csv")
	wantIn(t, csv, "会社名,氏名,メールアドレス,メモ,行,列,理由", "'=CMD()", "メールアドレスではありません", "判断されるまで")
	lead := crm.DerivedID("person", "lead")
	if code, _ = b.post(t, path+"/decide", "row2", "0123"); code != http.StatusBadRequest {
		t.Errorf("somebody who is no candidate: %d", code)
	}
	_, page = b.post(t, path+"/decide", "row2", lead)
	wantIn(t, page, "選択を保存しました", `value="`+lead+`" checked`)
	b.post(t, path+"/run")
	page = f.worked(t, b, path)
	wantIn(t, page, "取り込みが完了しました")
	p, err := f.store.GetPerson(t.Context(), lead)
	if must(t, err); len(p.Emails) != 2 {
		t.Errorf("the one who was chosen has %v", p.Emails)
	}
	if n, _ := f.store.CountPeople(t.Context()); n != 6 {
		t.Errorf("%d people after the import", n)
	}
	if code, _ = b.post(t, path+"/run"); code != http.StatusConflict {
		t.Errorf("imported twice: %d", code)
	}
	if _, err := f.server.desk.sheet(strings.TrimPrefix(path, "/imports/")); err == nil {
		t.Error("the file is still there")
	}
	_, page = b.get(t, "/imports?lang=en")
	wantIn(t, page, "名簿.csv", "Done", "4 rows")
	b.post(t, path+"/delete")
	if code, _ = b.get(t, path); code != http.StatusNotFound {
		t.Errorf("after it was removed: %d", code)
	}
}

func TestImportsThatFail(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	_, path, _ := uploadFile(t, b, "x.csv", "PK\x03\x04 no book")
	wantIn(t, f.worked(t, b, path), "ブックが壊れているか", "保存し直してください")
	_, path, _ = uploadFile(t, b, "y.csv", "a,b\n1,2\n")
	f.worked(t, b, path)
	b.post(t, path+"/columns", "kind", "leads", "c0", "", "c1", "")
	wantIn(t, f.worked(t, b, path+"?lang=en"), "No column holds a name or an address.", `name="c0"`)
	code, _, page := uploadFile(t, b, "z.csv", "")
	if code != http.StatusBadRequest {
		t.Errorf("an empty file: %d", code)
	}
	wantIn(t, page, `role="alert"`, f.server.speakers["ja"].text("imports.no_file"), `action="/imports"`)
	for _, id := range []string{"0123", "..%2f..%2fetc", "%2e%2e"} {
		if code, _ := b.get(t, "/imports/"+id); code != http.StatusNotFound {
			t.Errorf("%s: %d", id, code)
		}
	}
	if code, _ := f.signedIn(t, "sato@example.co.jp").get(t, path); code != http.StatusForbidden {
		t.Errorf("a rep: %d", code)
	}
}

func TestImportsGrowOld(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	_, path, _ := uploadFile(t, b, "x.csv", "氏名,会社名\n一,A\n")
	f.worked(t, b, path)
	id := strings.TrimPrefix(path, "/imports/")
	list, err := f.server.desk.list(f.now.Add(importWaits * 2))
	if must(t, err); len(list) != 1 || list[0].Phase != importGone || list[0].Columns != nil {
		t.Errorf("%+v", list)
	}
	if _, err := f.server.desk.sheet(id); err == nil {
		t.Error("the file is still there")
	}
	if list, err = f.server.desk.list(f.now.Add(2 * importHistory)); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
}

// TestImportsStop looks at an import that was being written when the server ended.
func TestImportsStop(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	_, path, _ := uploadFile(t, b, "x.csv", "氏名,会社名\n一,A\n")
	f.worked(t, b, path)
	st, err := f.server.desk.load(strings.TrimPrefix(path, "/imports/"))
	must(t, err)
	st.Phase = importWriting
	must(t, f.server.desk.save(&st))
	_, page := b.get(t, path)
	wantIn(t, page, "途中で止まりました")
	b.post(t, path+"/run")
	wantIn(t, f.worked(t, b, path), "取り込みが完了しました")
}

func TestEveryImportSentenceHasWords(t *testing.T) {
	for lang, sp := range testSpeakers(t) {
		for _, code := range importing.Codes() {
			if !sp.has("import_said." + code) {
				t.Errorf("%s has no words for %s", lang, code)
			}
		}
		for _, f := range importing.Fields() {
			if key := "import_field." + strings.ReplaceAll(string(f), " ", "_"); !sp.has(key) {
				t.Errorf("%s has no word for %s", lang, f)
			}
		}
	}
}
