package signals

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var (
	leavingHints = vocabulary.Words("退", "転", "在籍", "異動", "移動", "出向", "離", "辞", "担当", "部署", "配属", "去", "卒業", "最終出", "最終勤", "独立", "窓口", "no longer", "left", " day", "retire", "resign", "moved", "moving", "transfer", "transition", "role", "position", "replaced", "leav", "stepping", "quit", "handled", "managed", "taken over", "handed", "employment", "reassigned", "relocated", "departed")

	// notLeft is what only looks like leaving: others whom one is polite about, conditions, and the subject as a topic.
	notLeft = vocabulary.Expression(`(?:ご|御)?退職(?:された|なさ|され|者|金|給付|代行|勧奨|届|願|理由|率|年齢|制度|手当|慰労|所得|証明|祝|等|相談|希望|予定者|後の|管理|日当日|記念|を(?:考え|検討|希望|迷)|し(?:た|て)(?:場合|方|人|者|社員|従業員|ら|際|時|とき|い|も)|する(?:場合|方|人|社員|従業員|際|時|とき|か|つもり|予定は(?:ござい|あり)?|気|までに)|の(?:場合|際|時|有無|予定は|手続|意思|相談|理由|ご相談|方|お祝|送別))` +
		`|(?:ご|御)退職|(?:ご|御)異動|(?:ご|御)転勤|(?:ご|御)栄転|退職(?:いたし|致し)ません|退職しません|早期退職(?:者|優遇|制度|募集)|定年退職(?:者|年齢|制度|後)|希望退職` +
		`|(?:異動|転勤|転籍|出向|部署移動)(?:された|なさ|され|者|届|願|希望|先|履歴|シーズン|時期|の(?:季節|時期|シーズン|場合|際|多い|有無|予定は|一覧|辞令|手続|お祝|都度|たび)|が(?:あり(?:まし)?た(?:ら|場合|際)|ある(?:場合|際|とき|たび)|あれば|多|ござ)|し(?:た|て)(?:場合|方|人|社員|ら|際|時|とき|も)|する(?:場合|方|人|社員|際|時|とき|か|予定は|データ)|や|・|等|など|に(?:伴う|関する|ついて|備え))` +
		`|人事異動(?:の(?:季節|時期|シーズン|情報|一覧|発令)|シーズン|情報|管理)|担当(?:者)?(?:が|を|の)?(?:変更|交代|変わ)(?:に)?(?:なり|と?なる|した|する|り|って|っ)?(?:まし)?(?:た(?:場合|際|ら)|場合|際|れば|る場合|をお願い|していただ|してほし|を希望|可能|は可能)` +
		`|本日は(?:これで|お先に)?退社|(?:時|定時|先)に退社|退社時|退社後|退社し(?:た|て)(?:場合|後)|すでに退社|既に退社して|外出|席を離れ|手を離れ|現場を離れ|日本を離れ|国を離れ`)

	leftJapan = vocabulary.Expression(`退職(?:を)?(?:いたし|致し|し(?:まし|て|た|、)|させて|となり|になり|となっ|になっ|となる|する(?:こと|運び|はこび|事|予定です)|いたす|致す|の(?:運び|はこび|ご挨拶|御挨拶|ご連絡|ご報告|お知らせ|挨拶|為|ため)|済|により|に伴|に際|のため|日(?:は|が)|予定|します|。|$)` +
		`|(?:をもって|をもちまして|末日|末で|付で|付けで|この度|このたび|円満|すでに|既に)[^。]{0,30}退社(?:いたし|致し|し|する|いたす|致す|となり)` +
		`|退社(?:いたし|致し|し)(?:まし|て)[^。]{0,30}(?:後任|在籍)|在籍(?:して|いたして|致して)?(?:おりません|いません|ございません)|(?:弊社|当社|会社|同社)を(?:離れ|去|辞|退)(?:る|り|ま|め|し|れ|く|き|こと|ること)|(?:弊社|当社|会社|同社)を卒業|退任(?:いたし|致し|し(?:まし|て)|する(?:こと|運び)|となり)|辞職(?:いたし|致し|し(?:まし|て))|離職(?:いたし|致し|し(?:まし|て)|する)` +
		`|最終(?:出社|出勤|勤務|営業)日(?:は|が|と|で|:)|転職(?:いたし|致し|し(?:まし|て(?:おり|い))|する(?:こと|運び)|することに)|独立(?:いたし|致し|する)こと(?:と|に)`)

	transferredJapan = vocabulary.Expression(`(?:異動|転勤|転籍|出向|部署移動)(?:を)?(?:いたし|致し|し(?:まし|て(?:おり|い|、)|、)|となり|になり|となっ|になっ|となる|する(?:こと|運び|はこび|事)|いたす|致す|のため|の為|に伴(?:い|って)|により|によって|させていただ|の(?:ご挨拶|御挨拶|ご連絡|ご報告|運び|お知らせ|挨拶|こととなり)|します|。|$)` +
		`|(?:担当|業務|本件|御社|貴社|現職|現部署|営業部|部署|窓口)(?:担当)?(?:を|から)(?:離れ|外れ|退)(?:る|ま|、|て|れ)|担当(?:者)?(?:が|を|の)?(?:下記の通り|以下の通り|下記のとおり|以下のとおり|新しく|[^。、]{0,16}(?:から|より|に|へ))?(?:変更|交代|交替|変わり|代わり|替わり|変わる|代わる)(?:と(?:な|いた|致)|に(?:な|い)|いたし|致し|し(?:まし|て|た)|ま|こと|り|の(?:ご連絡|お知らせ|ご挨拶)|。|$)` +
		`|部署(?:が|を)(?:変わり|異動し|異動いた|移り|異動となり|変わることに)|(?:へ|に)(?:配属|転属)(?:と(?:な|いう)|に(?:な)|され)|担当(?:では(?:なく|ござい|あり)|から変更)`)

	// successorSpeaks: the one who writes follows somebody, who is not named by an address.
	successorSpeaks = vocabulary.Expression(`私(?:が|、)[^。]{0,12}後任|後任の[^。、がはを:]{1,16}(?:と申します|です|でございます|と言います|といいます)|後任として[^。がは]{0,14}(?:着任|配属|赴任|就任|担当(?:させて|する|いたし|致し|を(?:務|させ|仰)|になりまし|となりまし))[^。]{0,30}(?:と申します|です|私|$)|後任として(?:新たに|新しく|この度|このたび)?(?:着任|配属|赴任|就任|担当させて|担当することに)|後任を(?:務め|拝命|仰せ|引き受け)|(?:を|から)引き?継(?:ぎました|ぐことになりました|ぐこととなりました|がせて|いで|いだ)[^。]{0,16}(?:と申します|です|でございます)|新(?:しく|たに)(?:御社|貴社)?(?:の)?担当(?:させて|に(?:なり|就)|となり|することに)|(?:着任|就任|配属に?な?り?)(?:いた|致|し)?(?:しまし|まし)た[^。]{0,16}(?:と申します|です|でございます)`)

	theirName = regexp.MustCompile(`(?:^|[、,。の])([\p{Han}ァ-ヶー]{1,7})(さん|様|氏|君)?(?:は|が|につきましては|につき|も)[^。]{0,40}$`)
)

