package signals_test

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals"
)

// The words of refusals, said of something else: a function, a wish to learn, what others want, what is not needed this time.
func TestNoRefusalButItsWords(t *testing.T) {
	for _, text := range []string{
		"今後の連絡は不要になるような設定も知りたいです。", "今後の連絡が不要になる設定を教えてください。", "今後のご連絡を停止する設定について知りたいです。", "営業メールを停止する方法を教えてください。", "メール配信を停止してもデータは残りますか。",
		"今後の案内メールを止めるにはどうすればよいですか。", "配信停止をお願いする場合の手順を知りたいです。", "今後の電話連絡が不要になる仕組みに興味があります。", "営業電話が不要になるツールを探しています。", "営業メールをお断りする文面の例を教えてください。",
		"顧客から今後の連絡は不要と言われた場合の処理を知りたいです。", "連絡先の情報を削除して再登録したいのですが、手順を教えてください。", "今後の連絡が不要かどうかを管理する機能はありますか。", "二度と連絡を受けたくない人を除外できますか。", "リストから除外する条件を設定したいです。",
		"今後の連絡漏れを防ぐため、手作業の案内は不要にしたいです。", "今後、資料の送付を止められるかも知りたいです。", "メールの配信を停止していただける条件を伺いたいです。", "今後のご連絡が必要ない場合の設定はどこですか。", "登録を解除した場合の料金を知りたいです。",
		"もう電話での案内が不要になって助かっています。", "今後の営業活動で電話が不要になると聞きました。", "配信停止の設定を教えていただけますか。", "連絡不要の人を自動で除外する機能を検討しています。",
	} {
		if s, ok := find(signals.Read(personal(text)), crm.SignalRefusal); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
	for _, text := range []string{
		"How can we stop sending emails to people who opted out?", "I would like to know how to unsubscribe a contact.", "Could you explain how to opt out of the beta?", "We want to remove us from the trial plan and move to the paid one.", "Can I stop sending reminders automatically?",
		"I want to know what happens when customers unsubscribe.", "We are looking for a tool to stop calling people twice.", "Our clients ask us to take them off the list; does your product do that?", "Please show me how to delete my email from your database after the trial.", "Is there a setting so that we no longer wish to receive duplicates?",
		"Which settings stop sending newsletters to leads?", "I'd like to learn how to remove this email address from the campaign list.", "Does the system stop contacting people who said no?", "We had to stop sending parcels last week.", "Tell me how to stop emailing old customers.", "We need a way to stop sending mails to bounced addresses.",
	} {
		if s, ok := find(signals.Read(english(text)), crm.SignalRefusal); ok {
			t.Errorf("%q: %+v", text, s)
		}
	}
}

// Refusals that ask or give a reason stay refusals.
func TestRefusalsThatAsk(t *testing.T) {
	for _, text := range []string{
		"今後のご連絡はお控えいただけますか。", "配信を停止していただけないでしょうか？", "今後の連絡は結構です。", "今後のご案内はいりません。", "今後の営業のご連絡は要りません。", "今後のご連絡は不要ですので、よろしくお願いいたします。",
		"導入の予定がなくなりましたので、今後の連絡は不要です。", "リストから外していただくことは可能でしょうか。", "私のアドレスを削除してもらえますか。", "どこでこのアドレスを知ったのか教えてください。今後の連絡はお断りします。", "今後のメールは不要でございます。",
	} {
		if _, ok := find(signals.Read(personal(text)), crm.SignalRefusal); !ok {
			t.Errorf("%q is no refusal", text)
		}
	}
	for _, text := range []string{
		"Could you please remove me from your mailing list?", "Would you stop emailing me?", "Can you take me off your list, please?", "Please stop contacting us.", "How did you get my address? Please do not contact me again.",
	} {
		if _, ok := find(signals.Read(english(text)), crm.SignalRefusal); !ok {
			t.Errorf("%q is no refusal", text)
		}
	}
}
