package e2e

import (
	"fmt"
	"maps"
	"time"
)

// The numbers of the story, worked out by hand. Who did what, by lead:
//
//	lead    owner  came by     forms            mails sent  mails received       calls                      meetings
//	aoi  sato   spring      1, newsletter 1  2           2                    1 call_again               1
//	midori  kato   spring      1                1 (kato)    -                    no_answer, meeting_won,    -
//	                                                                             lost
//	kumo    kato   expo        1                1 (kato)    1 (failure report)   1 no_answer                -
//	mori    sato   spring      1                1 (sato)    1 (refusal)          -                          -
//
// and what became of them:
//
//	aoi  new > working > scheduling > meeting_won (3 changes), converted, won 230,000
//	midori  new > working > meeting_won > nurturing (3 changes)
//	kumo    new > working > untouched (2 changes)
//	mori    new > working > disqualified (2 changes)
//
// Forms have no owner: nobody had the lead yet when they came, or nobody's mailbox shows them. What an exchange
// counts for is where the person came from first, but a form tells for itself: aoi's second one is of the newsletter.
// spring is the channel paid_search, expo is event, the newsletter is email.
const (
	conversionColumns = "leads reached:working rate:working reached:scheduling rate:scheduling reached:meeting_won rate:meeting_won" +
		" reached:converted rate:converted reached:opportunity rate:opportunity reached:won rate:won"
	resultColumns = "total result:no_answer result:call_again result:meeting_won result:lost result:disqualified"
	reasonColumns = "total reason:timing reason:cost reason:competitor reason:research"
	bandColumns   = "answered mean within_day band:1h band:4h band:24h band:3d band:7d band:later"
)

// answered are how long the leads waited for an answer, each in whole seconds: from what they wrote first and nobody had
// answered to our next mail (a call that nobody takes answers nothing).
type answered struct {
	aoi                [2]time.Duration // the first form; the second one, by the second mail
	midori, kumo, mori time.Duration
}

// line is the row of some answers, all within an hour.
func (answered) line(waits ...time.Duration) string {
	sum := time.Duration(0)
	for _, w := range waits {
		sum += w.Truncate(time.Second)
	}
	return fmt.Sprintf("%d %d/%d 1 %[1]d 0 0 0 0 0", len(waits), int(sum.Seconds()), len(waits))
}