// left tells that the sender is no longer with the company, or does something else there.
func (t *telling) left() (crm.Signal, bool) {
	var left, moved *sentence
	for i := range t.sentences {
		s := &t.sentences[i]
		switch t.leaving(s) {
		case crm.SignalLeft:
			if left == nil {
				left = s
			}
		case crm.SignalTransferred:
			if moved == nil {
				moved = s
			}
		}
	}
	switch {
	case left == nil && moved == nil || t.arriving():
	case left != nil:
		return t.gone(crm.SignalLeft, left), true
	default:
		return t.gone(crm.SignalTransferred, moved), true
	}
	return crm.Signal{}, false
}

// arriving says whether the one who writes is the successor.
func (t *telling) arriving() bool {
	for i := range t.sentences {
		s := &t.sentences[i]
		if has(s.folded, "後任", "引き継", "引継", "担当", "着任", "就任") && successorSpeaks.Match(s.told) {
			return true
		}
		if has(s.folded, "i am ", "i'm ", "i have ", "i've ", "i will ", "my name is") && succeedingEnglish.Match(s.told) {
			return true
		}
	}
	return false
}

// leaving says what one sentence tells of the sender; "" if nothing.
func (t *telling) leaving(s *sentence) crm.SignalKind {
	if !leavingHints.May(s.told) {
		return ""
	}
	told := s.unquoted()
	if asks(told.String) {
		return ""
	}
	if japanese(told.String) {
		told = notLeft.Replace(told, "")
		f := told.String
		at, kind := leftJapan.Find(told), crm.SignalLeft
		if at == nil {
			at, kind = transferredJapan.Find(told), crm.SignalTransferred
		}
		if at == nil || t.otherJapanese(f[:at[0]]) || has(f[at[0]:], "かどうか", "予定はございません", "予定はありません", "わけではありません", "と聞き", "と伺", "とのこと", "そうです", "と噂", "でしょうか") {
			return ""
		}
		return kind
	}
	return t.leavingEnglish(told)
}

