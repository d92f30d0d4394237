package web

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// apiExample is a call of an operation. $NAME in path and body stands for what an earlier answer said of the record that it
// was kept under that name.
type apiExample struct {
	operation, method, path, body string
	status                        int
	keep                          string // "name" keeps the answer's id, "name=task.id" something else
}

// remembered fills in what earlier answers said.
type remembered map[string]string

var placeholder = regexp.MustCompile(`\$[A-Z]+`)

func (r remembered) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(name string) string { return r[name[1:]] })
}

func (r remembered) keep(what string, answer []byte) {
	if what == "" {
		return
	}
	name, path, ok := strings.Cut(what, "=")
	if !ok {
		path = "id"
	}
	var value any
	if json.Unmarshal(answer, &value) != nil {
		return
	}
	for part := range strings.SplitSeq(path, ".") {
		if list, ok := value.([]any); ok && len(list) > 0 {
			value = list[0]
			continue
		}
		fields, _ := value.(map[string]any)
		value = fields[part]
	}
	r[name], _ = value.(string)
}

// lifeExamples are calls of what concerns the life of leads and the deals, in an order in which each finds what it needs.
func (f *fixture) lifeExamples() []apiExample {
	lead := "/people/" + crm.DerivedID("person", "lead")
	today := time.Now().In(f.zone).Format(time.DateOnly)
	mail := "/activities/" + f.sampleMail()[0].Activity.ID
	return []apiExample{
		{"get-lifecycle", "GET", "/lifecycle", "", 200, ""},
		{"get-person-standing", "GET", lead + "/standing", "", 200, ""},
		{"get-person-standing", "GET", "/people/nobody/standing", "", 404, ""},
		{"get-account-standing", "GET", "/accounts/" + f.client.ID + "/standing", "", 200, ""},
		{"set-person-status", "POST", lead + "/status", `{"status":"nurturing_planned","reason":"timing","next":{"when":"` + today + `","what":"電話する"},"next_owner":"sato@example.co.jp"}`, 200, "CHANGE=change.id"},
		{"set-person-status", "POST", lead + "/status", `{"status":"excellent"}`, 422, ""},
		{"set-person-status", "POST", lead + "/status", `{"status":"nurturing"}`, 422, ""},
		{"set-person-status", "POST", "/people/" + crm.DerivedID("person", "yamada") + "/status", `{"status":"working"}`, 409, ""},
		{"undo-change", "POST", "/changes/$CHANGE/undo", "", 200, ""},
		{"undo-change", "POST", "/changes/$CHANGE/undo", "", 409, ""},
		{"undo-change", "POST", "/changes/" + strings.Repeat("0", 32) + "/undo", "", 404, ""},
		{"set-person-owner", "POST", lead + "/owner", `{"owner":"sato@example.co.jp"}`, 200, ""},
		{"set-person-owner", "POST", lead + "/owner", `{"owner":"sato"}`, 422, ""},
		{"set-person-stage", "POST", lead + "/stage", `{"stage":"demo"}`, 422, ""},
		{"list-person-changes", "GET", lead + "/changes", "", 200, ""},
		{"log-call", "POST", "/calls", `{"person":"` + crm.DerivedID("person", "lead") + `","result":"meeting_won","text":"来週訪問","note":"前向き"}`, 201, "CALL"},
		{"get-activity", "GET", "/activities/$CALL", "", 200, ""},
		{"log-call", "POST", "/calls", `{"person":"` + crm.DerivedID("person", "lead") + `","result":"call_again"}`, 422, ""},
		{"log-note", "POST", "/notes", `{"account":"` + f.client.ID + `","text":"年度末に予算"}`, 201, ""},
		{"log-note", "POST", "/notes", `{"text":"x"}`, 422, ""},
		{"create-task", "POST", "/tasks", `{"kind":"call","person":"` + crm.DerivedID("person", "lead") + `","due":"2026-12-01","what":"資料の感想を聞く"}`, 201, "TASK"},
		{"create-task", "POST", "/tasks", `{"kind":"call","due":"2026-02-30","what":"x"}`, 422, ""},
		{"get-task", "GET", "/tasks/$TASK", "", 200, ""},
		{"update-task", "PUT", "/tasks/$TASK", `{"kind":"mail","owner":"sato@example.co.jp","due":"2026-12-02","what":"資料を送る"}`, 200, ""},
		{"list-tasks", "GET", "/tasks?open=true&until=2027-01-01&limit=1", "", 200, ""},
		{"list-tasks", "GET", "/tasks?until=tomorrow", "", 422, ""},
		{"finish-task", "POST", "/tasks/$TASK/done", `{}`, 200, ""},
		{"finish-task", "POST", "/tasks/nothing/done", `{}`, 404, ""},
		{"create-product", "POST", "/products", `{"name":"クラウド基本","price":30000,"unit":"月"}`, 201, "PRODUCT"},
		{"create-product", "POST", "/products", `{"name":"a\u0007"}`, 422, ""},
		{"update-product", "PUT", "/products/$PRODUCT", `{"name":"クラウド基本","price":32000,"unit":"月"}`, 200, ""},
		{"list-products", "GET", "/products", "", 200, ""},
		{"create-campaign", "POST", "/campaigns", `{"code":"autumn","name":"秋の展示会","channel":"展示会","start":"2026-10-01","end":"2026-11-30","costs":[{"day":"2026-10-02","amount":120000}]}`, 201, "CAMPAIGN"},
		{"create-campaign", "POST", "/campaigns", `{"code":"bad","name":"x","start":"2026-10-01","end":"2026-09-01"}`, 422, ""},
		{"get-campaign", "GET", "/campaigns/$CAMPAIGN", "", 200, ""},
		{"update-campaign", "PUT", "/campaigns/$CAMPAIGN", `{"code":"autumn","name":"秋の展示会","costs":[]}`, 200, ""},
		{"list-campaigns", "GET", "/campaigns", "", 200, ""},
		{"create-opportunity", "POST", "/opportunities", `{"name":"基幹更新","account":"` + f.client.ID + `","stage":"proposal","expected":"2026-12-20","lines":[{"product":"$PRODUCT","quantity":12}],"documents":[{"kind":"order","name":"発注書","url":"https://files.example/1.pdf"}]}`, 201, "DEAL"},
		{"create-opportunity", "POST", "/opportunities", `{"name":"x","account":"nobody","stage":"proposal"}`, 422, ""},
		{"create-opportunity", "POST", "/opportunities", `{"name":"x","account":"` + f.client.ID + `","stage":"dreaming"}`, 422, ""},
		{"create-opportunity", "POST", "/opportunities", `{"name":"x","account":"` + f.client.ID + `","stage":"proposal","documents":[{"kind":"order","name":"x","url":"javascript:alert(1)"}]}`, 422, ""},
		{"get-opportunity", "GET", "/opportunities/$DEAL", "", 200, ""},
		{"update-opportunity", "PUT", "/opportunities/$DEAL", `{"name":"基幹更新","account":"` + f.client.ID + `","stage":"won","amount":500000,"start":"2026-12-01","end":"2027-11-30","notice":60}`, 200, "WON=contract"},
		{"list-opportunities", "GET", "/opportunities?account=" + f.client.ID + "&since=2026-01-01", "", 200, ""},
		{"list-opportunities", "GET", "/opportunities?since=2026-13-01", "", 422, ""},
		{"get-contract", "GET", "/contracts/$WON", "", 200, ""},
		{"create-contract", "POST", "/contracts", `{"name":"保守","account":"` + f.client.ID + `","start":"2026-01-01","end":"2026-12-31","notice":90}`, 201, "CONTRACT"},
		{"create-contract", "POST", "/contracts", `{"name":"保守","account":"` + f.client.ID + `","start":"2026-01-01","end":"2025-12-31"}`, 422, ""},
		{"update-contract", "PUT", "/contracts/$CONTRACT", `{"name":"保守","account":"` + f.client.ID + `","start":"2026-01-01","end":"2026-12-31","notice":120}`, 200, ""},
		{"list-contracts", "GET", "/contracts?until=2026-12-31&open=true", "", 200, ""},
		{"list-notices", "GET", "/contracts/notices?today=2026-12-01", "", 200, ""},
		{"delete-contract", "DELETE", "/contracts/$CONTRACT", "", 204, ""},
		{"create-opportunity", "POST", "/opportunities", `{"name":"別件","account":"` + f.client.ID + `","stage":"prospect"}`, 201, "OTHER"},
		{"delete-opportunity", "DELETE", "/opportunities/$OTHER", "", 204, ""},
		{"preview-conversion", "GET", lead + "/conversion?opportunity=%E6%96%B0%E8%A6%8F", "", 200, ""},
		{"convert-person", "POST", lead + "/conversion", `{"account_name":"南商店","opportunity":{"name":"新規","expected":"2026-02-31"}}`, 422, ""},
		{"convert-person", "POST", lead + "/conversion", `{"account_name":"南商店","opportunity":{"name":"新規"}}`, 201, "CONVERSION"},
		{"get-conversion", "GET", "/conversions/$CONVERSION", "", 200, ""},
		{"list-conversions", "GET", "/conversions", "", 200, ""},
		{"undo-conversion", "POST", "/conversions/$CONVERSION/undo", "", 200, ""},
		{"preview-merge", "POST", "/merges/preview", `{"kind":"people","winner":"` + crm.DerivedID("person", "yamada") + `","loser":"` + crm.DerivedID("person", "jane") + `"}`, 200, ""},
		{"merge", "POST", "/merges", `{"kind":"people","winner":"` + crm.DerivedID("person", "yamada") + `","loser":"` + crm.DerivedID("person", "jane") + `"}`, 201, "MERGE"},
		{"merge", "POST", "/merges", `{"kind":"people","winner":"` + crm.DerivedID("person", "yamada") + `","loser":"` + crm.DerivedID("person", "yamada") + `"}`, 409, ""},
		{"get-merge", "GET", "/merges/$MERGE", "", 200, ""},
		{"list-merges", "GET", "/merges", "", 200, ""},
		{"undo-merge", "POST", "/merges/$MERGE/undo", "", 200, ""},
		{"list-proposals", "GET", "/proposals?state=open", "", 200, ""},
		{"get-proposal", "GET", "/proposals/nothing", "", 404, ""},
		{"accept-proposal", "POST", "/proposals/nothing/accept", "", 404, ""},
		{"refuse-proposal", "POST", "/proposals/nothing/refuse", "", 404, ""},
		{"reopen-proposal", "POST", "/proposals/nothing/reopen", "", 404, ""},
		{"create-comment", "POST", "/comments", `{"account":"` + f.client.ID + `","text":"@suzuki 価格を確認してください"}`, 201, "COMMENT"},
		{"create-comment", "POST", "/comments", `{"text":"x"}`, 422, ""},
		{"list-comments", "GET", "/comments?subject=" + f.client.ID, "", 200, ""},
		{"update-comment", "PUT", "/comments/$COMMENT", `{"text":"確認しました"}`, 200, ""},
		{"delete-comment", "DELETE", "/comments/$COMMENT", "", 204, ""},
		{"file-activity", "POST", mail + "/people", `{"attach":"` + crm.DerivedID("person", "yamada") + `"}`, 200, ""},
		{"get-filing", "GET", mail + "/people", "", 200, ""},
		{"unfile-activity", "POST", mail + "/people/undo", "", 200, ""},
		{"mark-private", "POST", mail + "/private", `{"owner":"sato@example.co.jp"}`, 200, "PRIVATE"},
		{"mark-private", "POST", "/activities/nothing/private", `{"owner":"sato@example.co.jp"}`, 404, ""},
		{"list-private", "GET", "/private?owner=sato@example.co.jp", "", 200, ""},
		{"undo-private", "POST", "/private/$PRIVATE/undo", `{"owner":"sato@example.co.jp"}`, 202, ""},
		{"add-exclusion", "POST", "/exclusions", `{"owner":"sato@example.co.jp","kind":"address","text":"friend@example.com"}`, 202, ""},
		{"list-exclusions", "GET", "/exclusions?owner=sato@example.co.jp", "", 200, "RULE=items.0.id"},
		{"remove-exclusion", "DELETE", "/exclusions/$RULE?owner=sato@example.co.jp", "", 204, ""},
		{"import", "POST", "/imports", "{}", 415, ""}, // what it takes is tried in TestImport
		{"search", "GET", "/search?q=%E3%82%AF%E3%83%A9%E3%82%A4", "", 200, ""},
		{"search", "GET", "/search", "", 422, ""},
		{"list-account-activities", "GET", "/accounts/" + f.client.ID + "/activities?below=true&limit=2", "", 200, ""},
		{"list-account-activities", "GET", "/accounts/" + f.client.ID + "/activities?person=" + crm.DerivedID("person", "yamada"), "", 200, ""},
		{"list-account-members", "GET", "/accounts/" + f.client.ID + "/members", "", 200, ""},
		{"list-subsidiaries", "GET", "/accounts/" + f.client.ID + "/subsidiaries", "", 200, ""},
		{"list-unreplied", "GET", "/lists/unreplied?owner=sato@example.co.jp", "", 200, ""},
		{"list-follow-ups", "GET", "/lists/follow-ups", "", 200, ""},
		{"list-segments", "GET", "/segments", "", 200, ""},
		{"list-segment-members", "GET", "/segments/none/members", "", 404, ""},
		{"export-segment", "GET", "/segments/none/export", "", 404, ""},
		{"list-reports", "GET", "/reports", "", 200, ""},
		{"get-report", "GET", "/reports/leads?grain=week&by=owner&range=last_8w", "", 200, ""},
		{"get-report", "GET", "/reports/call_results?owner=&range=this_month", "", 200, ""},
		{"get-report", "GET", "/reports/activities?format=csv&lang=en", "", 200, ""},
		{"get-report", "GET", "/reports/leads?range=someday", "", 422, ""},
		{"get-report", "GET", "/reports/leads?from=2026-02-30&to=2026-03-01", "", 422, ""},
		{"get-report", "GET", "/reports/horoscope", "", 404, ""},
	}
}
