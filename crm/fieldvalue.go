package crm

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of values.
const (
	maxFieldText  = 10_000 // bytes
	maxFieldDigit = 40     // digits of a number
	maxFieldURL   = 2_000  // bytes
	maxFieldLine  = 300    // bytes of every other value
)

// FieldValueError says that a text is no value of a declared field.
type FieldValueError struct {
	Field FieldDef
	Value string // the beginning of the text
	Code  string // what is wrong: "number", "date", "time", "zone", "bool", "option", "url", "phone", "email", "long", "encoding"
}

// Error says it in English.
func (e *FieldValueError) Error() string {
	what, ok := map[string]string{
		"number": "is not a number", "date": "is not a date such as 2026-11-21", "time": "is not a time such as 2026-11-21T09:00:00+09:00",
		"zone": "does not say its time zone, such as +09:00", "bool": "is neither yes nor no", "option": "is none of its options",
		"url": "is not a web address (http or https)", "phone": "is not a telephone number", "email": "is not a mail address",
		"long": "is too long", "encoding": "is not text",
	}[e.Code]
	if !ok {
		what = "is no value of the type " + string(e.Field.Type)
	}
	return e.Field.Name + ": \"" + e.Value + "\" " + what
}

// Canonical is a text that somebody wrote as a value of the field in the form in which it is stored, see
// FieldType. White space at the ends does not count; "" stays "", which is no value. Width is folded where it
// says nothing; numbers may have thousands separators and a unit of yen, dates the Japanese writings (2026年11月21日,
// 令和8年11月21日), options are found by value or label in either language. It is idempotent. The error is
// a *FieldValueError.
func (d FieldDef) Canonical(text string) (string, error) {
	return d.CanonicalIn(text, nil)
}

// CanonicalIn is Canonical where a time without a zone is one of this zone.
func (d FieldDef) CanonicalIn(text string, zone *time.Location) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	value, code := d.canonical(text, zone)
	if code != "" {
		return "", &FieldValueError{Field: d, Value: excerptOf(text), Code: code}
	}
	return value, nil
}

func (d FieldDef) canonical(text string, zone *time.Location) (value, code string) {
	if !utf8.ValidString(text) {
		return "", "encoding"
	}
	limit := maxFieldLine
	switch d.Type {
	case FieldText, FieldOptions:
		limit = maxFieldText
	case FieldURL:
		limit = maxFieldURL
	}
	if len(text) > limit {
		return "", "long"
	}
	switch d.Type {
	case FieldText:
		return canonicalText(text), ""
	case FieldNumber:
		return canonicalNumber(text)
	case FieldDate:
		return canonicalDate(text)
	case FieldTime:
		return canonicalTime(text, zone)
	case FieldBool:
		return canonicalBool(text)
	case FieldOption:
		value, ok := d.option(text)
		return value, unless(ok, "option")
	case FieldOptions:
		return d.options(text)
	case FieldURL:
		return canonicalURL(text)
	case FieldPhone:
		value := NormalizePhone(text, "")
		return value, unless(value != "", "phone")
	case FieldEmail:
		value := CanonicalAddress(text)
		return value, unless(value != "", "email")
	}
	return "", "type"
}

func unless(ok bool, code string) string {
	if ok {
		return ""
	}
	return code
}

// canonicalText has line breaks of one sort and no other control characters but tabs.
func canonicalText(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text))
}

// numberText is a decimal with or without separators between its thousands.
var numberText = regexp.MustCompile(`^([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$`)

func canonicalNumber(text string) (string, string) {
	text = strings.NewReplacer("−", "-", "△", "-", "▲", "-", "＋", "+", " ", "").Replace(norm.NFKC.String(text))
	text = strings.TrimSuffix(strings.TrimLeft(text, "¥￥\\"), "円")
	parts := numberText.FindStringSubmatch(text)
	if parts == nil || len(text) > maxFieldDigit {
		return "", "number"
	}
	whole := strings.TrimLeft(strings.ReplaceAll(parts[2], ",", ""), "0")
	fraction := strings.TrimRight(parts[3], "0")
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		whole += "." + fraction
	}
	if parts[1] == "-" && whole != "0" {
		whole = "-" + whole
	}
	return whole, ""
}

