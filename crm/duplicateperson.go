package crm

import (
	"strings"
	"unicode"
)

// How names of two people lie to each other.
type nameRelation int

const (
	namesOther   nameRelation = iota // two full names that are not the same
	namesUnknown                     // one is missing, or they are in different scripts
	namesFit                         // one is the family name of the other
	namesSame
)

// ComparePeople says how much two records seem to be of one person. Evidence are addresses (those of a function, as
// info@, weigh little), telephone numbers with names that fit, name and company, name and the domain of an address,
// kana. Other full names, other kana, other companies and other branches speak against; another legal form makes name
// and company weigh less. Of a contact the company is Company too if the caller has put the name of its account there.
//
// The codes are address, role_address, phone, mobile, name_company, name_domain, name, kana, and other_name, other_kana,
// other_company, other_form, other_branch. The Likeness of people with nothing in common is the zero value.
func ComparePeople(a, b Person) Likeness {
	l, names := newLikeness(), relateNames(a, b)
	address := compareAddresses(l, a, b, names)
	mobile := comparePhones(l, a, b, names)
	company := relateCompanies(a, b)
	compareNames(l, a, b, names, company)
	switch {
	case names == namesOther:
		l.limit(55, "other_name", a.Name+", "+b.Name)
	case otherKana(a, b):
		l.against(25, "other_kana", a.Kana+", "+b.Kana)
	}
	if company == companiesOther && !address && !mobile {
		l.against(20, "other_company", a.Company+", "+b.Company)
	}
	return l.result()
}

// compareAddresses says whether they share an address that is a person's own.
func compareAddresses(l *likeness, a, b Person, names nameRelation) (own bool) {
	for _, x := range a.Emails {
		address, ok := NormalizeAddress(x)
		if !ok || !hasAddress(b.Emails, address) {
			continue
		}
		switch role := isRoleAddress(address); {
		case role && names == namesOther:
			l.add(10, "role_address", address)
		case role:
			l.add(35, "role_address", address)
		case names == namesOther:
			l.add(50, "address", address)
		default:
			own = true
			l.add(92, "address", address)
		}
	}
	return own
}

func hasAddress(emails []string, address string) bool {
	for _, e := range emails {
		if normal, ok := NormalizeAddress(e); ok && normal == address {
			return true
		}
	}
	return false
}

// comparePhones says whether they share a mobile number. Behind another number there may be a whole office.
func comparePhones(l *likeness, a, b Person, names nameRelation) (mobile bool) {
	seen := map[string]bool{}
	for _, x := range a.Phones {
		for _, y := range b.Phones {
			if x.E164 == "" || x.E164 != y.E164 || seen[x.E164] || !sameExtension(x, y) {
				continue
			}
			seen[x.E164] = true
			if isMobile(x.E164) {
				mobile = mobile || names != namesOther
				l.add([...]float64{30, 70, 85, 90}[names], "mobile", x.E164)
			} else {
				l.add([...]float64{8, 30, 62, 68}[names], "phone", x.E164)
			}
		}
	}
	return mobile
}

func sameExtension(x, y Phone) bool {
	a, b := phoneExtension(x.Number), phoneExtension(y.Number)
	return a == "" || b == "" || a == b
}

// isMobile reports Japanese mobile numbers, which belong to one person.
func isMobile(e164 string) bool {
	return len(e164) == len("+819012345678") && (strings.HasPrefix(e164, "+8170") || strings.HasPrefix(e164, "+8180") || strings.HasPrefix(e164, "+8190"))
}

// compareNames weighs what rests on names.
func compareNames(l *likeness, a, b Person, names nameRelation, company companyRelation) {
	kana := sameKana(a, b)
	if names == namesSame {
		what := personKey(fullNameOf(a))
		switch company {
		case companiesSame:
			l.add(78, "name_company", what+", "+companyShown(a, b))
		case companiesBranch:
			l.add(68, "name_company", what+", "+companyShown(a, b))
			l.say("other_branch", a.Company+", "+b.Company)
		case companiesForm:
			l.add(50, "name_company", what+", "+companyShown(a, b))
			l.say("other_form", a.Company+", "+b.Company)
		default:
			l.add(25, "name", what)
		}
		if domain := sharedDomain(a, b); domain != "" {
			l.add(55, "name_domain", what+", "+domain)
		}
	}
	switch {
	case !kana:
	case names == namesSame:
		l.add(15, "kana", Fold(a.Kana))
	case company == companiesSame, company == companiesBranch:
		l.add(50, "kana", Fold(a.Kana)+", "+companyShown(a, b))
	default:
		l.add(15, "kana", Fold(a.Kana))
	}
}

func fullNameOf(p Person) string {
	if p.FamilyName != "" && p.GivenName != "" {
		return p.FamilyName + " " + p.GivenName
	}
	return p.Name
}

func relateNames(a, b Person) nameRelation {
	x, y := fullNameOf(a), fullNameOf(b)
	if SameName(x, y) || SameName(a.Name, b.Name) {
		return namesSame
	}
	keyX, keyY := personKey(x), personKey(y)
	if keyX != "" && keyY != "" {
		if scriptOf(keyX) != scriptOf(keyY) || sameKana(a, b) {
			return namesUnknown // 田中 太郎 and Taro Tanaka; 斎藤 and 斉藤 of one reading
		}
		return namesOther
	}
	if keyX == "" && keyY == "" {
		if x, y := familyOf(a), familyOf(b); x != "" && x == y {
			return namesFit
		}
		return namesUnknown
	}
	half, whole := a, b
	if keyX != "" {
		half, whole = b, a
	}
	family := familyOf(half)
	switch {
	case family == "":
		return namesUnknown
	case family == familyOf(whole), strings.HasPrefix(personKey(fullNameOf(whole)), family):
		return namesFit
	case surnames()[family] && scriptOf(family) == scriptOf(personKey(fullNameOf(whole))):
		return namesOther
	}
	return namesUnknown
}

// familyOf is the family name as far as it is known, folded; "" if the text names nobody.
func familyOf(p Person) string {
	text := p.FamilyName
	if text == "" {
		text = p.Name
		if family, _ := SplitName(p.Name); family != "" {
			text = family
		}
	}
	words := nameWords(text)
	joined := strings.Join(words, "")
	if len(words) == 0 || namesNobody(words, joined) {
		return ""
	}
	return joined
}

// scriptOf tells names in kanji, in kana and in other letters apart: one cannot be compared with the other.
func scriptOf(name string) rune {
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		return '漢'
	case strings.ContainsFunc(name, isKana):
		return 'ア'
	}
	return 'A'
}

func sameKana(a, b Person) bool {
	x, y := strings.ReplaceAll(Fold(a.Kana), " ", ""), strings.ReplaceAll(Fold(b.Kana), " ", "")
	return x != "" && x == y
}

func otherKana(a, b Person) bool {
	x, y := personKey(a.Kana), personKey(b.Kana)
	return x != "" && y != "" && scriptOf(x) == scriptOf(y) && x != y
}
