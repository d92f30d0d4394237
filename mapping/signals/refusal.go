package signals

import (
	"regexp"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/signals/internal/phrase"
)

// ceasing is how Japanese says that something shall not be done any more.
const ceasing = `(?:(?:を|は|も|について|につきまして|に関して)?は?、?(?:一切|すべて|全て|今後|以後|もう)?(?:固く|かたく)?(?:ご|御)?(?:遠慮|辞退|無用|不要|お控え|控え|お断り|断り|お断わり|お止め|止め|おやめ|やめ|中止|停止|お引き取り|結構|いりません|要りません|必要(?:ござい|あり)))`

var (
	refusalHints = vocabulary.Words("不要", "遠慮", "控", "停止", "断", "解除", "止", "やめ", "除外", "削除", "結構", "二度", "一切", "拒否", "ないで", "外", "はず", "退会", "無用", "迷惑", "お引き取り", "なくて", "辞退", "ストップ", "必要", "抹消", "消去", "希望", "いりません", "要りません", "remove", "unsubscribe", "stop", "cease", "contact", "wish", "opt", "delete", "no further", "no more", "refrain", "take ", "off", "not", "n't", "dont", "never", "quit", "discontinue", "want", "exclude", "drop")

	// notRefusal is what only looks like a refusal: footers, no answer needed, conditions, others' wishes.
	notRefusal = vocabulary.Expression(`(?:ご|御)?(?:返信|返事|回答|お返事|ご返送|返送)(?:に)?(?:は|には|も)?(?:ご|御)?(?:不要|無用|結構|及び|遠慮|いりません|要りません|必要(?:ござい|あり)|お気遣い)|ご遠慮なく|遠慮なく|遠慮せず|ご遠慮(?:いただく|頂く)必要|(?:時|日|曜)以降の|配信停止(?:の)?(?:手続|方法|は(?:こちら|下記|以下)|フォーム|url|ページ|リンク|され|機能|理由|率)|(?:停止|解除)(?:を)?(?:ご)?希望(?:の(?:方|場合|際|お客)|され(?:る|ない)|する(?:方|場合)|でしたら|であれば)|(?:不要|希望|停止|遠慮)(?:な|の|される|する)(?:方|場合|際|お客)|不要(?:でしたら|であれば|になりましたら)`)

	refusalJapan = vocabulary.Expression(`(?:今後|以後|以降|これ以上|これから|二度と|もう)(?:は|の|、|も)?[^。]{0,24}?(?:ご)?(?:連絡|案内|営業|メール|電話|お電話|勧誘|提案|送付|送信|配信|ご提案|セールス|dm|アプローチ|訪問)(?:等|など)?[^。]{0,6}?` + ceasing +
		`|(?:営業|セールス|勧誘|売り込み|宣伝|広告|dm|案内|ご案内|メールマガジン|メルマガ)(?:の|・|目的の)?(?:ご)?(?:連絡|メール|電話|お電話|案内|訪問|資料|等|など)*` + ceasing +
		`|(?:ご)?連絡(?:を|は|も)?(?:一切)?(?:ご)?(?:不要(?:です|で|に|と|。|$)|無用)|(?:ご)?連絡(?:は|を)(?:一切)?(?:お断り|おやめ|お止め|やめて|止めて|お控え|控えて|ご遠慮)` +
		`|(?:ご)?連絡(?:を)?(?:して)?(?:こないで|しないで|なさらない|いただかなくて|頂かなくて|くださらなくて)|(?:メール|電話|資料|dm)(?:を|の送信を|は)?(?:もう|二度と|これ以上)?(?:送ら|お送りいただか|送って(?:こ|いただか)|かけて(?:こ|いただか)|かけ)ないで|(?:メール|資料|案内)(?:を|は)?(?:もう|二度と|これ以上)?(?:お送りいただ|送っていただ|お送り頂)(?:か)なくて結構` +
		`|配信(?:の)?(?:を)?(?:停止|解除|中止|止め|取り?やめ|ストップ)(?:を|して|の)?(?:ご)?(?:希望(?:します|し|いた|致|で|。|$)|お願い|いただ|頂|ください|下さい|くださ|依頼|願い|手続き?(?:を)?(?:お願い|して)|処理(?:を)?(?:お願い|して)|して|$|。)|(?:メール|メルマガ|配信|送付|送信|案内)(?:を|は)?(?:停止|中止|ストップ|止め)(?:して|を(?:お願い|希望)|いただ|願い|ください|頂)` +
		`|(?:配信|送信|送付|メーリング)?(?:先|リスト|名簿|対象|データベース)(?:から|より)(?:の)?(?:私|当方|弊社|当社|このアドレス|本アドレス|当アドレス)?(?:を|の)?[^。]{0,12}(?:外|除外|削除|はず)(?:して|し|を|いただ|の)|(?:アドレス|連絡先|登録|個人情報|情報)(?:を|の|は)(?:完全に|すべて|全て)?(?:削除|抹消|解除|消去)(?:して(?:ください|いただ|頂|下さい|ほしい|もら)|を(?:お願い|希望)|願|いただ|お願い)` +
		`|(?:退会|登録解除|購読解除|解約通知|購読停止)(?:を)?(?:希望(?:します|し|いた|致)|お願い|させて|したい)|今後一切(?:の)?(?:ご)?(?:連絡|関わ|お付き合い|取引|営業)|(?:弊社|当社)(?:で)?は(?:一切)?(?:の)?(?:営業|セールス|飛び込み)[^。]{0,14}お断り|迷惑(?:です|しており|なので|に感じ|メールとして)[^。]{0,30}(?:やめ|止め|送ら|ご遠慮|控え)|お引き取りください|二度と(?:ご)?(?:連絡|メール|電話|営業)|(?:送付|送信|郵送)(?:は)?(?:今後)?(?:不要です|ご遠慮)|(?:受信|受け取り)(?:を)?(?:拒否|希望しま(?:せん)|したくあり)`)

	conditionJapan = regexp.MustCompile(`(?:なければ|でなければ|なき場合|ない場合|場合(?:は|に|、|のみ|には)|方は|の際|際は|ときは|時は|であれば|でしたら|ましたら|のみ)[^。]{0,40}$`)

	refusalEnglish = vocabulary.Expression(`\b(?:remove|take|delete|drop|exclude) (?:me|us|my|our|this (?:e-?mail|address)|[a-z0-9._+\-]+@[a-z0-9.\-]+)\b[^.]{0,40}?\b(?:from (?:your|the|this|all|any)|off|out of)\b[^.]{0,40}?(?:list|database|mailing|e-?mails?|records|contacts|campaign|distribution|newsletter|marketing|system|files)|\b(?:remove|delete|unsubscribe) (?:me|us|my (?:e-?mail|name|address|details|contact)|our (?:e-?mail|company|address)|this (?:e-?mail|address))` +
		`|\btake (?:me|us|my (?:name|e-?mail)) off\b|\bopt(?:ing)? (?:me )?out\b|\b(?:stop|cease|quit|discontinue) (?:sending|e-?mailing|contacting|calling|messaging|spamming|writing|all (?:further )?(?:contact|communication|e-?mails))` +
		`|\b(?:do not|don't|dont|never) (?:ever )?(?:contact|e-?mail|call|write to|message|send|approach|phone|solicit)\b[^.]{0,24}?(?:\bme\b|\bus\b|again|any ?more|anything|further|more e-?mails?|in (?:the )?future|this address)|\b(?:no longer|do not|don't|not) (?:wish|want|like|interested) (?:to |in )?(?:be contacted|being contacted|hear(?:ing)? (?:anything )?(?:from|about)|(?:receiv(?:e|ing)|get(?:ting)?)\b[^.,;]{0,40}?\b(?:e-?mails?|mails?|mailings?|calls?|messages?|newsletters?|communications?|solicitations?|offers|promotions?|marketing|advert[a-z]+|anything|correspondence|spam|information|materials?|contacts?|from you)\b)|\bwould (?:like|prefer) (?:not to (?:be contacted|hear from|receive\b[^.,;]{0,40}?\b(?:e-?mails?|mails?|mailings?|calls?|messages?|newsletters?|communications?|solicitations?|offers|promotions?|marketing|advert[a-z]+|anything|correspondence|spam|information|materials?|contacts?|from you)\b)|to (?:unsubscribe|opt out|be removed))|\b(?:want|wish|like) to (?:unsubscribe|opt out|be removed|be taken off)` +
		`|\bno (?:further|more) (?:contact|e-?mails?|communications?|calls|messages|solicitations?)(?: please|,? thank|\b)|\bnot (?:interested)\b[^.]{0,60}\b(?:stop|do not|don't|remove|no further)|\brefrain from (?:contacting|e-?mailing|sending|calling)|^unsubscribe(?: me)?(?:,? please)?[.!]?$|^please unsubscribe[.!]?$|^(?:remove|stop)(?: please)?[.!]?$`)
	notRefusalEnglish = vocabulary.Expression(`don't hesitate|do not hesitate|\bby (?:fax|post|courier|phone)\b|\b(?:to|can|may|could) (?:unsubscribe|opt out) (?:from|at|by|click|using|any|here|please|,|visit)|unsubscribe (?:here|link|at any|from this list|by|instructions|preferences|rate|button|page|form)|click|http|www\.|if you |you (?:can|may|are) |remove (?:me|us|my [a-z]+) from (?:the |this )?(?:cc|thread|meeting|invite|invitation|chat|channel|loop|calendar|project|call|conversation|schedule|agenda|discussion|group chat|guest|attendee|trial|beta|pilot|test|free plan|paid plan)|(?:me|us) off (?:the |this )?(?:cc|thread|loop|meeting|chat)|do not e-?mail (?:passwords?|confidential|credit)|don't send (?:me |us )?(?:the )?(?:invoice|contract|file|password|it|them)|do not send (?:me |us )?(?:the )?(?:invoice|contract|file|password|it |them)|don't (?:call|contact|e-?mail) (?:me|us) (?:before|after|between|on |until|at |by phone|today|tomorrow|this )|remove (?:this|the) (?:item|line|page|section|paragraph|product|file|comment|attachment|clause)|do not (?:call|contact|e-?mail) (?:me|us) (?:before|after|between|on |until|at |by phone|today|tomorrow|this )`)

	// topicJapan is what comes behind words of refusing that are not said to refuse but talked about: 不要になるような設定も知りたい.
	topicJapan = regexp.MustCompile(`^(?:に(?:なる|なって|なった(?:ら|の)|なれば|したい|できる|しても|できま)|も[^らう]|する(?:文|方法|機能|設定|仕組|手順|人|よう|には)|した(?:ら|人|方))` +
		`|知りたい|教えて|ご教示|伺いたい|お伺い|聞きたい|探して|興味|検討して|助かって` +
		`|(?:設定|方法|手順|機能|仕組み?|ツール|条件|文面|やり方|テンプレート|画面|ボタン|フロー|ルール)(?:が|は|も|に(?:つい|関|興)|を(?:知|教|探|検討|確認|見|使|作|追加|導入|紹介))`)
	// clauseEnd ends what is said in one go: 不要ですので、手順を教えてください refuses, and then asks.
	clauseEnd = regexp.MustCompile(`(?:です|ます|ません)(?:ので|から|が|し)|[ただるい]ため、|。`)

	// topicEnglish is what stands before words that are talked about.
	topicEnglish = regexp.MustCompile(`\bhow (?:to|can|do|does|could|should|would|might)\b|\b(?:way|ways|tool|tools|method|methods|option|options|feature|function|ability|able|button|software|service|possible) (?:to|that|which|for)\b|\b(?:had|have|used|need|needed) to\b|\b(?:settings?|so that|what happens|looking for|learn)\b|^(?:does|do|did|is|are|which|what|can i|can we|could i|could we|should i|should we|may we|will it)\b`)
	pleaEnglish  = regexp.MustCompile(`\b(?:could|can|would|will) (?:you|someone|somebody|anyone)\b|\bplease\b|^(?:stop|remove|unsubscribe|take|delete|do not|don't|never)\b`)
)

