package crm

import "strings"

// How the companies of two records lie to each other.
type companyRelation int

const (
	companiesUnknown companyRelation = iota // one is missing or names none
	companiesOther
	companiesForm   // the same name with another legal form
	companiesBranch // the same company, and different branches or departments of it
	companiesSame
)

func relateCompanies(a, b Person) companyRelation {
	if a.AccountID != "" && a.AccountID == b.AccountID {
		return companiesSame
	}
	return relateCompanyNames(a.Company, b.Company)
}

func relateCompanyNames(a, b string) companyRelation {
	keyA, keyB := CompanyKey(a), CompanyKey(b)
	if keyA == "" || keyB == "" {
		return companiesUnknown
	}
	x, y := NormalizeCompany(a), NormalizeCompany(b)
	switch {
	case keyA == keyB && x.Branch != "" && y.Branch != "" && x.Branch != y.Branch:
		return companiesBranch
	case keyA == keyB:
		return companiesSame
	case x.Base == "" || x.Base != y.Base:
		return companiesOther
	case formOf(x) == formOf(y):
		return companiesSame // another writing of the same name (コンピュータ, コンピューター)
	}
	return companiesForm
}

// formOf is a legal form by what it means: most companies are 株式会社, and often the form is left out.
func formOf(c Company) string {
	switch c.Form {
	case "", "株式会社", "co ltd", "inc", "corp", "ltd", "corp ltd":
		return "株式会社"
	case "llc":
		return "合同会社"
	}
	return c.Form
}

func companyShown(a, b Person) string {
	for _, name := range []string{a.Company, b.Company} {
		if base := NormalizeCompany(name).Base; base != "" {
			return base
		}
	}
	return a.AccountID
}

// CompareAccounts says how much two records seem to be of one organisation. Evidence are domains, the name, telephone
// numbers and kana. Another legal form or another branch speaks against; names with different bases (テスト商事, テスト商会)
// are different companies, also where they share a domain, as groups do. A parent and its subsidiary are no duplicates.
//
// The codes are name, domain, phone, kana, and other_name, other_form, other_branch, other_domain, parent.
func CompareAccounts(a, b Account) Likeness {
	l, names := newLikeness(), relateCompanyNames(a.Name, b.Name)
	base := NormalizeCompany(a.Name).Base
	switch names {
	case companiesSame:
		l.add(74, "name", base)
	case companiesBranch:
		l.add(58, "name", base)
		l.say("other_branch", a.Name+", "+b.Name)
	case companiesForm:
		l.add(38, "name", base)
		l.say("other_form", a.Name+", "+b.Name)
	}
	same := names >= companiesForm
	compareDomains(l, a, b, same)
	for _, x := range a.Phones {
		for _, y := range b.Phones {
			if x.E164 == "" || x.E164 != y.E164 {
				continue
			}
			weight := 20.0
			if same {
				weight = 50
			}
			l.add(weight, "phone", x.E164)
		}
	}
	if kana := squeeze(Fold(a.Kana)); kana != "" && kana == squeeze(Fold(b.Kana)) {
		l.add(30, "kana", kana)
	}
	if names == companiesOther {
		l.limit(55, "other_name", a.Name+", "+b.Name)
	}
	if a.Parent != "" && a.Parent == b.ID || b.Parent != "" && b.Parent == a.ID {
		l.limit(30, "parent", a.Name+", "+b.Name)
	}
	return l.result()
}

func compareDomains(l *likeness, a, b Account, same bool) {
	shared := false
	seen := map[string]bool{}
	for _, d := range a.Domains {
		x, ok := NormalizeDomain(d)
		if !ok || seen[x] || PublicMail(x) {
			continue
		}
		seen[x] = true
		for _, e := range b.Domains {
			if y, ok := NormalizeDomain(e); ok && y == x {
				shared = true
				weight := 70.0
				if !same {
					weight = 50
				}
				l.add(weight, "domain", x)
				break
			}
		}
	}
	if !shared && len(a.Domains) > 0 && len(b.Domains) > 0 {
		l.against(8, "other_domain", strings.Join(a.Domains, " ")+", "+strings.Join(b.Domains, " "))
	}
}
