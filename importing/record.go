package importing

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxText bounds a cell that becomes a name, in characters.
const maxText = 300

// person makes a person of a row, without an ID; the error says why it cannot be one.
func (r record) person(kind crm.PersonKind, o *Options, notes *noteList) (crm.Person, error) {
	p := crm.Person{
		Kind: kind, Name: r.one(fieldName), FamilyName: r.one(fieldFamily), GivenName: r.one(fieldGiven), Kana: r.one(fieldKana),
		Company: r.one(fieldCompany), Department: r.one(fieldDepartment), Title: r.one(fieldTitle), Origin: "import",
	}
	if p.Kana == "" {
		p.Kana = strings.TrimSpace(r.one(fieldFamilyKana) + " " + r.one(fieldGivenKana))
	}
	if p.Name == "" {
		p.Name = fullName(p.FamilyName, p.GivenName)
	} else if p.FamilyName == "" && p.GivenName == "" {
		p.FamilyName, p.GivenName = crm.SplitName(p.Name)
	}
	var err error
	if p.Emails, err = r.addresses(); err != nil {
		return p, err
	}
	p.Phones = r.phones()
	p.Owner = r.owner(o, notes)
	if kind == crm.Lead {
		if p.Status, err = r.status(o.Words); err != nil {
			return p, err
		}
	}
	if err := r.life(&p, o.Words, o.Zone, o.Now); err != nil {
		return p, err
	}
	if p.Name == "" && len(p.Emails) > 0 {
		p.Name = p.Emails[0]
	}
	if p.Name == "" {
		return p, wrongRow("no_name")
	}
	for _, text := range []string{p.Name, p.FamilyName, p.GivenName, p.Kana, p.Company, p.Department, p.Title, p.Given.Channel, p.Given.Campaign, p.DoNotContact, p.ExternalKey} {
		if len([]rune(text)) > maxText {
			return p, wrongRow("cell_long", maxText)
		}
	}
	return p, nil
}

// fullName joins a name in the order of its script.
func fullName(family, given string) string {
	if isASCII(family + given) {
		return strings.TrimSpace(given + " " + family)
	}
	return strings.TrimSpace(family + " " + given)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x24F }) // Latin with its accents
}

// account makes an account of a row, without an ID.
func (r record) account(o *Options, notes *noteList) (crm.Account, error) {
	a := crm.Account{Name: first(r.one(fieldCompany), r.one(fieldName)), Kana: r.one(fieldKana), Phones: r.phones(), Owner: r.owner(o, notes), Origin: "import", ExternalKey: r.one(fieldKey)}
	if a.Name == "" {
		return a, wrongRow("no_company")
	}
	if len([]rune(a.Name)) > maxText || len([]rune(a.Kana)) > maxText {
		return a, wrongRow("cell_long", maxText)
	}
	for _, cell := range r.values[fieldDomain] {
		for _, text := range pieces(cell) {
			domain, ok := hostOf(text)
			if !ok {
				return a, r.wrong(fieldDomain, "no_domain", text)
			}
			if !slices.Contains(a.Domains, domain) {
				a.Domains = append(a.Domains, domain)
			}
		}
	}
	return a, nil
}

// hostOf reads a domain out of a domain, a web address or a mail address.
func hostOf(s string) (string, bool) {
	if u, err := url.Parse(s); err == nil && u.Hostname() != "" {
		s = u.Hostname()
	}
	s, _, _ = strings.Cut(s, "/")
	s = s[strings.LastIndexByte(s, '@')+1:]
	domain, ok := crm.NormalizeDomain(strings.TrimPrefix(strings.ToLower(s), "www."))
	return domain, ok && strings.Contains(domain, ".")
}

// pieces parts a cell with several addresses, numbers or domains.
func pieces(cell string) []string {
	parts := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(";,、，；\n\r|", r) })
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return slices.DeleteFunc(parts, func(s string) bool { return s == "" })
}

// addresses reads every address of the row, each once.
func (r record) addresses() ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, cell := range r.values[fieldAddress] {
		for _, piece := range pieces(cell) {
			if !strings.ContainsAny(piece, "@＠") {
				return nil, r.wrong(fieldAddress, "no_address", piece)
			}
			for _, word := range strings.Fields(piece) {
				if !strings.ContainsAny(word, "@＠") && len(strings.Fields(piece)) > 1 {
					continue // the name before <address>
				}
				address := crm.CanonicalAddress(word)
				if address == "" {
					return nil, r.wrong(fieldAddress, "no_address", word)
				}
				if !seen[address] {
					seen[address] = true
					out = append(out, address)
				}
			}
		}
	}
	return out, nil
}

// phones reads every number of the row; one that cannot be read is kept as it is written.
func (r record) phones() []crm.Phone {
	var out []crm.Phone
	for _, cell := range r.values[fieldPhone] {
		for _, number := range pieces(cell) {
			p := crm.Phone{Number: number, E164: crm.NormalizePhone(number, "")}
			if !slices.ContainsFunc(out, func(o crm.Phone) bool { return o.Number == p.Number || p.E164 != "" && o.E164 == p.E164 }) {
				out = append(out, p)
			}
		}
	}
	return out
}

// owner is the rep's address. Other systems write names there, which say nothing to us; whoever does not work with the system
// is taken, since they may begin to, and noted.
func (r record) owner(o *Options, notes *noteList) string {
	text := r.one(fieldOwner)
	if text == "" {
		return ""
	}
	if address := crm.CanonicalAddress(text); address != "" {
		if o.User != nil && !o.User(address) {
			notes.add(sentence("owner_no_user", address), r.number)
		}
		return address
	}
	notes.add(sentence("owner_no_address", text), r.number)
	return ""
}

func statusNames() map[crm.LeadStatus][]string {
	return map[crm.LeadStatus][]string{
		crm.StatusNew:              {"新規", "new", "opennotcontacted", "open", "未対応"},
		crm.StatusWorking:          {"アプローチ中", "対応中", "working", "workingcontacted", "inprogress", "connected", "attemptedtocontact", "コンタクト中"},
		crm.StatusScheduling:       {"日程調整中", "scheduling"},
		crm.StatusMeetingWon:       {"商談獲得", "アポ獲得", "meetingwon", "opendeal", "qualified", "商談化"},
		crm.StatusUntouched:        {"未接触", "untouched"},
		crm.StatusNurturing:        {"ナーチャリング", "ナーチャリング次アクションナシ", "ナーチャリング次アクションナシ", "nurturing"},
		crm.StatusNurturingPlanned: {"ナーチャリング次アクションアリ", "nurturingplanned"},
		crm.StatusDisqualified:     {"対象外", "disqualified", "unqualified", "closednotconverted", "失注"},
	}
}

// noteList gathers remarks that many rows share.
type noteList struct {
	order []Sentence
	rows  map[string][]int // by the sentence in English
}

func (n *noteList) add(said Sentence, row int) {
	if n.rows == nil {
		n.rows = map[string][]int{}
	}
	text := said.String()
	if n.rows[text] == nil {
		n.order = append(n.order, said)
	}
	n.rows[text] = append(n.rows[text], row)
}
