package web

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// The fields of our own HTML form that nobody fills in.
const (
	fieldHoneypot = "tsunagu_website" // people do not see it, programs fill it in
	fieldToken    = "_token"          // when the form was made, signed
	fieldLanguage = "_lang"           // of the thank-you page
	fieldResponse = "_response_id"    // names a submission, so that it can be sent again and edited
)

// steering is what a submission says to us instead of telling of its sender.
type steering struct {
	returnURL, language, response, token, captcha string
	honeypot                                      bool // somebody filled it in
}

// sort takes the fields that steer out of the pairs and makes the rest fields, values of the same name together.
// Names stay as they came, those of Web-to-Lead too. It refuses a form in which nothing is filled in.
func (a *arrival) sort() ([]crm.FormField, error) {
	fields := make([]crm.FormField, 0, len(a.pairs))
	values := make([]string, len(a.pairs)) // one array for all fields
	var places map[string]int              // only for forms with many fields
	if len(a.pairs) > 32 {
		places = make(map[string]int, len(a.pairs))
	}
	filled := false
	for i := range a.pairs {
		p := &a.pairs[i]
		if a.takeSteering(p) {
			continue
		}
		name, odd1 := cleanText(p.name)
		value, odd2 := cleanText(p.value)
		if (odd1 || odd2) && a.suspect == "" {
			a.suspect = suspectControls
		}
		filled = filled || value != "" && name != "oid" && name != "submit"
		at := placeOfField(fields, places, name)
		if at >= 0 {
			fields[at].Values = append(fields[at].Values, value)
			continue
		}
		if places != nil {
			places[name] = len(fields)
		}
		values[i] = value
		fields = append(fields, crm.FormField{Name: name, Values: values[i : i+1 : i+1]})
	}
	if !filled {
		return nil, &intakeError{status: http.StatusUnprocessableEntity, key: "intake.empty"}
	}
	return fields, nil
}

// placeOfField is where a name stands among fields; -1 if it does not.
func placeOfField(fields []crm.FormField, places map[string]int, name string) int {
	if places != nil {
		if at, ok := places[name]; ok {
			return at
		}
		return -1
	}
	for i := range fields {
		if fields[i].Name == name {
			return i
		}
	}
	return -1
}

// takeSteering says whether a pair steers us; of several with one name the first that says something counts.
func (a *arrival) takeSteering(p *pair) bool {
	first := func(to *string) bool {
		if *to == "" {
			*to = p.value
		}
		return true
	}
	switch p.name {
	case "retURL":
		return first(&a.steer.returnURL)
	case fieldLanguage:
		return first(&a.steer.language)
	case fieldResponse:
		return first(&a.steer.response)
	case fieldToken:
		return first(&a.steer.token)
	case "cf-turnstile-response", "g-recaptcha-response", "h-captcha-response":
		if p.name == captchaField(a.form.Captcha.Provider) {
			return first(&a.steer.captcha)
		}
		return true
	case fieldHoneypot:
		a.steer.honeypot = a.steer.honeypot || p.value != ""
		return true
	case "encoding", "_charset_", "debug", "debugEmail", "captcha_settings":
		return true // debug=1 would show a page of Salesforce's
	}
	return false
}

// cleanText makes line ends \n. Characters that do not show (control characters, and those that turn the direction
// of the text around them) become U+FFFD, since not every store can hold them, and make the text odd.
func cleanText(s string) (text string, odd bool) {
	if plainText(s) {
		return s, false
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	s = strings.Map(func(c rune) rune {
		switch {
		case c == '\n' || c == '\t' || c == 0x2028 || c == 0x2029 || c == 0x85:
			return c
		case hidden(c):
			odd = true
			return utf8.RuneError
		default:
			return c
		}
	}, s)
	return s, odd
}

// plainText says without much work that there is nothing to clean.
func plainText(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ' && c != '\n' && c != '\t', c == 0x7f, c == 0xc2, c == 0xe2:
			return false // 0xc2 and 0xe2 start C1 controls and the marks of direction
		case c >= 0xf5, c == 0xc0, c == 0xc1:
			return false // never in UTF-8
		}
	}
	return true
}
