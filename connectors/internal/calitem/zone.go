package calitem

import (
	_ "embed"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed windowszones.txt
var windowsZonesText string

// windowsZones is the table of windowszones.txt, by lower-case name.
var windowsZones = sync.OnceValue(func() map[string]string {
	out := make(map[string]string)
	for line := range strings.SplitSeq(windowsZonesText, "\n") {
		if windows, iana, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			out[strings.ToLower(windows)] = iana
		}
	}
	return out
})

// statedOffset is an offset in the name of a zone: "(UTC+09:00) Osaka", "GMT+0900", "UTC-5".
var statedOffset = regexp.MustCompile(`(?i)\b(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d{2}))?`)

// knownZone finds a zone by a name that it is known by; nil if there is none. Names of one's own making count if an
// IANA name is their end ("/freeassociation.sourceforge.net/Asia/Tokyo"), or if they name their cities.
func knownZone(name string) *time.Location {
	name = strings.Trim(strings.TrimSpace(name), `"'`)
	if name == "" || len(name) > 300 {
		return nil
	}
	if iana, ok := windowsZones()[strings.ToLower(name)]; ok {
		return load(iana)
	}
	if zone := load(name); zone != nil {
		return zone
	}
	parts := strings.FieldsFunc(name, func(c rune) bool { return c == '/' || c == '\\' })
	for i := 1; i < len(parts); i++ {
		if zone := load(strings.Join(parts[i:], "/")); zone != nil && (i < len(parts)-1 || zone == time.UTC) {
			return zone
		}
	}
	return zoneOfCities(name)
}

// load loads an IANA zone. Names that mean the machine's zone, or a file, are none.
func load(name string) *time.Location {
	switch strings.ToUpper(name) {
	case "Z", "UTC", "GMT", "ETC/UTC", "ETC/GMT", "UCT", "ZULU", "ETC/ZULU", "COORDINATED UNIVERSAL TIME":
		return time.UTC
	case "", "LOCAL":
		return nil
	case "JST":
		name = "Asia/Tokyo"
	}
	if strings.Contains(name, "..") || strings.HasPrefix(name, "/") {
		return nil
	}
	name = strings.ReplaceAll(name, " ", "_")
	if zone, err := time.LoadLocation(name); err == nil {
		return zone
	}
	return nil
}

// zoneOfCities knows the zones that groupware of this country names in words.
func zoneOfCities(name string) *time.Location {
	for _, city := range []struct{ word, zone string }{
		{"東京", "Asia/Tokyo"}, {"大阪", "Asia/Tokyo"}, {"日本標準時", "Asia/Tokyo"}, {"日本時間", "Asia/Tokyo"},
		{"tokyo", "Asia/Tokyo"}, {"osaka", "Asia/Tokyo"}, {"japan", "Asia/Tokyo"},
		{"seoul", "Asia/Seoul"}, {"ソウル", "Asia/Seoul"}, {"beijing", "Asia/Shanghai"}, {"北京", "Asia/Shanghai"},
		{"hong kong", "Asia/Shanghai"}, {"taipei", "Asia/Taipei"}, {"台北", "Asia/Taipei"}, {"singapore", "Asia/Singapore"},
		{"pacific time", "America/Los_Angeles"}, {"太平洋標準時", "America/Los_Angeles"}, {"eastern time", "America/New_York"}, {"東部標準時", "America/New_York"},
		{"mountain time", "America/Denver"}, {"central time", "America/Chicago"}, {"london", "Europe/London"}, {"ロンドン", "Europe/London"},
		{"paris", "Europe/Paris"}, {"パリ", "Europe/Paris"}, {"berlin", "Europe/Berlin"}, {"ベルリン", "Europe/Berlin"}, {"sydney", "Australia/Sydney"}, {"シドニー", "Australia/Sydney"},
	} {
		if strings.Contains(strings.ToLower(name), city.word) {
			return load(city.zone)
		}
	}
	return nil
}

// offsetZone is the fixed zone of an offset in a name; nil if it names none.
func offsetZone(name string) *time.Location {
	m := statedOffset.FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi(m[3])
	if hours > 14 || minutes > 59 {
		return nil
	}
	seconds := hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	if seconds == 9*3600 {
		return load("Asia/Tokyo")
	}
	return fixedZone(seconds)
}

// fixedZone is a zone of one offset. Its IANA name is one if the offset has full hours.
func fixedZone(seconds int) *time.Location {
	if seconds == 0 {
		return time.UTC
	}
	if seconds%3600 == 0 {
		if zone := load("Etc/GMT" + signed(-seconds/3600)); zone != nil {
			return zone
		}
	}
	return time.FixedZone("", seconds)
}

func signed(n int) string {
	if n < 0 {
		return strconv.Itoa(n)
	}
	return "+" + strconv.Itoa(n)
}

// zoneName is the IANA name of a zone; "" for UTC and for zones without one.
func zoneName(zone *time.Location) string {
	if zone == nil || zone == time.UTC {
		return ""
	}
	switch name := zone.String(); name {
	case "UTC", "Local", customName:
		return ""
	default:
		return name
	}
}
