package config

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tsunagu-crm/tsunagu/mapping"
)

// Form is what the intake of one form asks for. What its fields mean is the mapping's.
type Form struct {
	ID             string   `yaml:"id"`                        // as in the address, /forms/ID
	ReturnURLs     []string `yaml:"return_urls"`               // where a sender may be led afterwards: origin and start of the path
	Origins        []string `yaml:"origins"`                   // sites whose scripts may post (CORS): scheme, host and port
	MinFillSeconds int      `yaml:"min_fill_seconds"`          // faster than that is no person; 0 switches it off
	RatePerMinute  int      `yaml:"rate_per_minute"`           // submissions of the whole form; 600 if not given
	RatePerAddress int      `yaml:"rate_per_address"`          // of them from one address; 0 for a fifth of all, or all if they are signed
	HMACSecret     string   `yaml:"hmac_secret" secret:"true"` // "" for unsigned submissions
	Captcha        *Captcha `yaml:"captcha"`                   // nil for none
	Inputs         []Input  `yaml:"inputs"`                    // of the HTML form that can be copied; none for the usual ones and those that the mapping names
}

// Input is a field of the HTML form that can be copied.
type Input struct {
	Name     string   `yaml:"name"`     // of the submission's field
	Label    string   `yaml:"label"`    // beside it, in Japanese; the name if there is none
	LabelEN  string   `yaml:"label_en"` // in English; Label if there is none
	Type     string   `yaml:"type"`     // text, email, tel, url, date, textarea, select or checkbox; text if not given
	Required bool     `yaml:"required"`
	Options  []string `yaml:"options"` // of select and checkbox
}

// Captcha is a service that tells people from programs.
type Captcha struct {
	Provider  string `yaml:"provider"`             // turnstile, recaptcha or hcaptcha
	Secret    string `yaml:"secret" secret:"true"` //
	VerifyURL string `yaml:"verify_url"`           // the provider's own if not given
}

// IntakeSource is the id of the source that the submissions to our own forms come from. It is always there, so no
// other source may have it.
const IntakeSource = "forms"

// The values of a form that are not given.
const (
	DefaultFillSeconds   = 2
	DefaultRatePerMinute = 600
)

// The most that may be asked for.
const (
	maxFillSeconds   = 600
	maxRatePerMinute = 1_000_000
	minHMACSecret    = 16 // characters: fewer can be guessed
	maxInputs        = 200
	maxInputName     = 256 // bytes
)

// UsualForm is a form without settings.
func UsualForm(id string) Form {
	f := newForm()
	f.ID = id
	return f
}

// newForm is a form before its settings are read.
func newForm() Form {
	return Form{MinFillSeconds: DefaultFillSeconds, RatePerMinute: DefaultRatePerMinute}
}

// verifyURL is where a captcha's answers are checked; "" for a provider that is not known.
func verifyURL(provider string) string {
	switch provider {
	case "turnstile":
		return "https://challenges.cloudflare.com/turnstile/v0/siteverify"
	case "recaptcha":
		return "https://www.google.com/recaptcha/api/siteverify"
	case "hcaptcha":
		return "https://api.hcaptcha.com/siteverify"
	}
	return ""
}

func (k *checker) forms(forms []Form) {
	first := map[string]int{}
	for i := range forms {
		f, path := &forms[i], fmt.Sprintf("forms[%d]", i)
		k.formID(path+".id", f.ID, first, i)
		for j, s := range f.ReturnURLs {
			f.ReturnURLs[j] = k.returnURL(fmt.Sprintf("%s.return_urls[%d]", path, j), s)
		}
		for j, s := range f.Origins {
			f.Origins[j] = k.origin(fmt.Sprintf("%s.origins[%d]", path, j), s)
		}
		k.between(path+".min_fill_seconds", f.MinFillSeconds, 0, maxFillSeconds)
		k.between(path+".rate_per_minute", f.RatePerMinute, 1, maxRatePerMinute)
		k.between(path+".rate_per_address", f.RatePerAddress, 0, maxRatePerMinute)
		k.inputs(path+".inputs", f.Inputs)
		if f.HMACSecret != "" && len(f.HMACSecret) < minHMACSecret {
			k.bad(path+".hmac_secret", "the secret is too short to be safe", fmt.Sprintf("%d characters or more; `openssl rand -hex 32` makes one", minHMACSecret))
		}
		if f.Captcha != nil {
			k.captcha(path+".captcha", f.Captcha)
		}
	}
}

