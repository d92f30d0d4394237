package calitem

import (
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"
)

// customName is the name of zones that were made from a VTIMEZONE and are like none that is known.
const customName = "custom"

// transition is a moment at which an offset begins.
type transition struct {
	at     int64 // Unix seconds
	offset int   // seconds east of UTC
	dst    bool
}

// The years for which the rules of a VTIMEZONE are worked out, and how many changes there may be.
const (
	zoneFrom       = 1990
	zoneTo         = 2060
	maxTransitions = 1000
)

// readZones finds the zone of each VTIMEZONE. Its name is believed if it is an IANA or a Windows name: the rules
// beside it are often old. Otherwise the rules count, under the name of a known zone that has the same.
func (c *Calendar) readZones(zones []*component) {
	for _, z := range zones[:min(len(zones), 100)] {
		p, ok := z.get("TZID")
		if !ok || c.zones[p.value] != nil {
			continue
		}
		c.zones[p.value] = zoneOf(z, p.value)
	}
}

// zoneOf is the zone that a VTIMEZONE describes; nil if neither its name nor its rules say anything.
func zoneOf(z *component, name string) *time.Location {
	_, windows := windowsZones()[strings.ToLower(name)]
	guess := knownZone(name)
	if location, ok := z.get("X-LIC-LOCATION"); ok && guess == nil {
		guess = knownZone(location.value)
	}
	if guess != nil && (windows || strings.HasSuffix(name, guess.String())) {
		return guess
	}
	changes, first, ok := rulesOf(z)
	if !ok {
		return guess
	}
	if !slices.ContainsFunc(changes, func(t transition) bool { return t.offset != changes[0].offset }) {
		if guess != nil && agrees(changes, guess) {
			return guess
		}
		if tokyo := load("Asia/Tokyo"); tokyo != nil && agrees(changes, tokyo) {
			return tokyo
		}
		return fixedZone(changes[0].offset)
	}
	candidates := []*time.Location{guess}
	for _, name := range []string{"America/Los_Angeles", "America/New_York", "America/Chicago", "America/Denver", "Europe/London", "Europe/Berlin", "Australia/Sydney"} {
		candidates = append(candidates, load(name))
	}
	for _, zone := range candidates {
		if zone != nil && agrees(changes, zone) {
			return zone
		}
	}
	zone, err := time.LoadLocationFromTZData(customName, tzif(changes, first))
	if err != nil {
		return guess
	}
	return zone
}

// agrees says whether a zone has had the offsets of the changes since 2010 and will have them.
func agrees(changes []transition, zone *time.Location) bool {
	at := 0
	for day := time.Date(2010, 1, 1, 12, 0, 0, 0, time.UTC); day.Year() < 2037; day = day.AddDate(0, 0, 3) {
		for at+1 < len(changes) && changes[at+1].at <= day.Unix() {
			at++
		}
		if offset(day, zone) != time.Duration(changes[at].offset)*time.Second {
			return false
		}
	}
	return true
}

// rulesOf works out the changes of a VTIMEZONE (RFC 5545 section 3.6.5), sorted, and the offset before the first.
func rulesOf(z *component) (changes []transition, first int, ok bool) {
	for _, part := range z.children[:min(len(z.children), 50)] {
		from, fromOK := parseOffset(part, "TZOFFSETFROM")
		to, toOK := parseOffset(part, "TZOFFSETTO")
		if !toOK {
			continue
		}
		if !fromOK {
			from = to
		}
		for _, wall := range onsets(part) {
			changes = append(changes, transition{at: wall.Unix() - int64(from), offset: to, dst: part.name == "DAYLIGHT"})
		}
		if part.name == "STANDARD" && !ok {
			first, ok = to, true
		}
	}
	if len(changes) == 0 {
		return nil, 0, false
	}
	slices.SortStableFunc(changes, func(a, b transition) int { return int(min(max(a.at-b.at, -1), 1)) })
	if len(changes) > maxTransitions {
		changes = changes[len(changes)-maxTransitions:]
	}
	if !ok {
		first = changes[0].offset
	}
	return changes, first, true
}

// onsets are the times at which a part of a VTIMEZONE begins to hold, on the clock of before.
func onsets(part *component) []time.Time {
	p, _ := part.get("DTSTART")
	start, _, _, err := parseClock(p.value)
	if err != nil {
		start = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	out := []time.Time{start}
	for _, p := range part.all("RRULE") {
		// Its UNTIL is in UTC; a day more or less does not matter to the onset of a season.
		r, err := parseRule(p.value, moment{wall: start})
		if err != nil {
			continue
		}
		if !r.until.IsZero() {
			r.until = r.until.Add(24 * time.Hour)
		}
		b := expansionBudget / 10
		_ = r.expand(start, time.Date(zoneFrom, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(zoneTo, 1, 1, 0, 0, 0, 0, time.UTC), &b, func(t time.Time) bool {
			out = append(out, t)
			return len(out) < maxTransitions
		}) // what was found until the budget ended is good enough
	}
	for _, p := range part.all("RDATE") {
		for text := range strings.SplitSeq(p.value, ",") {
			if t, _, _, err := parseClock(text); err == nil && len(out) < maxTransitions {
				out = append(out, t)
			}
		}
	}
	return out
}

// parseOffset reads UTC-OFFSET, "+0900" or "-033000", as seconds.
func parseOffset(part *component, name string) (int, bool) {
	text := strings.ReplaceAll(part.word(name), ":", "")
	if len(text) == 4 && isDigit(text[0]) {
		text = "+" + text
	}
	if len(text) != 5 && len(text) != 7 || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi((text[1:] + "00")[:6])
	if err != nil || n >= 240000 {
		return 0, false
	}
	seconds := n/10000*3600 + n/100%100*60 + n%100
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// tzif writes changes as a version 2 file of RFC 8536, which is how the time package takes zones.
func tzif(changes []transition, first int) []byte {
	kinds := []transition{{offset: first}}
	var times, indexes []byte
	for _, t := range changes {
		kind := slices.IndexFunc(kinds, func(k transition) bool { return k.offset == t.offset && k.dst == t.dst })
		if kind < 0 {
			if kind = len(kinds); kind > 255 {
				break
			}
			kinds = append(kinds, transition{offset: t.offset, dst: t.dst})
		}
		times = binary.BigEndian.AppendUint64(times, uint64(t.at))
		indexes = append(indexes, byte(kind))
	}
	header := func(timeCount, typeCount, charCount int) []byte {
		out := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []int{0, 0, 0, timeCount, typeCount, charCount} {
			out = binary.BigEndian.AppendUint32(out, uint32(n))
		}
		return out
	}
	out := append(header(0, 0, 0), header(len(indexes), len(kinds), 1)...)
	out = append(append(out, times...), indexes...)
	for _, k := range kinds {
		out = binary.BigEndian.AppendUint32(out, uint32(int32(k.offset)))
		dst := byte(0)
		if k.dst {
			dst = 1
		}
		out = append(out, dst, 0)
	}
	return append(out, 0, '\n', '\n')
}
