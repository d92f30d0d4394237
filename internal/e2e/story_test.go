package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// story is what happened, by what causes what.
type story struct {
	*stage

	aoi, midori, kumo, mori                crm.ExportedActivity // their forms
	again                                  crm.ExportedActivity // aoi's second form
	toAoi, toMidori, toKumo, toMori        crm.ExportedActivity // our first mails
	dates, failure, refusal                crm.ExportedActivity // what came back
	confirmed, meeting, call, promise      crm.ExportedActivity // of aoi
	noAnswer, appointment, lost, kumosCall crm.ExportedActivity // calls

	account, opportunity, conversion string // ids
	products                         map[string]crm.Product
}

// TestFromEnquiryToContract follows four leads from the form to where they end, through the API and the command line: one
// becomes a customer with a contract that is about to expire, one waits, one cannot be reached, one refuses. Nobody types
// anything but what calls gave.
func TestFromEnquiryToContract(t *testing.T) {
	t.Parallel()
	s := &story{stage: newStage(t), products: map[string]crm.Product{}}
	s.spend()
	s.enquiries()
	s.answers()
	s.replies()
	s.appointments()
	s.lastWords()
	s.histories()
	s.standings()
	s.decisions()
	s.convert()
	s.win()
	s.notices()
	s.find()
	numbers := theNumbers(s.waits())
	s.wantReports(numbers, true)
	s.wantNoOwners("cost_per_lead")
	s.wantNoOwners("cost_per_meeting")
	s.convertAndUndo(numbers)
	s.undoNurturing(numbers)
	s.undoConversion(withoutNurturing(numbers))
	s.must("verify", "--rollups")
}

// day is a day some days from when the story began, in Tokyo.
func (s *story) day(days int) string {
	return s.began.In(tokyo(s.T)).AddDate(0, 0, days).Format(time.DateOnly)
}

// spend enters what the campaigns cost, and the catalogue.
func (s *story) spend() {
	type cost map[string]any
	for _, c := range []map[string]any{
		{"code": "spring", "name": "春の広告", "channel": "paid_search", "budget": 100000, "costs": []cost{
			{"day": s.day(0), "amount": 45000}, {"day": s.day(0), "amount": 15000, "note": "追加"}, {"day": s.day(-40), "amount": 7000}}},
		{"code": "expo", "name": "展示会", "channel": "event", "costs": []cost{{"day": s.day(0), "amount": 9000}}},
		{"code": "newsletter", "name": "メルマガ", "channel": "email", "costs": []cost{{"day": s.day(0), "amount": 5000}}},
	} {
		s.api.post("/campaigns", c, nil)
	}
	for name, price := range map[string]int64{"クラウド会計": 10000, "給与計算": 5000} {
		var p crm.Product
		s.api.post("/products", map[string]any{"name": name, "price": price, "unit": "月"}, &p)
		s.products[name] = p
	}
}

// enquiries sends the four forms, one after the other: whose turn it is depends on who got the one before.
func (s *story) enquiries() {
	enquire := func(address, name, company, product, owner string, from map[string]string) crm.ExportedActivity {
		fields := map[string]string{"お名前": name, "会社名": company, "product": product, "お問い合わせ内容": "資料をお願いします。"}
		for word, value := range from {
			fields[word] = value
		}
		form := s.enquire(address, fields)
		s.await(address+" is given to "+owner, func() bool { return s.person(address).Owner == owner })
		return form
	}
	spring := map[string]string{"utm_campaign": "spring", "utm_source": "google", "utm_medium": "cpc"}
	s.aoi = enquire(aoi, "青井 空", "株式会社アオゾラ", "クラウド会計", sato, spring)
	s.midori = enquire(midori, "緑川 葉子", "ミドリ商会", "クラウド会計", kato, spring)
	s.kumo = enquire(kumo, "雲野 流", "有限会社クモ", "給与計算", kato, map[string]string{"utm_campaign": "expo", "utm_source": "tokyo", "utm_medium": "event"})
	s.mori = enquire(mori, "森 茂", "モリ工業", "クラウド会計", sato, spring)
}

// logged is a call that the API or the command line took.
func (s *story) logged(address, id string) crm.ExportedActivity {
	return s.activity(address, "the call", func(a *crm.ExportedActivity) bool { return a.ID == id })
}

func (s *story) callAPI(address string, body map[string]any) crm.ExportedActivity {
	s.Helper()
	body["person"] = s.person(address).ID
	var a crm.ExportedActivity
	s.api.post("/calls", body, &a)
	return s.logged(address, a.ID)
}

func (s *story) callCLI(args ...string) crm.ExportedActivity {
	s.Helper()
	return s.logged(args[0], strings.TrimSpace(s.must(append([]string{"call"}, args...)...)))
}