// theNumbers are those at the end of the story.
func theNumbers(a answered) map[string]reportWant {
	one := map[string]string{sato: "1", kato: "1"}
	return map[string]reportWant{
		// aoi by the meeting (sato), midori by the call (kato); both came by spring. kumo moved, too, but to no meeting: expo has 0.
		"meetings_won":           {columns: "meetings_won", none: "2", by: told(one, "2", "0", "")},
		"meetings_won_by_source": {columns: "meetings_won", none: "2", by: told(one, "2", "0", "")},
		// sato: 1 call, 3 mails sent (aoi 2, mori 1), 3 received (aoi 2, mori 1); kato: 4 calls (midori 3, kumo 1), 2 sent, 1 received.
		// spring: all but kumo's. Calls and mails together are the total.
		"activities": {columns: "total calls mails_sent mails_received meetings forms", none: "14 5 5 4 1 5",
			by: told(map[string]string{sato: "7 1 3 3 1 0", kato: "7 4 2 1 0 0", "": "0 0 0 0 0 5"}, "11 4 4 3 1 3", "3 1 1 1 0 1", "0 0 0 0 0 1")},
		"call_results": {columns: resultColumns, none: "5 2 1 1 1 0",
			by: told(map[string]string{sato: "1 0 1 0 0 0", kato: "4 2 0 1 1 0"}, "4 1 1 1 1 0", "1 1 0 0 0 0", "")},
		"leads": {columns: "leads", none: "4", by: told(map[string]string{sato: "2", kato: "2"}, "3", "1", "")},
		// midori's call that was lost.
		"nurturing_reasons": {columns: reasonColumns, none: "1 1 0 0 0", by: told(map[string]string{kato: "1 1 0 0 0"}, "1 1 0 0 0", "", "")},
		// All four were worked on; aoi alone came to scheduling and beyond, midori to a meeting.
		"conversion": {columns: conversionColumns, none: "4 4 1 1 1/4 2 1/2 1 1/4 1 1/4 1 1/4", by: told(
			map[string]string{sato: "2 2 1 1 1/2 1 1/2 1 1/2 1 1/2 1 1/2", kato: "2 2 1 0 0 1 1/2 0 0 0 0 0 0"},
			"3 3 1 1 1/3 2 2/3 1 1/3 1 1/3 1 1/3", "1 1 1 0 0 0 0 0 0 0 0 0 0", "")},
		// spring 45,000 + 15,000 for 3 leads, expo 9,000 for 1, the newsletter 5,000 for none; before that 7,000 for spring.
		"cost_per_lead": {columns: "cost leads cost_per_lead", none: "74000 4 18500", by: told(nil, "60000 3 20000", "9000 1 9000", "5000 0 -"),
			previous: "7000 0 -"},
		"cost_per_meeting": {columns: "cost meetings_won cost_per_meeting", none: "74000 2 37000", by: told(nil, "60000 2 30000", "9000 0 -", "5000 0 -"),
			previous: "7000 0 -"},
		// クラウド会計: aoi, midori, mori; 給与計算: kumo, and aoi's second form.
		"product_demand": {columns: "total product:クラウド会計 product:給与計算", none: "5 3 2",
			by: told(map[string]string{"": "5 3 2"}, "3 3 0", "1 0 1", "1 0 1")},
		"response_time": {columns: bandColumns, none: a.line(a.aoi[0], a.aoi[1], a.midori, a.kumo, a.mori), by: told(
			map[string]string{sato: a.line(a.aoi[0], a.aoi[1], a.mori), kato: a.line(a.midori, a.kumo)},
			a.line(a.aoi[0], a.aoi[1], a.midori, a.mori), a.line(a.kumo), "")},
		// Typed are the calls. By itself came: 5 forms, 9 mails, 1 meeting and 10 changes of status. sato: 6 mails, 1 meeting, 5 changes;
		// kato: 3 mails, 5 changes; nobody: the forms. spring: aoi 1 + 4 + 1 + 3, midori 1 + 1 + 3, mori 1 + 2 + 2; expo: 1 + 2 + 2.
		"manual_entries_saved": {columns: "saved typed share", none: "25 5 25/30",
			by: told(map[string]string{sato: "12 1 12/13", kato: "8 4 8/12", "": "5 0 1"}, "19 4 19/23", "5 1 5/6", "1 0 1")},
		// 12 × 10,000 + 12 × 5,000 + 50,000.
		"won": {columns: "won amount mean_amount lost win_rate", none: "1 230000 230000 0 1",
			by: told(map[string]string{sato: "1 230000 230000 0 1"}, "1 230000 230000 0 1", "", "")},
	}
}

// withoutNurturing are the numbers when midori's last change of status is taken back: no reason counts, and what came by
// itself is one less.
func withoutNurturing(all map[string]reportWant) map[string]reportWant {
	out := maps.Clone(all)
	out["nurturing_reasons"] = reportWant{columns: reasonColumns, none: "0 0 0 0 0", by: told(map[string]string{}, "", "", "")}
	out["manual_entries_saved"] = reportWant{columns: "saved typed share", none: "24 5 24/29",
		by: told(map[string]string{sato: "12 1 12/13", kato: "7 4 7/11", "": "5 0 1"}, "18 4 18/22", "5 1 5/6", "1 0 1")}
	return out
}

// withConversions are the numbers when one lead of these two is converted, with or without a deal: how many are, by owner, and
// how many opportunities there are.
func withConversions(all map[string]reportWant, none, bySato, byKato, spring string) map[string]reportWant {
	out := maps.Clone(all)
	out["conversion"] = reportWant{columns: conversionColumns, none: none,
		by: told(map[string]string{sato: bySato, kato: byKato}, spring, "1 1 1 0 0 0 0 0 0 0 0 0 0", "")}
	return out
}
