package expr

import (
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/nyaruka/phonenumbers"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// peopleFunctions read names, telephone numbers and addresses. What is none of these gives "".
func peopleFunctions(s settings) []function {
	return []function{
		textToText("family_name", heavy, familyName),
		textToText("given_name", heavy, func(name string) string {
			_, given := crm.SplitName(name)
			return given
		}),
		textsToText("full_name", middle, fullName),
		textToText("e164", heavy, func(number string) string { return crm.NormalizePhone(number, s.region) }),
		textsToText("e164", heavy, crm.NormalizePhone),
		textToText("phone", heavy, func(number string) string { return nationalPhone(number, s.region) }),
		textToText("email", heavy, crm.CanonicalAddress),
		textToText("domain_of", heavy, crm.AddressDomain),
		{
			name: "is_free_mail", params: []*cel.Type{cel.StringType}, result: cel.BoolType, weight: heavy,
			call: func(args []ref.Val) ref.Val { return types.Bool(isFreeMail(text(args[0]), s.freeMail)) },
		},
	}
}

// familyName is the family name, or all of a name that cannot be split: a CRM wants a last name.
func familyName(name string) string {
	family, given := crm.SplitName(name)
	if family == "" && given == "" {
		return strings.TrimSpace(name)
	}
	return family
}

// fullName puts a family and a given name in the order of their language.
func fullName(family, given string) string {
	family, given = strings.TrimSpace(family), strings.TrimSpace(given)
	switch {
	case family == "" || given == "":
		return family + given
	case strings.ContainsFunc(family+given, func(r rune) bool { return r >= 0x2E80 }):
		return family + " " + given
	}
	return given + " " + family
}

// nationalPhone is a number as it is dialled at home ("03-1234-5678"), those of other countries as
// "+1 212-555-0100".
func nationalPhone(number, region string) string {
	e164 := crm.NormalizePhone(number, region)
	if e164 == "" {
		return ""
	}
	parsed, err := phonenumbers.Parse(e164, region)
	if err != nil {
		return ""
	}
	if phonenumbers.GetRegionCodeForNumber(parsed) == region {
		return phonenumbers.Format(parsed, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(parsed, phonenumbers.INTERNATIONAL)
}

// isFreeMail takes an address or a domain.
func isFreeMail(s string, free func(string) bool) bool {
	domain := crm.AddressDomain(s)
	if domain == "" {
		var ok bool
		if domain, ok = crm.NormalizeDomain(s); !ok {
			return false
		}
	}
	return free(domain)
}