// refusal tells that the sender does not want to be approached. The footer of a newsletter is none, nor that no answer
// is needed.
func (t *telling) refusal() (crm.Signal, bool) {
	for i := range t.sentences {
		s := &t.sentences[i]
		if !refusalHints.May(s.told) || !t.refuses(s.unquoted()) {
			continue
		}
		return crm.Signal{Kind: crm.SignalRefusal, Evidence: evidence(s.raw)}, true
	}
	return crm.Signal{}, false
}

// refuses says whether a sentence refuses. What it says of refusing is looked for first, which few sentences do.
func (t *telling) refuses(told phrase.Text) bool {
	f := told.String
	if !japanese(f) {
		at := refusalEnglish.Find(told)
		return at != nil && !refusalAside(f) && !notRefusalEnglish.Match(told) && !conditional(f[:at[0]]) &&
			!topicEnglish.MatchString(f[:at[0]]) && (!asks(f) || pleaEnglish.MatchString(f))
	}
	bare := notRefusal.Replace(told, "")
	at := refusalJapan.Find(bare)
	if at == nil || refusalAside(f) {
		return false
	}
	before, after := bare.String[:at[0]], bare.String[at[1]:]
	return !openCondition(before) && !follows(after) && !topic(after) && !t.whose(before)
}

