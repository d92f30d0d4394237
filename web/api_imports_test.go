package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// importing posts a file with fields, given as name, value, name, value.
func (f *fixture) importing(t *testing.T, token, file string, fields ...string) (int, importAnswer, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "名簿.csv")
	must(t, err)
	_, err = io.WriteString(part, file)
	must(t, err)
	for i := 0; i+1 < len(fields); i += 2 { // also behind the file
		must(t, w.WriteField(fields[i], fields[i+1]))
	}
	must(t, w.Close())
	return f.postImport(t, token, w.FormDataContentType(), &body)
}

func (f *fixture) postImport(t *testing.T, token, kind string, body io.Reader) (int, importAnswer, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.url+importPath, body)
	must(t, err)
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	must(t, err)
	var out importAnswer
	if res.StatusCode == http.StatusOK {
		must(t, json.Unmarshal(raw, &out))
	}
	return res.StatusCode, out, string(raw)
}

// stored counts people and accounts, and what was written down.
func (f *fixture) stored(t *testing.T) string {
	t.Helper()
	people, err := f.store.CountPeople(t.Context())
	must(t, err)
	accounts, err := f.store.CountAccounts(t.Context())
	must(t, err)
	audit, _, err := f.store.ListAudit(t.Context(), "", 1000)
	must(t, err)
	n := 0
	for _, a := range audit {
		if strings.HasPrefix(a.Action, "import ") {
			n++
		}
	}
	return fmt.Sprintf("%d people, %d accounts, %d imports", people, accounts, n)
}

const someLeads = "顧客番号,氏名,会社名,メールアドレス,リードステータス,流入経路\n" +
	"L-1,伊藤 健,東西商事,ito@tozai.example,新規,展示会\n" +
	"L-2,=HYPERLINK(1),南北物産,nanboku@nanboku.example,アプローチ中,Web\n" +
	"L-3,加藤 恵,中央工業,kato@chuo.example,絶好調,Web\n" +
	"L-4,高橋 みなみ,南商店,minami@minami.example,日程調整中,紹介\n"

func TestImport(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	before := f.stored(t)
	code, dry, raw := f.importing(t, token, someLeads, "dry_run", "true")
	if code != http.StatusOK || !dry.DryRun || dry.Kind != "leads" || !dry.KindGuessed || dry.Rows != 4 || dry.People.New != 2 || dry.Written.People != 0 {
		t.Fatalf("%d %s", code, raw)
	}
	if got := f.stored(t); got != before || f.kicks != 0 {
		t.Errorf("a dry run wrote: %s, before %s", got, before)
	}
	if len(dry.Columns) != 6 || dry.Columns[0] != (importColumn{"顧客番号", "external key"}) || dry.Columns[5] != (importColumn{"流入経路", "channel"}) {
		t.Errorf("columns: %+v", dry.Columns)
	}
	if p := dry.Problems; p.Total != 1 || p.Items[0].Row != 4 || p.Items[0].Column != "リードステータス" || !strings.Contains(p.Items[0].Why, "絶好調") {
		t.Errorf("problems: %+v", p)
	}
	code, done, raw := f.importing(t, token, someLeads)
	if code != http.StatusOK || done.DryRun || done.People != dry.People || done.Written.People != 3 {
		t.Errorf("%d %s; the dry run said %+v", code, raw, dry.People)
	}
	if got := f.stored(t); got != "6 people, 2 accounts, 1 imports" || f.kicks != 1 {
		t.Errorf("stored: %s, %d kicks; before: %s", got, f.kicks, before)
	}
	p, err := f.store.FindPersonByKey(t.Context(), "L-1")
	must(t, err)
	if p.Name != "伊藤 健" || p.Company != "東西商事" || p.Status != crm.StatusNew || p.Given.Channel != "展示会" || p.Origin != "import" {
		t.Errorf("%+v", p)
	}
	audit, _, err := f.store.ListAudit(t.Context(), "", 1)
	must(t, err)
	if a := audit[0]; !strings.HasPrefix(a.Actor, "token:") || a.Action != "import leads" || !strings.Contains(a.After, `"written":{"accounts":0,"people":3}`) || strings.Contains(a.After, "伊藤") {
		t.Errorf("audit: %+v", a)
	}
	if _, again, _ := f.importing(t, token, someLeads); again.Written.People != 0 || again.People.Unchanged != 3 {
		t.Errorf("again: %+v", again)
	}
	if _, changed, _ := f.importing(t, token, strings.Replace(someLeads, "伊藤 健", "伊藤 健一", 1), "key", "顧客番号"); changed.Written.People != 1 || changed.People.Changed != 1 {
		t.Errorf("one row changed: %+v", changed)
	}
}