// otherJapanese says whether what stands before the words names somebody else than the sender. In an automatic answer
// it is the sender whoever wrote it.
func (t *telling) otherJapanese(before string) bool {
	for _, ours := range []string{"御社の", "貴社の", "御社", "貴社", "御社様の", "貴社様の"} {
		before = strings.TrimSuffix(before, ours)
	}
	if has(before, "前任の", "前任者", "先代", "弊社社員の", "知人", "友人", "同僚", "御社の", "貴社の", "御社", "貴社", "お客様", "先方", "社員が", "スタッフが", "従業員", "担当者様", "ご担当") && !has(before, "御社担当", "貴社担当", "御社の担当", "貴社の担当", "御社を担当", "貴社を担当") {
		return t.Class != crm.ClassAutoReply || has(before, "御社の", "貴社の")
	}
	if t.Class == crm.ClassAutoReply {
		return false
	}
	at := theirName.FindStringSubmatch(before)
	if at == nil {
		return false
	}
	name := at[1]
	if at[2] == "さん" || at[2] == "様" || at[2] == "君" {
		return true
	}
	return !t.isSender(name)
}

// isSender says whether a name may be that of the sender: it is part of it, or nobody can tell.
func (t *telling) isSender(name string) bool {
	for _, self := range []string{"私", "小職", "小生", "私儀", "当方", "本人", "担当", "担当者", "弊社担当", "下記", "者", "今回", "今般", "先般", "私事", "件名", "此度", "今度", "月", "日", "末", "年", "度", "一身上", "都合", "これまで", "部署", "部", "課", "当該", "現在", "窓口", "営業担当", "弊職", "社", "アドレス", "実", "週", "後", "前", "間"} {
		if strings.HasSuffix(name, self) {
			return true
		}
	}
	if bare := strings.TrimPrefix(strings.TrimPrefix(name, "弊社"), "当社"); bare != "" && titleWords.FindString(bare) == bare {
		return false // of their boss: 部長が異動になりました
	}
	from := fold(t.From.Name)
	if from == "" || !japanese(from) {
		return true
	}
	for _, c := range []string{"弊社", "当社", "担当", "部長", "課長", "係長", "主任"} {
		name = strings.TrimPrefix(strings.TrimSuffix(name, c), c)
	}
	return name == "" || strings.Contains(from, name) || strings.Contains(name, strings.Split(t.From.Name, " ")[0])
}

// gone fills in who follows, where to write, and the last day if a day is said.
func (t *telling) gone(kind crm.SignalKind, s *sentence) crm.Signal {
	signal := crm.Signal{Kind: kind, Evidence: evidence(s.raw), Until: t.lastDay(s.folded)}
	signal.Successor, signal.NewEmail = t.successor()
	return signal
}

// lastDay is the day by which somebody leaves, if the sentence names one.
func (t *telling) lastDay(folded string) time.Time {
	for _, d := range t.dates(folded) {
		rest := folded[d.end:]
		if strings.HasPrefix(rest, "から") || strings.HasPrefix(rest, "より") {
			continue
		}
		return d.day
	}
	return time.Time{}
}

// asks says whether a sentence is a question.
func asks(f string) bool {
	return strings.HasSuffix(f, "?") || strings.HasSuffix(f, "でしょうか。") || strings.HasSuffix(f, "ますか。") || strings.HasSuffix(f, "ですか。") || strings.HasSuffix(f, "でしょうか")
}

func japanese(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return strings.ContainsFunc(s[i:], func(c rune) bool {
				return c >= 0x3041 && c <= 0x30ff || unicode.Is(unicode.Han, c)
			})
		}
	}
	return false
}
