package crm

import (
	"strings"
	"testing"
)

func person(name, company string, more ...string) Person {
	p := Person{Name: name, Company: company}
	for _, m := range more {
		switch {
		case strings.HasPrefix(m, "かな "):
			p.Kana = strings.TrimPrefix(m, "かな ")
		case strings.Contains(m, "@"):
			p.Emails = append(p.Emails, m)
		default:
			p.Phones = append(p.Phones, Phone{Number: m, E164: NormalizePhone(m, "")})
		}
	}
	return p
}

func TestComparePeople(t *testing.T) {
	for _, test := range []struct {
		name     string
		a, b     Person
		min, max int
		evidence []string // codes
	}{
		{"own address", person("田中 太郎", "", "tanaka@sample.co.jp"), person("田中太郎", "", "Tanaka@SAMPLE.co.jp"), 90, 100, []string{"address"}},
		{"own address, name missing", person("", "", "tanaka@sample.co.jp"), person("田中太郎", "", "tanaka@sample.co.jp"), 90, 100, []string{"address"}},
		{"own address, other name", person("田中 太郎", "", "tanaka@sample.co.jp"), person("鈴木 花子", "", "tanaka@sample.co.jp"), 30, 55, []string{"address", "other_name"}},
		{"address of a function, other name", person("田中 太郎", "サンプル", "info@sample.co.jp"), person("鈴木 花子", "サンプル", "info@sample.co.jp"), 1, 20, []string{"role_address"}},
		{"address of a function, same name", person("田中 太郎", "サンプル", "info@sample.co.jp"), person("田中 太郎", "サンプル", "info@sample.co.jp"), 80, 100, []string{"role_address", "name_company"}},
		{"old and new forms of a name", person("髙澤 一郎", "㈱サンプル"), person("高沢 一郎", "株式会社サンプル"), 60, 100, []string{"name_company"}},
		{"family name behind", person("太郎 田中", "サンプル(株)"), person("田中 太郎", "株式会社サンプル"), 60, 100, []string{"name_company"}},
		{"half-width kana of the company", person("田中太郎", "ｻﾝﾌﾟﾙ"), person("田中 太郎", "株式会社サンプル"), 60, 100, []string{"name_company"}},
		{"商事 is not 商会", person("田中 太郎", "テスト商事"), person("田中 太郎", "テスト商会"), 1, 30, []string{"other_company"}},
		{"another legal form", person("田中 太郎", "株式会社青葉"), person("田中 太郎", "有限会社青葉"), 30, 59, []string{"name_company", "other_form"}},
		{"another branch", person("田中 太郎", "株式会社青葉 大阪支店"), person("田中 太郎", "株式会社青葉 東京支店"), 60, 75, []string{"name_company", "other_branch"}},
		{"mobile number", person("田中", "", "090-1234-5678"), person("田中 太郎", "サンプル", "０９０−１２３４−５６７８"), 60, 100, []string{"mobile"}},
		{"mobile number, other name", person("鈴木 花子", "", "090-1234-5678"), person("田中 太郎", "サンプル", "09012345678"), 1, 55, []string{"mobile", "other_name"}},
		{"switchboard of two people", person("鈴木 花子", "サンプル", "03-5550-0101"), person("田中 太郎", "サンプル", "0355500101"), 1, 20, []string{"phone", "other_name"}},
		{"switchboard and name", person("田中 太郎", "", "03-5550-0101"), person("田中太郎", "", "0355500101"), 60, 100, []string{"phone"}},
		{"another extension", person("田中 太郎", "", "03-5550-0101 内線12"), person("田中太郎", "", "03-5550-0101 内線34"), 1, 30, []string{"name"}},
		{"name alone", person("田中 太郎", ""), person("田中 太郎", ""), 1, 59, []string{"name"}},
		{"name and domain", person("田中 太郎", "", "tanaka@sample.co.jp"), person("田中 太郎", "", "t.tanaka@sample.co.jp"), 60, 90, []string{"name_domain"}},
		{"name and free mail", person("田中 太郎", "", "tanaka@gmail.com"), person("田中 太郎", "", "t.tanaka@gmail.com"), 1, 59, []string{"name"}},
		{"one name, two readings", person("上野 淳", "サンプル", "かな うえの じゅん"), person("上野 淳", "サンプル", "かな うえの あつし"), 30, 59, []string{"other_kana"}},
		{"one reading, two writings", person("斉藤 一", "サンプル", "かな サイトウ ハジメ"), person("西藤 一", "サンプル", "かな さいとう はじめ"), 40, 59, []string{"kana"}},
		{"kana helps", person("田中 太郎", "サンプル", "かな タナカ タロウ"), person("田中 太郎", "サンプル", "かな ﾀﾅｶﾀﾛｳ"), 80, 100, []string{"kana", "name_company"}},
		{"other letters are no other name", person("Taro Tanaka", "サンプル", "tanaka@sample.co.jp"), person("田中 太郎", "サンプル", "tanaka@sample.co.jp"), 90, 100, []string{"address"}},
		{"nobody in particular", person("ご担当者", "サンプル"), person("ご担当者", "サンプル"), 0, 0, nil},
		{"no company in particular", person("田中 太郎", "個人"), person("田中 太郎", "個人"), 1, 59, []string{"name"}},
		{"nothing in common", person("田中 太郎", "A社"), person("鈴木 花子", "B社"), 0, 0, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, back := ComparePeople(test.a, test.b), ComparePeople(test.b, test.a)
			checkLikeness(t, got, test.min, test.max, test.evidence)
			if back.Score != got.Score {
				t.Errorf("the other way round %d instead of %d", back.Score, got.Score)
			}
		})
	}
}