func TestImportFormulas(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	_, done, raw := f.importing(t, token, "氏名,メールアドレス\n\"'=1+1\",a@tozai.example\n＝SUM(A1),b@tozai.example\n@x,c@tozai.example\n", "kind", "contacts")
	if done.Written.People != 3 {
		t.Fatal(raw)
	}
	for address, want := range map[string]string{"a@tozai.example": "=1+1", "b@tozai.example": "＝SUM(A1)", "c@tozai.example": "@x"} {
		list, _, err := f.store.ListPeople(t.Context(), crm.PeopleFilter{Query: address, Limit: 10})
		must(t, err)
		if len(list) != 1 || list[0].Name != want || crm.GuardCell(list[0].Name) != "'"+want {
			t.Errorf("%s: %+v", address, list)
		}
	}
}

func TestImportWithFields(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	_, done, raw := f.importing(t, token, "先方,勤め先,通信欄\n木村 拓,北陸製作所,k@hokuriku.example\n", "kind", "contacts", "map", "先方=name", "map", "勤め先=company", "map", "通信欄=address")
	if done.Written.People != 1 || done.Written.Accounts != 1 || done.Columns[2].Field != "address" {
		t.Error(raw)
	}
	// 山田 is there with another address: to be looked at by a person, but not to be doubled unseen.
	list := "氏名,会社名,メールアドレス\n山田 次郎,株式会社クライアント,jiro@client.co.jp\n田中 太郎,株式会社クライアント,tanaka@client.co.jp\n"
	_, asked, raw := f.importing(t, token, list, "dry_run", "true")
	found := false
	for _, d := range asked.Duplicates.Items {
		if d.Row == 2 && d.Score > 0 && d.ID == crm.DerivedID("person", "yamada") && len(d.Evidence) > 0 {
			found = true
		}
	}
	if !found {
		t.Errorf("the namesake is not reported with score and evidence: %s", raw)
	}
	if _, skipped, raw := f.importing(t, token, list, "duplicates", "skip"); skipped.Skipped != 2 || skipped.Written.People != 0 {
		t.Error(raw)
	}
	if _, emptied, raw := f.importing(t, token, "メールアドレス,氏名,役職\ntanaka@client.co.jp,田中 太郎,\n", "clear_empty", "true"); emptied.Written.People != 1 {
		t.Error(raw)
	}
	if p, err := f.store.GetPerson(t.Context(), f.tanaka.ID); err != nil || p.Title != "" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestImportWorkbook(t *testing.T) {
	f := newFixture(t)
	x := excelize.NewFile()
	for cell, value := range map[string]string{"A1": "会社名", "B1": "ドメイン", "A2": "東西商事株式会社", "B2": "tozai.example"} {
		must(t, x.SetCellStr("Sheet1", cell, value))
	}
	var b bytes.Buffer
	must(t, x.Write(&b))
	code, done, raw := f.importing(t, f.token(t, crm.RoleIT), b.String())
	if code != http.StatusOK || done.Kind != "accounts" || done.Written.Accounts != 1 || !strings.HasPrefix(done.ReadAs, "XLSX") {
		t.Errorf("%d %s", code, raw)
	}
}

// TestImportBadFiles holds that a file with a fault of its own is refused whole, in a sentence, and that single wrong rows
// are left out and named.
func TestImportBadFiles(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	before := f.stored(t)
	wide := strings.Repeat("列,", 600) + "氏名\n"
	var headings []string
	for i := range 200 {
		headings = append(headings, fmt.Sprintf("項目%d", i))
	}
	for _, test := range []struct {
		name, file, want string
		fields           []string
	}{
		{"nothing", "", "empty", nil},
		{"an open quote", "氏名,メールアドレス\n\"田中,a@x.example\n佐藤,b@x.example\n", "row 2", nil},
		{"no text", "氏名\x00,b\n", "not text", nil},
		{"neither encoding", "氏名\n\xff\xff\x80\n", "Shift_JIS", nil},
		{"a broken workbook", "PK\x03\x04broken", "workbook", nil},
		{"an old workbook", "\xd0\xcf\x11\xe0x", ".xls", nil},
		{"200 columns of nothing known", strings.Join(headings, ",") + "\n" + strings.Repeat("x,", 199) + "x\n", "no column", nil},
		{"too many columns", wide, "columns", nil},
		{"duplicate headings", "氏名,会社名,会社名\n田中,a,b\n", "会社名", nil},
		{"a column that is not there", "氏名\n田中\n", "会社", []string{"map", "会社=company"}},
		{"a field that is not there", "氏名\n田中\n", "shoe size", []string{"map", "氏名=shoe size"}},
		{"a key that is not there", "氏名\n田中\n", "番号", []string{"key", "番号"}},
		{"a kind that is none", "氏名\n田中\n", "deals", []string{"kind", "deals"}},
		{"a policy that is none", "氏名\n田中\n", "guess", []string{"duplicates", "guess"}},
		{"neither true nor false", "氏名\n田中\n", "true or false", []string{"dry_run", "perhaps"}},
		{"a misspelt field", "氏名\n田中\n", "no such field", []string{"dryrun", "true"}},
		{"a field twice", "氏名\n田中\n", "twice", []string{"dry_run", "true", "dry_run", "false"}},
		{"a mapping without a field", "氏名\n田中\n", "HEADING=FIELD", []string{"map", "氏名"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, raw := f.importing(t, token, test.file, test.fields...)
			var said struct{ Detail string }
			must(t, json.Unmarshal([]byte(raw), &said))
			if code != http.StatusUnprocessableEntity || !strings.Contains(said.Detail, test.want) {
				t.Errorf("%d %s", code, raw)
			}
			if got := f.stored(t); got != before {
				t.Errorf("written: %s, before: %s", got, before)
			}
		})
	}
	rows := "氏名,メールアドレス,同意日,リードステータス\n" +
		"一郎,a@tozai.example,2026-02-30,新規\n二郎,no address,2026-02-01,新規\n三郎,c@tozai.example,2026-02-01,最高\n四郎,d@tozai.example,2026-02-01,新規,余り\n五郎,e@tozai.example,2026-02-01,新規\n"
	_, done, raw := f.importing(t, token, rows)
	if done.Written.People != 1 || done.Problems.Total != 4 {
		t.Fatal(raw)
	}
	columns := map[int]string{}
	for _, p := range done.Problems.Items {
		columns[p.Row] = p.Column
	}
	if columns[2] != "同意日" || columns[3] != "メールアドレス" || columns[4] != "リードステータス" || columns[5] != "" {
		t.Errorf("problems: %+v", done.Problems)
	}
	if t200, _, raw := f.importing(t, token, "氏名,メールアドレス,"+strings.Join(headings[:198], ",")+"\n六郎,f@tozai.example"+strings.Repeat(",x", 198)+"\n"); t200 != http.StatusOK || !strings.Contains(raw, `"people":1}`) {
		t.Errorf("200 columns: %d %s", t200, raw)
	}
}

func TestImportBadRequests(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	before := f.stored(t)
	const kind = "multipart/form-data; boundary=x"
	head := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
	for _, test := range []struct {
		name, kind, body string
		want             int
	}{
		{"a form", "application/x-www-form-urlencoded", "file=x", http.StatusUnsupportedMediaType},
		{"JSON", "application/json", "{}", http.StatusUnsupportedMediaType},
		{"no boundary", "multipart/form-data", "", http.StatusUnsupportedMediaType},
		{"no file", kind, "--x--\r\n", http.StatusUnprocessableEntity},
		{"cut off in the file", kind, head + "氏名\n田中\n", http.StatusBadRequest},
		{"cut off after the file", kind, head + "氏名\n田中\n\r\n--x\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntr", http.StatusBadRequest},
		{"too large", kind, head + "氏名\n" + strings.Repeat(strings.Repeat("あ", 300)+"\n", 80_000) + "\r\n--x--\r\n", http.StatusUnprocessableEntity},
		{"too large beside the file", kind, "--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\n" + strings.Repeat("x", 70<<20) + "\r\n--x--\r\n", http.StatusUnprocessableEntity},
		{"too large before anything", kind, strings.Repeat("x\r\n", 23<<20), http.StatusRequestEntityTooLarge},
		{"one endless line", kind, strings.Repeat("x", 8<<20), http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, _, raw := f.postImport(t, token, test.kind, strings.NewReader(test.body))
			if code != test.want || !strings.Contains(raw, `"detail"`) {
				t.Errorf("%d %s", code, raw)
			}
			if got := f.stored(t); got != before {
				t.Errorf("written: %s, before: %s", got, before)
			}
		})
	}
}

