package crm

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// maxPhone is the longest text that is read as a telephone number, in bytes.
const maxPhone = 200

// shortestJapanese is the least number of nine digits, the fewest that a Japanese number has after its 0.
const shortestJapanese = 100_000_000

// phoneEnd is where the first number ends: an extension, or what separates it from a second number.
var phoneEnd = regexp.MustCompile(`(?i)内線|内|ext(?:ension)?|(?:\s|\d)x\s*\d|#|[/;,、。|]|\n|\sor\s|または|fax`)

// phoneRemarks are what stands beside a number on business cards and in signatures.
var phoneRemarks = strings.NewReplacer("(代表)", "", "(代)", "", "(直通)", "", "(直)", "", "代表", "", "直通", "", "ダイヤルイン", "",
	"ー", "-", "―", "-", "‐", "-", "‑", "-", "–", "-", "—", "-", "−", "-", "ｰ", "-")

// NormalizePhone is a telephone number in E.164 ("+81312345678"), "" if it cannot be read as one. Region is
// the country of numbers without a country code, ISO 3166 alpha-2; "" means JP. Full-width digits are read,
// an extension (内線, ext.) is cut off, and of several numbers only the first counts.
func NormalizePhone(number, region string) string {
	if len(number) > maxPhone {
		return ""
	}
	if region == "" {
		region = "JP"
	}
	if region == "JP" {
		if e164, ok := usualPhone(number); ok {
			return e164
		}
	}
	return parsePhone(number, region)
}

// parsePhone is NormalizePhone for any number.
func parsePhone(number, region string) string {
	number = strings.TrimSpace(phoneRemarks.Replace(norm.NFKC.String(number)))
	if start := strings.IndexAny(number, "+0123456789"); start > 0 {
		if before := strings.TrimRight(number[:start], " "); strings.HasSuffix(before, "(") {
			start = len(before) - 1
		}
		number = number[start:]
	}
	if end := phoneEnd.FindStringIndex(number); end != nil {
		cut := end[0]
		if c := number[cut]; '0' <= c && c <= '9' { // the digit before an "x"
			cut++
		}
		number = number[:cut]
	}
	parsed, err := phonenumbers.Parse(strings.Trim(number, " -("), strings.ToUpper(region))
	if err != nil || !phonenumbers.IsPossibleNumber(parsed) {
		return ""
	}
	if parsed.GetCountryCode() == 81 && parsed.GetNationalNumber() < shortestJapanese {
		return "" // without its area code
	}
	e164 := phonenumbers.Format(parsed, phonenumbers.E164)
	again, err := phonenumbers.Parse(e164, region)
	if err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return "" // a row of digits that no numbering plan explains
	}
	return e164
}

// extensionText is an extension and its digits.
var extensionText = regexp.MustCompile(`(?i)(?:内線|内|ext(?:ension)?|x|#)[ .:)]*(\d+)`)

// phoneExtension is the extension (内線, ext.) that stands beside a number, "" for none.
func phoneExtension(number string) string {
	if len(number) > maxPhone {
		return ""
	}
	parts := extensionText.FindStringSubmatch(norm.NFKC.String(number))
	if parts == nil {
		return ""
	}
	return parts[1]
}