func TestCompareAccounts(t *testing.T) {
	account := func(name string, domains ...string) Account { return Account{Name: name, Domains: domains} }
	for _, test := range []struct {
		name     string
		a, b     Account
		min, max int
		evidence []string
	}{
		{"name", account("㈱サンプル"), account("株式会社 サンプル"), 60, 90, []string{"name"}},
		{"name without its form", account("サンプル"), account("株式会社サンプル"), 60, 90, []string{"name"}},
		{"name and domain", account("㈱サンプル", "sample.co.jp"), account("サンプル(株)", "SAMPLE.co.jp"), 90, 100, []string{"name", "domain"}},
		{"English form", account("Sample Co., Ltd."), account("SAMPLE K.K."), 60, 90, []string{"name"}},
		{"another form", account("株式会社青葉"), account("有限会社青葉"), 20, 59, []string{"name", "other_form"}},
		{"another branch", account("株式会社青葉 大阪支店"), account("株式会社青葉 東京支店"), 40, 59, []string{"other_branch"}},
		{"商事 is not 商会", account("テスト商事"), account("テスト商会"), 0, 0, nil},
		{"a group's domain", account("サンプル商事", "sample.co.jp"), account("サンプル物流", "sample.co.jp"), 30, 55, []string{"domain", "other_name"}},
		{"free mail is no domain", account("A社", "gmail.com"), account("B社", "gmail.com"), 0, 0, nil},
		{"name, other domains", account("サンプル", "a.example"), account("サンプル", "b.example"), 60, 73, []string{"name", "other_domain"}},
		{"a long vowel", account("サンプルコンピュータ", "s.example"), account("サンプルコンピューター", "s.example"), 30, 100, []string{"domain"}},
		{"parent and subsidiary", Account{ID: "p", Name: "サンプル"}, Account{ID: "c", Name: "サンプル 大阪支店", Parent: "p"}, 1, 30, []string{"parent"}},
		{"no name", account("個人"), account("個人"), 0, 0, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, back := CompareAccounts(test.a, test.b), CompareAccounts(test.b, test.a)
			checkLikeness(t, got, test.min, test.max, test.evidence)
			if back.Score != got.Score {
				t.Errorf("the other way round %d instead of %d", back.Score, got.Score)
			}
		})
	}
}

func checkLikeness(t *testing.T, got Likeness, least, most int, codes []string) {
	t.Helper()
	if got.Score < least || got.Score > most {
		t.Errorf("score %d, not %d to %d: %q", got.Score, least, most, got.Evidence)
	}
	for _, code := range codes {
		found := false
		for _, e := range got.Evidence {
			found = found || strings.HasPrefix(e, code+": ")
		}
		if !found {
			t.Errorf("no %s among %q", code, got.Evidence)
		}
	}
	if codes == nil && len(got.Evidence) > 0 {
		t.Errorf("evidence %q", got.Evidence)
	}
}
