package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestRefusedEntriesKeepWhatWasTyped holds that an entry on a record's page that is refused names its field as the page does,
// shows what was typed, and leads back to the record.
func TestRefusedEntriesKeepWhatWasTyped(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, recordSato)
	var result, status, reason string
	for _, r := range f.server.lifecycle().Results {
		if r.Next {
			result = r.Name.Name
		}
	}
	for _, st := range f.server.lifecycle().Statuses {
		if st.Reason {
			status = st.Name.Name
		}
	}
	for _, r := range f.server.lifecycle().Reasons {
		if reason = r.Heading("ja"); reason != r.Name {
			break
		}
	}
	contact, lead := "/people/"+f.tanaka.ID, "/people/"+recordLead()
	for name, tt := range map[string]struct {
		path, back string
		fields     []string
		want       []string
		not        string
	}{
		"a call without a next action": {contact + "/calls", contact, []string{"result", result, "text", "<b>話した</b>\n二行目", "note", "所感です"},
			[]string{"期日: 入力してください。", "内容: 入力してください。", "&lt;b&gt;話した&lt;/b&gt;\n二行目</textarea>", "所感です</textarea>"}, "入力してください。 入力"},
		"a call with a far day": {contact + "/calls", contact, []string{"result", result, "next_when", "9999-12-31", "next_what", "電話する"},
			[]string{"期日: 「9999-12-31」は遠すぎる日付です", "電話する</textarea>"}, "という日付はありません"},
		"a status without its reason": {lead + "/status", lead, []string{"status", status, "next_what", "また連絡"}, []string{"理由: このステータスには理由が必要です", reason, "また連絡</textarea>"}, "timing"},
		"a comment that is too long": {contact + "/comments", contact + "?tab=comments#comments", []string{"text", "始まり" + strings.Repeat("あ", crm.MaxComment)},
			[]string{"コメント: ", "文字以内で入力してください", ">始まりああ"}, ""},
		"an owner who is none": {contact + "/owner", contact, []string{"owner", "nobody at all"}, []string{"担当"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			code, page := b.post(t, tt.path, tt.fields...)
			if code != http.StatusUnprocessableEntity {
				t.Fatal(code)
			}
			wantIn(t, page, append(tt.want, "保存できませんでした", `<a class="button" href="`+tt.back+`">記録に戻る</a>`)...)
			if tt.not != "" {
				wantOut(t, page, tt.not)
			}
		})
	}
}
