package crm

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// SourceHour counts what came from a source within one hour.
type SourceHour struct {
	Hour time.Time `json:"hour"`          // its beginning, UTC
	Seen int64     `json:"seen"`          // rows that were new in the ledger, history among them
	Live int64     `json:"live"`          // of them, news: the item was no older than LiveWithin when it was seen
	Last time.Time `json:"last,omitzero"` // when the last news was seen
}

// What counts as news, and how much of the past is kept.
const (
	LiveWithin = 48 * time.Hour
	HoursKept  = 8 * 7 * 24 * time.Hour
)

// Silence is how long nothing new came from a source, and whether that is out of the ordinary.
type Silence struct {
	Since   time.Time     `json:"since,omitzero"` // when the last news was seen; zero if none ever was
	For     time.Duration `json:"for"`            // from then until the source was last read to its end
	Judged  bool          `json:"judged"`         // there is enough of the past to say what is usual
	Chance  float64       `json:"chance"`         // that nothing comes for so long although all is well; 1 if nothing was to be expected
	Unusual bool          `json:"unusual"`        //
}

// What a silence must be to be called unusual.
const (
	silenceLearns = 14 * 24 * time.Hour // no alarm before so much is known
	silenceChance = 1.0 / 10_000        // less likely than that
	silencePrior  = 12                  // weight, in days, of what is usual on any working day
)

// JudgeSilence says whether the silence of a source is out of the ordinary. hours are its counts of the last eight weeks in any
// order, until is when the source was last read to its end, open the organisation's business hours.
//
// Only business hours count: nights, weekends, holidays, days on which the organisation is closed and the days from 29 December
// to 3 January neither teach anything nor raise an alarm. For each hour of the week the chance that nothing comes in it is
// estimated from the same hour of the same weekday, and, as long as there are few of those, of all working days; each
// estimate counts one silent and one busy day more than there were. The chance of the whole silence is the product over
// its hours: the hour of the last news does not count, the present one does in part. It is unusual if that chance is below one in
// ten thousand and if at most one silence of the past was as unlikely: a source whose news come in bursts so sets its own
// measure. Before the source has been known for two weeks nothing is unusual. How much comes in an hour plays no part, so a burst teaches nothing wrong.
func JudgeSilence(hours []SourceHour, until time.Time, open *Hours, zone *time.Location) Silence {
	var first, last time.Time
	live := make(map[time.Time]bool, len(hours))
	for _, h := range hours {
		if h.Live == 0 || h.Hour.After(until) {
			continue
		}
		live[h.Hour.UTC()] = true
		if first.IsZero() || h.Hour.Before(first) {
			first = h.Hour
		}
		if h.Last.After(last) {
			last = h.Last
		}
	}
	out := Silence{Since: last, Chance: 1}
	if last.IsZero() {
		return out
	}
	out.For = max(0, until.Sub(last))
	if until.Sub(first) < silenceLearns {
		return out
	}
	out.Judged = true
	r := learnRhythm(live, first, last, open, zone)
	surprise := r.surprise(last, until)
	out.Chance = math.Exp(-surprise)
	if out.Chance >= silenceChance {
		return out
	}
	asUnlikely := 0
	for _, past := range r.pastSilences(live, first, last) {
		if past >= surprise {
			asUnlikely++
		}
	}
	out.Unusual = asUnlikely <= 1
	return out
}

// rhythm is the chance of silence for each hour of the week.
type rhythm struct {
	open   *Hours
	zone   *time.Location
	silent [7][24]float64
}

// learnRhythm counts the whole business days between the first and the last news.
func learnRhythm(live map[time.Time]bool, first, last time.Time, open *Hours, zone *time.Location) *rhythm {
	r := &rhythm{open: open, zone: zone}
	var days [7]float64
	var quiet [7][24]float64
	today := dayOf(last, zone)
	for day := nextMidnight(dayOf(first, zone)); day.Before(today); day = nextMidnight(day) {
		if !works(open, day) {
			continue
		}
		days[day.Weekday()]++
		for h := range 24 {
			if !live[hourOf(day, h).UTC()] {
				quiet[day.Weekday()][h]++
			}
		}
	}
	for h := range 24 {
		all, none := 0.0, 0.0
		for wd := range 7 {
			all, none = all+days[wd], none+quiet[wd][h]
		}
		usual := (none + 1) / (all + 2)
		for wd := range 7 {
			r.silent[wd][h] = (quiet[wd][h] + silencePrior*usual) / (days[wd] + silencePrior)
		}
	}
	return r
}

// surprise is minus the logarithm of the chance that nothing comes from the hour after the last news to a time.
func (r *rhythm) surprise(from, to time.Time) float64 {
	sum := 0.0
	for hour := from.Truncate(time.Hour).Add(time.Hour); hour.Before(to); hour = hour.Add(time.Hour) {
		sum += r.weight(hour) * min(time.Hour, to.Sub(hour)).Hours()
	}
	return sum
}

// weight is what one silent hour adds to the surprise; 0 outside of business hours.
func (r *rhythm) weight(hour time.Time) float64 {
	local := hour.In(r.zone)
	clock := time.Duration(local.Hour()) * time.Hour
	if clock < r.open.From || clock >= r.open.To || !works(r.open, local) {
		return 0
	}
	return -math.Log(r.silent[local.Weekday()][local.Hour()])
}

// pastSilences are the surprises of the silences between the first and the last news, by whole hours, the longest first.
func (r *rhythm) pastSilences(live map[time.Time]bool, first, last time.Time) []float64 {
	var list []float64
	sum := 0.0
	for hour := first.UTC().Truncate(time.Hour); !hour.After(last); hour = hour.Add(time.Hour) {
		if live[hour] {
			if sum > 0 {
				list = append(list, sum)
			}
			sum = 0
			continue
		}
		sum += r.weight(hour)
	}
	slices.SortFunc(list, func(a, b float64) int { return cmp.Compare(b, a) })
	return list
}

// works says whether business goes on as usual on a day; between the years it does not, whatever the calendar says.
func works(open *Hours, day time.Time) bool {
	_, month, date := day.Date()
	if month == time.December && date >= 29 || month == time.January && date <= 3 {
		return false
	}
	return open.Open(day)
}

func dayOf(t time.Time, zone *time.Location) time.Time {
	year, month, date := t.In(zone).Date()
	return time.Date(year, month, date, 0, 0, 0, 0, zone)
}

func nextMidnight(day time.Time) time.Time {
	year, month, date := day.Date()
	return time.Date(year, month, date+1, 0, 0, 0, 0, day.Location())
}

func hourOf(day time.Time, h int) time.Time {
	year, month, date := day.Date()
	return time.Date(year, month, date, h, 0, 0, 0, day.Location())
}