func TestImportRoles(t *testing.T) {
	f := newFixture(t)
	for _, test := range []struct {
		token string
		want  int
	}{{"", http.StatusUnauthorized}, {f.token(t, crm.RoleRep), http.StatusForbidden}, {f.token(t, crm.RoleAdmin), http.StatusOK}, {f.token(t, crm.RoleIT), http.StatusOK}} {
		if code, _, raw := f.importing(t, test.token, someLeads, "dry_run", "1"); code != test.want {
			t.Errorf("%d instead of %d: %s", code, test.want, raw)
		}
	}
}

func TestOneImportAtATime(t *testing.T) {
	f := newFixture(t)
	token := f.token(t, crm.RoleAdmin)
	body, feed := io.Pipe()
	w := multipart.NewWriter(feed)
	first := make(chan int)
	go func() {
		code, _, _ := f.postImport(t, token, w.FormDataContentType(), body)
		first <- code
	}()
	part, err := w.CreateFormFile("file", "a.csv")
	must(t, err)
	_, err = io.WriteString(part, someLeads[:20]+strings.Repeat(" ", 64<<10)) // more than any buffer on the way: somebody reads it
	must(t, err)
	if code, _, raw := f.importing(t, token, someLeads); code != http.StatusConflict || !strings.Contains(raw, "under way") {
		t.Errorf("%d %s", code, raw)
	}
	_, err = io.WriteString(part, someLeads[20:])
	must(t, err)
	must(t, w.Close())
	must(t, feed.Close())
	if code := <-first; code >= 500 {
		t.Errorf("the first: %d", code)
	}
	if code, _, raw := f.importing(t, token, someLeads, "dry_run", "true"); code != http.StatusOK {
		t.Errorf("after it: %d %s", code, raw)
	}
}

// TestImportIsDocumented holds the document to what the operation takes.
func TestImportIsDocumented(t *testing.T) {
	f := newFixture(t)
	op := f.document(t).Paths.Find(importPath).Post
	schema := op.RequestBody.Value.Content["multipart/form-data"].Schema.Value
	for _, name := range []string{"file", "kind", "dry_run", "key", "map", "duplicates", "clear_empty"} {
		if schema.Properties[name] == nil {
			t.Errorf("%s is not in the document", name)
		}
	}
	_, _, raw := f.importing(t, f.token(t, crm.RoleAdmin), someLeads)
	var answer any
	must(t, json.Unmarshal([]byte(raw), &answer))
	if err := op.Responses.Value("200").Value.Content["application/json"].Schema.Value.VisitJSON(answer); err != nil {
		t.Errorf("the answer is another one than documented: %v", err)
	}
	for _, status := range []string{"200", "400", "401", "403", "409", "413", "415", "422"} {
		if op.Responses.Value(status) == nil {
			t.Errorf("%s is not in the document", status)
		}
	}
}