// inputs checks the fields of a form that can be copied.
func (k *checker) inputs(path string, list []Input) {
	if len(list) > maxInputs {
		k.bad(path, "a form has "+strconv.Itoa(maxInputs)+" inputs at most", "leave out what nobody fills in")
	}
	seen := map[string]bool{}
	for i := range list {
		in, at := &list[i], fmt.Sprintf("%s[%d]", path, i)
		switch {
		case in.Name == "" || len(in.Name) > maxInputName:
			k.bad(at+".name", "the name of the field is missing or too long", "name: company")
		case seen[in.Name]:
			k.bad(at+".name", "another input has the name "+k.shown(at+".name", in.Name)+" already", "name each once")
		}
		seen[in.Name] = true
		if !slices.Contains([]string{"", "text", "email", "tel", "url", "date", "textarea", "select", "checkbox"}, in.Type) {
			k.bad(at+".type", k.shown(at+".type", in.Type)+" is no type of input", "text, email, tel, url, date, textarea, select or checkbox")
		}
		if choice := in.Type == "select" || in.Type == "checkbox"; choice != (len(in.Options) > 0) {
			k.bad(at+".options", "select and checkbox have options, and nothing else has", "options: [はい, いいえ]")
		}
	}
}

func (k *checker) formID(path, id string, first map[string]int, i int) {
	before, twice := first[id]
	switch {
	case id == "":
		k.bad(path, "the id of the form is missing", "id: contact")
	case !sourceID.MatchString(id):
		k.bad(path, k.shown(path, id)+" is not an id", "lower-case letters, digits, dot, - and _, at most 63: contact")
	case twice:
		n := find(k.root, fmt.Sprintf("forms[%d].id", before))
		k.bad(path, "another form has the id "+k.shown(path, id)+" already", fmt.Sprintf("see line %d", n.Line))
	default:
		first[id] = i
	}
}

// webAddress reads an address of a web page; false if it is none that a browser may safely be led to.
func webAddress(s string) (*url.URL, bool) {
	u, err := url.Parse(s)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(s, `\*`)
	return u, ok
}

// returnURL checks an origin with the start of a path, and writes it the way it is compared.
func (k *checker) returnURL(path, s string) string {
	u, ok := webAddress(s)
	switch {
	case !ok:
		k.bad(path, k.shown(path, s)+" is not the address of a web page", "write https://www.example.co.jp/thanks; everything below it is allowed as well")
		return s
	case u.RawQuery != "" || u.Fragment != "" || strings.Contains(u.Path, ".."):
		k.bad(path, k.shown(path, s)+" has more than an origin and a path", "leave out ?, # and ..")
		return s
	}
	u.Host, u.Scheme = strings.ToLower(u.Host), strings.ToLower(u.Scheme)
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String()
}

// origin checks a scheme, host and port, and writes them the way a browser does.
func (k *checker) origin(path, s string) string {
	u, ok := webAddress(s)
	switch {
	case s == "*":
		k.bad(path, "every site could post with its visitors' browsers", "name the sites: https://www.example.co.jp")
		return s
	case !ok:
		k.bad(path, k.shown(path, s)+" is not an origin", "write https://www.example.co.jp")
		return s
	case u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "":
		k.bad(path, k.shown(path, s)+" is more than an origin", "write "+u.Scheme+"://"+u.Host)
		return s
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == "https" {
		host = strings.TrimSuffix(host, ":443")
	} else {
		host = strings.TrimSuffix(host, ":80")
	}
	return u.Scheme + "://" + host
}

func (k *checker) between(path string, value, least, most int) {
	said := slices.ContainsFunc(k.problems, func(p Problem) bool { return p.Path == path })
	if !said && (value < least || value > most) {
		k.bad(path, k.shown(path, strconv.Itoa(value))+" is not possible here", fmt.Sprintf("write a number from %d to %d", least, most))
	}
}

func (k *checker) captcha(path string, c *Captcha) {
	known := []string{"turnstile", "recaptcha", "hcaptcha"}
	switch {
	case c.Provider == "":
		k.bad(path+".provider", "the service is missing", mapping.Suggest("", known))
	case !slices.Contains(known, c.Provider):
		k.enum(path+".provider", c.Provider, known...)
	}
	if c.Secret == "" {
		k.bad(path+".secret", "the secret of the service is missing: without it no answer can be checked", "secret: ${CAPTCHA_SECRET}")
	}
	if c.VerifyURL == "" {
		c.VerifyURL = verifyURL(c.Provider)
		return
	}
	if u, ok := webAddress(c.VerifyURL); !ok || u.Fragment != "" {
		k.bad(path+".verify_url", k.shown(path+".verify_url", c.VerifyURL)+" is not the address of a service", "write https://…, or leave it out")
	}
}