// answers: the reps write to all but kumo, whom kato calls in vain.
func (s *story) answers() {
	out := s.send(s.tick(), note{sato, aoi, "資料のご送付", "資料をお送りします。"}, note{kato, midori, "資料の送付", "資料をお送りします。"},
		note{sato, mori, "ご案内", "資料をお送りします。"})
	s.toAoi, s.toMidori, s.toMori = out[0], out[1], out[2]
	s.kumosCall = s.callCLI(kumo, "--result", "no_answer", "--when", s.day(2), "--what", "もう一度電話する")
	for _, who := range []string{aoi, midori, kumo, mori} {
		s.reaches(who, "working")
	}
	s.again = s.enquire(aoi, map[string]string{"お名前": "青井 空", "会社名": "株式会社アオゾラ", "product": "給与計算", "お問い合わせ内容": "給与についても教えてください。",
		"utm_campaign": "newsletter", "utm_source": "hatena", "utm_medium": "email"})
	s.noAnswer = s.callAPI(midori, map[string]any{"result": "no_answer", "next": map[string]string{"when": s.day(1), "what": "午後に電話する"}})
	s.toKumo = s.send(s.tick(), note{kato, kumo, "資料送付の件", "資料をお送りします。"})[0]
}

// replies: aoi proposes dates, kumo's address does not exist, mori refuses.
func (s *story) replies() {
	first, second := clock(s.T, 3, 14), clock(s.T, 4, 10)
	at := s.tick()
	s.failure = s.bounce(at, kato, kumo)
	out := s.send(at, note{aoi, sato, "打ち合わせの日程", "お打ち合わせの日程ですが、" + first.Format("1月2日15時") + "か" + second.Format("1月2日15時") + "でご都合いかがでしょうか。"},
		note{mori, sato, "ご連絡について", "お世話になっております。今後のご連絡は不要です。"})
	s.dates, s.refusal = out[0], out[1]
	s.reaches(aoi, "scheduling")
	s.reaches(kumo, "untouched")
	s.reaches(mori, "disqualified")
}

// appointments: aoi accepts a meeting, midori says yes on the telephone, and then no.
func (s *story) appointments() {
	s.confirmed = s.send(s.tick(), note{sato, aoi, "日程の件", "承知しました。予定をお送りします。"})[0]
	s.appointment = s.callAPI(midori, map[string]any{"result": "meeting_won", "text": "来週会えるとのこと"})
	s.reaches(midori, "meeting_won")
	s.meeting = s.meet(s.tick(), aoi, "導入の打ち合わせ")
	s.reaches(aoi, "meeting_won")
	s.lost = s.callCLI(midori, "--result", "lost", "--text", "今期は見送り", "--note", "来期は見込みあり")
	s.reaches(midori, "nurturing")
}

// lastWords: sato calls aoi, who then promises an answer.
func (s *story) lastWords() {
	s.call = s.callAPI(aoi, map[string]any{"result": "call_again", "next": map[string]string{"when": s.day(5), "what": "見積もりの感想を伺う", "whom": "経理の方"}})
	s.promise = s.send(s.tick(), note{aoi, sato, "社内の決裁", clock(s.T, 10, 9).Format("1月2日") + "までに決裁の結果をご連絡いたします。"})[0]
}

// histories: each change of status and owner, and why.
func (s *story) histories() {
	s.Helper()
	s.wantHistory(aoi, s.historyOfAoi())
	s.wantHistory(midori, s.historyOfMidori())
	s.wantHistory(kumo, []step{given(kato, "給与の担当", s.kumo), became("new", "working", "first_call", "call", s.kumosCall),
		became("working", "untouched", "bounce_hard", "bounce_hard", s.failure)})
	s.wantHistory(mori, []step{given(sato, "会計の担当", s.mori), became("new", "working", "first_mail", "mail_sent", s.toMori),
		became("working", "disqualified", "refusal", "refusal", s.refusal)})
}

func (s *story) historyOfAoi() []step {
	planned := s.meeting
	planned.Time = s.meeting.Meeting.Updated // it was agreed on then, and takes place later
	return []step{given(sato, "会計の担当", s.aoi), became("new", "working", "first_mail", "mail_sent", s.toAoi),
		became("working", "scheduling", "dates_proposed", "dates_proposed", s.dates),
		became("scheduling", "meeting_won", "meeting_planned", "meeting_planned", planned)}
}

func (s *story) historyOfMidori() []step {
	lost := became("meeting_won", "nurturing", "call_lost", "call", s.lost)
	lost.reason = "timing"
	return []step{given(kato, "会計の担当", s.midori), became("new", "working", "first_mail", "mail_sent", s.toMidori),
		became("working", "meeting_won", "call_meeting_won", "call", s.appointment), lost}
}

// waits are how long each waited for an answer.
func (s *story) waits() answered {
	wait := func(asked, answer crm.ExportedActivity) time.Duration { return answer.Time.Sub(asked.Time) }
	return answered{aoi: [2]time.Duration{wait(s.aoi, s.toAoi), wait(s.again, s.confirmed)}, midori: wait(s.midori, s.toMidori),
		kumo: wait(s.kumo, s.toKumo), mori: wait(s.mori, s.toMori)}
}
