package mapping

import (
	"cmp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// enquiry is a submission on its way through the rooms: what its fields say, as the form's rules and the usual
// names of fields understand them.
type enquiry struct {
	item      *connectors.Item // ExternalID, Key and Folder; a stored activity's lack the first
	sub       *crm.Submission
	person    crm.Person // what the fields say of the sender, without ID and Kind
	addresses []*address // given as theirs, outside the organisation; the first counts
	ours      []*address // likewise, of our own people
	phones    []string   // E.164
	nameKey   string     // of name and company; "" unless both are given
	subject   string
	text      string
	product   string
	status    string
	owner     string // a rep's address
	ruled     bool   // a rule said the owner
	touch     crm.Touch
	custom    map[string]string // of the activity

	source, sourceOwner string          // whom it came through
	kept                []crm.FormField // what the mapping says otherwise than it came
}

// newEnquiry reads the fields of a submission that comes from the batch's source.
func (b *batch) newEnquiry(item *connectors.Item, sub *crm.Submission) *enquiry {
	return b.newEnquiryFrom(item, sub, crm.Observation{Source: b.src.ID, Owner: b.owner})
}

func (b *batch) newEnquiryFrom(item *connectors.Item, sub *crm.Submission, seen crm.Observation) *enquiry {
	e := &enquiry{item: item, sub: sub, touch: sub.Touch, owner: seen.Owner, source: seen.Source, sourceOwner: seen.Owner}
	r := reading{enquiry: e, said: b.said[:0], lines: b.lines[:0]}
	for i := range sub.Fields {
		r.read(&sub.Fields[i], b.means(&sub.Fields[i]))
	}
	r.finish(b.form(sub.Form).title(sub.Form))
	b.said, b.lines = r.said, r.lines
	b.applyForm(e)
	e.settleConsent(b.form(sub.Form).title(sub.Form))
	for _, written := range e.person.Emails {
		e.addAddress(b.read(written))
	}
	e.person.Emails = nil
	for _, a := range e.addresses {
		e.person.Emails = append(e.person.Emails, a.canonical)
	}
	for _, p := range e.person.Phones {
		if p.E164 != "" {
			e.phones = append(e.phones, p.E164)
		}
	}
	e.nameKey = b.nameKeys.Of(e.person.Name, e.person.Company)
	return e
}

// means is the meaning of a field; forms repeat the same names over and over.
func (b *batch) means(f *crm.FormField) meaning {
	m, ok := b.meanings[f.Label+"\x00"+f.Name]
	if !ok {
		m = meansOf(f)
		if len(b.meanings) < maxMeanings {
			b.meanings[strings.Clone(f.Label+"\x00"+f.Name)] = m
		}
	}
	return m
}

// maxMeanings bounds what a batch remembers of names of fields; senders can make names up.
const maxMeanings = 1000

func (e *enquiry) addAddress(a *address) {
	if a == nil {
		return
	}
	list := &e.addresses
	if a.own {
		list = &e.ours
	}
	for _, known := range *list {
		if known.normal == a.normal {
			return
		}
	}
	*list = append(*list, a)
}

// main is the sender's address; nil if none is given.
func (e *enquiry) main() *address {
	if len(e.addresses) == 0 {
		return nil
	}
	return e.addresses[0]
}

// identity is the strongest that the submission says about who sent it: the normalised address, else the
// telephone number, else name and company, else that it is this submission.
func (e *enquiry) identity() string {
	switch {
	case len(e.addresses) > 0:
		return e.addresses[0].normal
	case len(e.phones) > 0:
		return "phone:" + e.phones[0]
	case e.nameKey != "":
		return "name:" + e.nameKey
	}
	return "form:" + string(e.item.Key)
}

func (e *enquiry) at() time.Time {
	if e.sub.At.IsZero() {
		return e.item.Received.UTC()
	}
	return e.sub.At.UTC()
}

// reading collects what the fields of a submission say by their usual names.
type reading struct {
	*enquiry
	said  answers // first answer of each meaning
	lines []byte  // what the text says beside the message
}

// answers are what was said, by meaning. There are few, so that looking at each is quicker than a map.
type answers []answer

type answer struct {
	means meaning
	value string
}

// to is the answer with a meaning, "" for none.
func (list answers) to(m meaning) string {
	for i := range list {
		if list[i].means == m {
			return list[i].value
		}
	}
	return ""
}

// maxAnswer is how much of an answer can be a name, an address or a number, in bytes.
const maxAnswer = 1000

func (r *reading) read(f *crm.FormField, m meaning) {
	value := strings.TrimSpace(strings.Join(f.Values, ", "))
	if value == "" || m == meansControl {
		return
	}
	if m != meansMessage || r.said.to(m) != "" {
		r.line(cmp.Or(f.Label, f.Name), value)
	}
	if m != meansMessage {
		value = oneLine(value)
	}
	switch m {
	case meansEmail:
		r.person.Emails = append(r.person.Emails, emails(value)...)
	case meansPhone, meansMobile:
		r.person.Phones = append(r.person.Phones, phone(value)...)
	case meansOptIn, meansOptOut, meansAgree:
		r.hear(f, m, value)
	}
	if m != "" && r.said.to(m) == "" && value != "" {
		r.said = append(r.said, answer{m, value})
	}
}

func (r *reading) line(label, value string) {
	if len(r.lines) > 0 {
		r.lines = append(r.lines, '\n')
	}
	r.lines = append(append(append(r.lines, oneLine(label)...), ": "...), value...)
}

// finish says the person and the activity in the words of the CRM.
func (r *reading) finish(form string) {
	p, said := &r.person, r.said
	p.FamilyName, p.GivenName = said.to("family_name"), said.to("given_name")
	p.Name = cmp.Or(said.to("name"), fullName(p.FamilyName, p.GivenName))
	if p.FamilyName == "" && p.GivenName == "" {
		p.FamilyName, p.GivenName = crm.SplitName(p.Name)
	}
	p.Kana = cmp.Or(said.to("kana"), strings.TrimSpace(said.to("family_kana")+" "+said.to("given_kana")))
	p.Company, p.Department, p.Title = said.to("company"), said.to("department"), said.to("title")
	r.subject = form
	if said.to("subject") != "" {
		r.subject += ": " + said.to("subject")
	}
	r.text = said.to(meansMessage)
	switch {
	case r.text == "":
		r.text = string(r.lines)
	case len(r.lines) > 0:
		r.text += "\n\n" + string(r.lines)
	}
	r.product = said.to("product")
	r.readTouch()
}

// fullName puts the family name first where the name is Japanese.
func fullName(family, given string) string {
	if family != "" && given != "" && !strings.ContainsFunc(family+given, func(r rune) bool {
		return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
	}) {
		family, given = given, family
	}
	return strings.TrimSpace(family + " " + given)
}

// readTouch fills in where the sender came from with what the fields say. The page's own word comes first.
func (r *reading) readTouch() {
	t, said := &r.touch, r.said
	t.Source = cmp.Or(t.Source, said.to("utm_source"))
	t.Medium = cmp.Or(t.Medium, said.to("utm_medium"))
	t.Term = cmp.Or(t.Term, said.to("utm_term"))
	t.Content = cmp.Or(t.Content, said.to("utm_content"))
	t.Campaign = cmp.Or(said.to("campaign"), t.Campaign, said.to("utm_campaign"))
	t.Referrer = cmp.Or(t.Referrer, said.to("referrer"))
	t.Landing = cmp.Or(t.Landing, said.to("landing"))
	t.Channel = cmp.Or(said.to("channel"), t.Channel, channelOf(t.Source, t.Medium))
}

// channelOf tells the channel from the words of a link.
func channelOf(source, medium string) string {
	switch folded := bareLetters(fold(medium)); folded {
	case "cpc", "ppc", "paid", "paidsearch", "sem", "listing":
		return "paid_search"
	case "display", "banner", "cpm", "gdn", "ydn", "retargeting":
		return "display"
	case "email", "mail", "newsletter", "mailmagazine", "メルマガ", "メール":
		return "email"
	case "social", "sns", "socialmedia", "paidsocial":
		return "social"
	case "organic", "seo":
		return "organic"
	case "referral", "link":
		return "referral"
	case "affiliate":
		return "affiliate"
	case "", "none", "notset":
		return oneLine(source)
	default:
		return oneLine(medium)
	}
}

// oneLine is the value of a field that holds a name or a number.
func oneLine(value string) string {
	if !isOneLine(value) {
		value = strings.Join(strings.Fields(visible(value)), " ")
	}
	if len(value) > maxAnswer {
		value = strings.ToValidUTF8(value[:maxAnswer], "")
	}
	return value
}

// isOneLine says for the usual characters, ASCII, kana and kanji, that nothing is hidden and the spaces stand as
// oneLine puts them.
func isOneLine(value string) bool {
	space := true
	for _, c := range value {
		switch {
		case c > ' ' && c < 0x7f, c >= 'ぁ' && c <= 'ヿ', c >= '一' && c <= '鿿':
			space = false
		case c == ' ' && !space:
			space = true
		default:
			return false
		}
	}
	return !space
}

// emails are the addresses in an answer; full-width characters are read.
func emails(value string) []string {
	if plain(value) && !strings.ContainsAny(value, " ,;<>") && !strings.HasPrefix(value, "mailto:") { // one word
		if _, ok := crm.NormalizeAddress(value); ok {
			return []string{value}
		}
		return nil
	}
	var list []string
	for _, word := range strings.FieldsFunc(norm.NFKC.String(value), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(",;<>、", r)
	}) {
		word = strings.TrimPrefix(word, "mailto:")
		if _, ok := crm.NormalizeAddress(word); ok && len(list) < maxGiven {
			list = append(list, word)
		}
	}
	return list
}

// maxGiven is how many addresses or numbers of one answer are looked at.
const maxGiven = 5

func phone(value string) []crm.Phone {
	if !strings.ContainsFunc(value, unicode.IsDigit) {
		return nil
	}
	return []crm.Phone{{Number: value, E164: crm.NormalizePhone(value, "")}}
}
