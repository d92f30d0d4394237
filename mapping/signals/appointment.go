package signals

import (
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

var (
	meetingWords  = vocabulary.Expression(`打ち?合わ?せ|会議|面談|商談|ミーティング|mtg|訪問|(?:お)?伺|来社|デモ|お話|お時間|日程|アポ|オンライン|zoom|teams|web会議|顔合わ?せ|ご説明|お会い|お目にかか|ヒアリング|候補|\bmeet|\bcall\b|\bdemo|\bzoom\b|\bteams\b|\bchat\b|\bdiscuss|\bcatch up|\bavailab|\bschedul|\bslot|\bappointment|\bvisit|\bsession|\bspeak\b|\btalk\b|\bwork(?:s)? for\b|\bwould [a-z]+ (?:[a-z0-9: ]+ )?(?:work|suit)\b`)
	proposalWords = vocabulary.Expression(`候補|(?:ご)?都合(?:は|の|が|いかが|つ|よろし|良|如何|を)|いかがでしょう|如何でしょう|いかがです|いずれか|どちらか|空いて|空き|可能(?:です|でしょう|な|で)|調整(?:を)?(?:させ|いた|でき|お願い|可能|のほど)|(?:で)?お願いでき(?:ます|ない)|希望(?:日|し|いた|で)|よろしいでしょう|大丈夫(?:です|でしょう)|お時間(?:を)?(?:いただ|頂|ござい)|ではどうでしょう|で(?:は)?どうですか|\bwould\b|\bcould (?:we|you)\b|\bhow about\b|\bwhat about\b|\bdoes\b|\bdo you have\b|\bare you (?:free|available)\b|\bi(?:'m| am) (?:free|available)\b|\bwe(?:'re| are) (?:free|available)\b|\bpropos|\bsuggest|\bany of\b|\bfollowing (?:times?|dates?|slots?)|\bwork(?:s)? for\b|\bsuits?\b|\bcan (?:we|do|you)\b|\bshall we\b|\blet me know (?:which|if|what)|\bavailability\b|\beither\b|\bprefer\b`)
	settled       = vocabulary.Expression(`確定(?:し|いた|と|済|の)|決定(?:し|いた)|に決まり|お待ちしており|議事録|開催(?:し|され|いた)まし|ありがとうございました|先日|先週|前回|昨日|お邪魔(?:し|いた)まし|(?:受付|申込|申し込み|提出|納品|納期|支払|振込|発送|出荷|締切|締め切り|請求|有効)(?:期限|期間|予定|締切|日)?[はを:]|セミナー|ウェビナー|展示会|イベント|\bconfirmed\b|\bthank you for (?:meeting|your time|the call|coming)|\bminutes\b|\binvoice\b|\bdeadline\b|\bdue\b|\bwebinar\b|\bregister\b|\bdelivery\b|\blast (?:week|month|monday|tuesday|wednesday|thursday|friday)`)
)

// The sentences around one that asks in which days and words of meeting count: some before, and a list behind.
const daysBefore, daysBehind = 3, 12

// datesProposed tells that dates for a meeting are proposed: two days or more, or one with a time, near words of
// meeting and words of asking. What was settled or is past does not count.
//
// Days are looked for only around sentences that may ask.
func (t *telling) datesProposed() (crm.Signal, bool) {
	for i := range t.sentences {
		s := &t.sentences[i]
		if !proposalWords.Match(s.told) || s.isSettled() || !t.daysNear(i) {
			continue
		}
		if first, at, ok := t.proposedNear(i); ok {
			words := s.raw
			if at != i {
				words += " " + t.sentences[at].raw
			}
			return crm.Signal{Kind: crm.SignalDatesProposed, Evidence: evidence(words), Until: first}, true
		}
	}
	return crm.Signal{}, false
}

func (s *sentence) meet() bool {
	return s.meets.of(func() bool { return meetingWords.Match(s.told) })
}

func (s *sentence) isSettled() bool {
	return s.settled.of(func() bool { return settled.Match(s.told) })
}

// around are the sentences around the one at i.
func (t *telling) around(i int) []sentence {
	return t.sentences[max(0, i-daysBefore):min(len(t.sentences), i+daysBehind+1)]
}

func (t *telling) daysNear(i int) bool {
	near := t.around(i)
	for j := range near {
		if len(t.daysOf(&near[j])) > 0 {
			return true
		}
	}
	return false
}

// proposedNear looks for the days in the sentence at i and in those around it.
func (t *telling) proposedNear(i int) (first time.Time, at int, ok bool) {
	today := midnight(t.Sent)
	days, timed := map[time.Time]bool{}, false
	at = i
	near := t.around(i)
	for j := range near {
		s := &near[j]
		f, named := s.folded, t.daysOf(s)
		if len(named) == 0 || s.isSettled() || has(f, "までに", "by ") && !has(f, "候補", "~") {
			continue
		}
		for _, d := range named {
			if d.day.Before(today) || strings.HasPrefix(f[d.end:], "まで") {
				continue
			}
			if first.IsZero() || d.day.Before(first) {
				first = d.day
			}
			if len(days) == 0 {
				at = max(0, i-daysBefore) + j
			}
			days[d.day] = true
			timed = timed || d.timed
		}
	}
	if len(days) < 2 && !timed {
		return first, at, false
	}
	for j := range near {
		if near[j].meet() {
			return first, at, len(days) > 0
		}
	}
	return first, at, false
}