// refusalAside says whether a sentence only asks, is the footer of a newsletter, or refuses certain hours.
func refusalAside(f string) bool {
	return asks(f) && !has(f, "停止", "削除", "外して", "やめて", "止めて", "遠慮", "控え", "remove", "stop", "unsubscribe", "take me", "take us", "take my", "delete") || has(f, "http", "クリック", "こちらから", "こちらへ", "本メールは", "本メールアドレスは送信専用", "送信専用") ||
		has(f, "時以降の", "時以前の", "夜間の", "休日の", "深夜の", "早朝の", "土日の") && !has(f, "今後")
}

// openCondition says whether the words before make the rest a condition: 変更がなければ連絡は不要です.
func openCondition(before string) bool {
	return conditionJapan.MatchString(before)
}

// follows says whether what comes behind takes the words back: 不要な場合は, ご遠慮の方は.
func follows(after string) bool {
	after = cut(after, 60)
	for _, word := range []string{"場合", "方は", "際は", "方が", "かどうか", "と言われ", "との声", "される方", "とのご", "とお客", "ですか", "ですので、ご安心"} {
		if before, _, ok := strings.Cut(after, word); ok {
			return !strings.Contains(before, "。")
		}
	}
	return false
}

// topic says whether the words behind make a topic of what only sounds like a refusal: somebody wants to know how that is done,
// or tells that it was.
func topic(after string) bool {
	after = cut(after, 240)
	if end := clauseEnd.FindStringIndex(after); end != nil {
		after = after[:end[0]]
	}
	return topicJapan.MatchString(after)
}

// whose says whether the words before tell of others who refuse, or of one kind of message only.
func (t *telling) whose(before string) bool {
	return has(before, "お客様から", "先方から", "ユーザーから", "到着", "入金", "出欠", "出席", "欠席", "受領", "完了の", "確認の", "この件に", "本件に", "この件の", "本件の", "変更の", "当日の", "お電話での", "faxでの", "ファックスでの", "郵送での", "遅刻", "解決し", "対応済") && !has(before, "今後")
}