// dateLayouts are tried in this order, after width was folded and a Japanese era turned into a year.
var dateLayouts = []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"}

// era is a date in years of a Japanese era.
var era = regexp.MustCompile(`^(令和|平成|昭和|[RHSrhs])(元|\d{1,2})(.*)$`)

// clock is a time of day behind a date.
var clock = regexp.MustCompile(`^(.*\d日?)(?:T|\s+)\d{1,2}:\d{2}\S*$`)

func canonicalDate(text string) (string, string) {
	text = norm.NFKC.String(text)
	if parts := clock.FindStringSubmatch(text); parts != nil {
		text = parts[1]
	}
	if parts := era.FindStringSubmatch(text); parts != nil {
		text = sinceEra(parts[1], parts[2]) + parts[3]
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, strings.ReplaceAll(text, " ", "")); err == nil && t.Year() >= 1000 {
			return t.Format(time.DateOnly), ""
		}
	}
	return "", "date"
}

// sinceEra is the year of the common era.
func sinceEra(name, year string) string {
	n := 1
	if year != "元" {
		n = 0
		for _, digit := range year {
			n = n*10 + int(digit-'0')
		}
	}
	switch name {
	case "令和", "R", "r":
		n += 2018
	case "平成", "H", "h":
		n += 1988
	default:
		n += 1925
	}
	return time.Date(n, 1, 1, 0, 0, 0, 0, time.UTC).Format("2006")
}

func canonicalTime(text string, zone *time.Location) (string, string) {
	text = norm.NFKC.String(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return storedTime(t)
		}
	}
	in := zone
	if in == nil {
		in = time.UTC
	}
	for _, layout := range []string{"2006-1-2T15:04", "2006-1-2T15:04:05", "2006-1-2 15:04", "2006-1-2 15:04:05", "2006/1/2 15:04", "2006/1/2 15:04:05", "2006年1月2日 15:04", "2006年1月2日 15時4分"} {
		if t, err := time.ParseInLocation(layout, text, in); err == nil {
			if zone == nil {
				return "", "zone"
			}
			return storedTime(t)
		}
	}
	return "", "time"
}

func storedTime(t time.Time) (string, string) {
	t = t.UTC()
	if y := t.Year(); y < 1000 || y > 9999 {
		return "", "time"
	}
	return t.Format(time.RFC3339Nano), ""
}

func canonicalBool(text string) (string, string) {
	text = strings.ToLower(norm.NFKC.String(text))
	switch {
	case slices.Contains([]string{"true", "1", "yes", "y", "on", "はい", "有", "有り", "あり", "済", "○", "〇", "✓"}, text):
		return "true", ""
	case slices.Contains([]string{"false", "0", "no", "n", "off", "いいえ", "無", "無し", "なし", "未", "×"}, text):
		return "false", ""
	}
	return "", "bool"
}

// option finds the option that a text names: by its value, else without regard to width and case by value
// or label.
func (d FieldDef) option(text string) (string, bool) {
	text = strings.TrimSpace(text)
	for _, o := range d.Options {
		if o.Value == text {
			return o.Value, true
		}
	}
	folded := Fold(text)
	for _, o := range d.Options {
		if folded != "" && Fold(o.Value) == folded || o.Label.is(text) {
			return o.Value, true
		}
	}
	return "", false
}

// options reads several, parted by semicolons or line breaks; a part that is no option may itself be parted
// by commas, since labels hold commas too.
func (d FieldDef) options(text string) (string, string) {
	chosen := map[string]bool{}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(";；\n\r", r) }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if value, ok := d.option(part); ok {
			chosen[value] = true
			continue
		}
		for _, word := range strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune(",，、", r) }) {
			value, ok := d.option(word)
			if !ok && strings.TrimSpace(word) != "" {
				return "", "option"
			}
			chosen[value] = ok
		}
	}
	var values []string
	for _, o := range d.Options {
		if chosen[o.Value] {
			values = append(values, o.Value)
		}
	}
	return strings.Join(values, ";"), ""
}

func canonicalURL(text string) (string, string) {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return "", "url"
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return "", "url"
	}
	if u.Scheme = strings.ToLower(u.Scheme); u.Scheme != "http" && u.Scheme != "https" {
		return "", "url"
	}
	u.Host = strings.ToLower(u.Host)
	return u.String(), ""
}
