package mapping_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func TestNewReportsEveryMistake(t *testing.T) {
	m, problems := mapping.New(
		mapping.Organization{Domains: []string{"example.co.jp", "gmail.com", "co.jp", "not a domain"}, Addresses: []string{"nobody"}},
		mapping.Document{
			Screen: mapping.Screen{
				Addresses: []string{"", "nobody"}, Domains: []string{"a b"}, Subjects: []string{"/(/", " "}, Folders: []string{"/"},
				Classes: []crm.Class{"spam"},
			},
			Match:  mapping.MatchRules{FreeMail: []string{"x..y"}, RoleNames: []string{" "}},
			People: mapping.People{New: "sometimes"},
		},
		mapping.Source{ID: "a"}, mapping.Source{ID: "b", Owner: "nobody", NewPeople: "maybe", ExcludeFolders: []string{""}},
	)
	if m != nil {
		t.Error("a Mapper in spite of problems")
	}
	var paths []string
	for _, p := range problems {
		paths = append(paths, p.Path)
		if p.What == "" || p.Hint == "" {
			t.Errorf("%s: what %q, hint %q", p.Path, p.What, p.Hint)
		}
	}
	want := []string{
		"organization.domains[1]", "organization.domains[2]", "organization.domains[3]", "organization.addresses[0]",
		"mapping.screen.addresses[0]", "mapping.screen.addresses[1]", "mapping.screen.domains[0]", "mapping.screen.subjects[0]",
		"mapping.screen.subjects[1]", "mapping.screen.folders[0]", "mapping.match.free_mail[0]", "mapping.match.role_names[0]",
		"mapping.screen.classes[0]", "mapping.people.new", "sources[1].new_people", "sources[1].owner", "sources[1].exclude_folders[0]",
	}
	if diff := cmp.Diff(want, paths); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHash(t *testing.T) {
	hash := func(org mapping.Organization, doc mapping.Document, sources ...mapping.Source) string {
		m, problems := mapping.New(org, doc, sources...)
		if problems != nil {
			t.Fatal(problems)
		}
		return m.Hash()
	}
	base := hash(org, mapping.Document{}, sato)
	same := mapping.Organization{Name: "改名", Domains: []string{"EXAMPLE.co.jp."}, Addresses: []string{"satoprivate@gmail.com"}}
	if hash(same, mapping.Document{}, sato) != base {
		t.Error("the same organisation, written otherwise, has another hash")
	}
	seen := map[string]string{base: "base"}
	for name, other := range map[string]string{
		"domain":  hash(mapping.Organization{Domains: []string{"example.co.jp", "example.jp"}}, mapping.Document{}, sato),
		"owner":   hash(org, mapping.Document{}, sato, mapping.Source{ID: "x", Owner: "me@nifty.com"}),
		"folder":  hash(org, mapping.Document{}, mapping.Source{ID: "sato-mail", Owner: sato.Owner, ExcludeFolders: []string{"x"}}),
		"subject": hash(org, mapping.Document{Screen: mapping.Screen{Subjects: []string{"x"}}}, sato),
		"classes": hash(org, mapping.Document{Screen: mapping.Screen{Classes: []crm.Class{}}}, sato),
	} {
		if seen[other] != "" {
			t.Errorf("%s has the hash of %s", name, seen[other])
		}
		seen[other] = name
	}
}

func TestIsFreeMail(t *testing.T) {
	for domain, want := range map[string]bool{
		"gmail.com": true, "yahoo.co.jp": true, "docomo.ne.jp": true, "ezweb.ne.jp": true, "au.com": true, "softbank.ne.jp": true,
		"i.softbank.jp": true, "t.vodafone.ne.jp": true, "nifty.com": true, "biglobe.ne.jp": true, "so-net.ne.jp": true,
		"ocn.ne.jp": true, "beach.ocn.ne.jp": true, "plala.or.jp": true, "xyz.plala.or.jp": true, "ab2.so-net.ne.jp": true,
		"dion.ne.jp": true, "excite.co.jp": true, "goo.jp": true, "rakuten.jp": true, "uqmobile.jp": true, "ymobile.ne.jp": true,
		"hotmail.co.jp": true, "outlook.jp": true, "icloud.com": true, "me.com": true, "qq.com": true, "163.com": true, "naver.com": true,
		"client.co.jp": false, "notgmail.com": false, "mail.gmail.com.example": false, "sub.gmail.com": false, "co.jp": false,
		"kigyo.sakura.ne.jp": false, "rakuten.co.jp": false, "": false,
	} {
		if got := mapping.IsFreeMail(domain); got != want {
			t.Errorf("IsFreeMail(%q) = %v", domain, got)
		}
	}
}

func TestRoleNames(t *testing.T) {
	for address, role := range map[string]bool{
		"info@x.example": true, "sales@x.example": true, "eigyo@x.example": true, "soumu@x.example": true, "jinji@x.example": true,
		"keiri@x.example": true, "saiyo@x.example": true, "otoiawase@x.example": true, "toiawase@x.example": true, "inquiry@x.example": true,
		"honsha@x.example": true, "support3@x.example": true, "info-tokyo@x.example": true, "madoguchi2@x.example": true,
		"tanaka@x.example": false, "infosato@x.example": false, "t.info@x.example": false, "77@x.example": false,
		"kenkyu@x.example": true, // by the document
	} {
		doc := mapping.Document{Match: mapping.MatchRules{RoleNames: []string{"Kenkyu"}}}
		w := mapOne(t, newMapper(t, doc), clients(), sato, mail("1", us, address))
		if proposed := len(w.Reviews) > 0; proposed == role {
			t.Errorf("%s: proposed as a person: %v", address, proposed)
		}
	}
}

func TestIsOwn(t *testing.T) {
	m := newMapper(t, mapping.Document{}, mapping.Source{ID: "s", Owner: "me@nifty.com"})
	for address, want := range map[string]bool{
		"Kato@EXAMPLE.co.jp": true, "kato@osaka.example.co.jp": true, "sato.private+x@googlemail.com": true, "me@nifty.com": true,
		"kato@notexample.co.jp": false, "you@nifty.com": false, "example.co.jp": false, "": false,
	} {
		if got := m.IsOwn(address); got != want {
			t.Errorf("IsOwn(%q) = %v", address, got)
		}
	}
	want := []string{"example.co.jp", "me@nifty.com", "satoprivate@gmail.com"}
	if got := m.Own(); !slices.Equal(got, want) {
		t.Errorf("Own() = %v, want %v", got, want)
	}
}
