package main

import (
	"fmt"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// reasons explains the codes of the ledger.
func (e explainer) reasons() map[string]string {
	return map[string]string{
		crm.ReasonInternal:      e.either("Everybody on it belongs to the organisation: internal mail is never stored.", "全員が自社の人です。社内メールは保存しません。"),
		crm.ReasonAddress:       e.either("An excluded address is on it; its content was never stored.", "除外した宛先が含まれます。内容は保存していません。"),
		crm.ReasonDomain:        e.either("An excluded domain is on it; its content was never stored.", "除外したドメインが含まれます。内容は保存していません。"),
		crm.ReasonSubject:       e.either("Its subject is excluded; its content was never stored.", "除外した件名に当たります。内容は保存していません。"),
		crm.ReasonFolder:        e.either("It lies in an excluded folder; its content was never stored.", "除外したフォルダにあります。内容は保存していません。"),
		crm.ReasonClass:         e.either("This class of mail is excluded; its content was never stored.", "除外した種類のメールです。内容は保存していません。"),
		crm.ReasonErased:        e.either("Somebody on it asked to be forgotten.", "消去を求めた人が含まれます。"),
		crm.ReasonDraft:         e.either("It is a draft and was never sent.", "下書きであり、送信されていません。"),
		crm.ReasonPrivate:       e.either("It is marked private, or only its times are shown; its content was never stored.", "非公開の予定か、時間帯だけが見える予定です。内容は保存していません。"),
		crm.ReasonEventType:     e.either("It is an entry of a calendar, but no meeting.", "カレンダーの項目ですが、会議ではありません。"),
		crm.ReasonNobody:        e.either("Nobody on it is known. Add the person as a contact, and it is logged by itself.", "登録のある相手がいません。取引先責任者として登録すると、自動で記録されます。"),
		crm.ReasonNoAddress:     e.either("There is no usable address on it.", "使えるアドレスがありません。"),
		crm.ReasonDismissed:     e.either("In a review somebody said that this person is not wanted.", "要確認で「対象外」とされた相手です。"),
		crm.ReasonNewContact:    e.either("A contact is proposed for it: decide in the web app under reviews.", "取引先責任者の登録を提案しています。ウェブアプリの要確認で決めてください。"),
		crm.ReasonAmbiguous:     e.either("Several people could be meant: decide in the web app under reviews.", "複数の人が考えられます。ウェブアプリの要確認で決めてください。"),
		crm.ReasonQuarantine:    e.either("It is a form's notification mail that could not be read; see under reviews.", "フォームの通知メールですが、読み取れませんでした。要確認をご覧ください。"),
		crm.ReasonUnreadable:    e.either("It could not be read; the server or the message is at fault. It is tried again.", "読み取れませんでした。サーバーかメールに問題があります。再び試します。"),
		crm.ReasonGone:          e.either("It vanished from the source before it could be read again.", "読み直す前に取得元から消えました。"),
		crm.ReasonInternalError: e.either("Tsunagu made a mistake with it, which was contained. It is tried again.", "Tsunagu 側の誤りで処理できませんでした。再び試します。"),
	}
}

// rule explains by which rule an activity was matched, with the evidence.
func (e explainer) rule(m crm.Match) string {
	if m.Rule == "" {
		return e.either("What a person decided in a review was taken back; whose it is remains to be said.", "要確認での決定は取り消されました。誰のものかは、まだ決まっていません。")
	}
	format := map[crm.Rule]string{
		crm.RuleDecision:   e.either("A person decided it in a review (%s).", "要確認で人が決めました(%s)。"),
		crm.RuleAddress:    e.either("The address %s is that of somebody known.", "アドレス %s が登録と一致しました。"),
		crm.RuleNormalized: e.either("The address %s is that of somebody known, apart from case, dots or a +tag.", "アドレス %s が、大文字小文字・ドット・+タグを除いて登録と一致しました。"),
		crm.RuleThread:     e.either("It belongs to a conversation that is logged (%s).", "記録済みのやり取り(%s)の続きです。"),
		crm.RuleDomain:     e.either("The domain %s is that of an account.", "ドメイン %s が取引先と一致しました。"),
		crm.RulePhone:      e.either("The telephone number %s given in the form is on record.", "フォームに書かれた電話番号 %s が登録と一致しました。"),
		crm.RuleName:       e.either("Name and company given in the form (%s) are on record, apart from how they are written.", "フォームに書かれた氏名と会社名(%s)が、表記の違いを除いて登録と一致しました。"),
		crm.RuleBounce:     e.either("The report says that a mail to %s did not arrive.", "%s 宛てのメールが届かなかったという通知です。"),
		crm.RuleForm:       e.either("Nobody known fits what the form says (%s); a lead was made.", "フォームの内容(%s)に当たる登録がなく、新しいリードを作りました。"),
	}[m.Rule]
	if format == "" {
		return string(m.Rule) + ": " + m.Evidence
	}
	return fmt.Sprintf(format, m.Evidence)
}

func (e explainer) ruleName(r crm.Rule) string {
	name := map[crm.Rule]string{
		crm.RuleDecision:   e.either("a decision", "人の判断"),
		crm.RuleAddress:    e.either("the address", "アドレス"),
		crm.RuleNormalized: e.either("the address", "アドレス"),
		crm.RuleThread:     e.either("the conversation", "やり取り"),
		crm.RuleDomain:     e.either("the domain", "ドメイン"),
		crm.RulePhone:      e.either("the telephone number", "電話番号"),
		crm.RuleName:       e.either("name and company", "氏名と会社名"),
		crm.RuleBounce:     e.either("the failed recipient", "届かなかった宛先"),
		crm.RuleForm:       e.either("the form", "フォーム"),
	}[r]
	return first(name, string(r))
}
