package crm

import "testing"

func TestNormalizeCompany(t *testing.T) {
	tests := map[string]struct {
		in   string
		want Company
	}{
		"form before":           {"株式会社サンプル商事", Company{Base: "サンプル商事", Form: "株式会社"}},
		"form after":            {"サンプル商事株式会社", Company{Base: "サンプル商事", Form: "株式会社"}},
		"in brackets":           {"(株)サンプル商事", Company{Base: "サンプル商事", Form: "株式会社"}},
		"full-width brackets":   {"サンプル商事（株）", Company{Base: "サンプル商事", Form: "株式会社"}},
		"one character":         {"㈱サンプル商事", Company{Base: "サンプル商事", Form: "株式会社"}},
		"square character":      {"サンプル商事㍿", Company{Base: "サンプル商事", Form: "株式会社"}},
		"bank transfer":         {"ｶ)ｻﾝﾌﾟﾙ", Company{Base: "サンプル", Form: "株式会社"}},
		"bank transfer, after":  {"ｻﾝﾌﾟﾙ(ｶ", Company{Base: "サンプル", Form: "株式会社"}},
		"kana in brackets":      {"サンプル(アメリカ)", Company{Base: "サンプルアメリカ"}},
		"spaces":                {" 株式会社　サンプル 商事 ", Company{Base: "サンプル商事", Form: "株式会社"}},
		"middle dot":            {"株式会社サンプル・商事", Company{Base: "サンプル商事", Form: "株式会社"}},
		"yugen":                 {"㈲田中工務店", Company{Base: "田中工務店", Form: "有限会社"}},
		"godo":                  {"(同)サンプル", Company{Base: "サンプル", Form: "合同会社"}},
		"association":           {"一般社団法人日本サンプル協会", Company{Base: "日本サンプル協会", Form: "一般社団法人"}},
		"medical":               {"医療法人社団　健和会", Company{Base: "健和会", Form: "医療法人社団"}},
		"half-width kana":       {"ｻﾝﾌﾟﾙ商事(株)", Company{Base: "サンプル商事", Form: "株式会社"}},
		"full-width letters":    {"株式会社ＡＢＣ", Company{Base: "abc", Form: "株式会社"}},
		"variant":               {"株式会社髙島屋", Company{Base: "高島屋", Form: "株式会社"}},
		"branch after form":     {"サンプル商事株式会社大阪支店", Company{Base: "サンプル商事", Form: "株式会社", Branch: "大阪支店"}},
		"branch after space":    {"株式会社サンプル商事　大阪支店 営業部", Company{Base: "サンプル商事", Form: "株式会社", Branch: "大阪支店営業部"}},
		"space in the name too": {"株式会社サンプル 商事 大阪支店 営業部", Company{Base: "サンプル商事", Form: "株式会社", Branch: "大阪支店営業部"}},
		"branch without space":  {"株式会社サンプル商事名古屋営業所", Company{Base: "サンプル商事", Form: "株式会社", Branch: "名古屋営業所"}},
		"department":            {"サンプル商事㈱ 第一事業部", Company{Base: "サンプル商事", Form: "株式会社", Branch: "第一事業部"}},
		"no branch":             {"株式会社東京工場", Company{Base: "東京工場", Form: "株式会社"}},
		"company ends like one": {"株式会社田中製作部", Company{Base: "田中製作部", Form: "株式会社"}},
		"onchu":                 {"サンプル商事株式会社 御中", Company{Base: "サンプル商事", Form: "株式会社"}},
		"Co., Ltd.":             {"Sample Trading Co., Ltd.", Company{Base: "sampletrading", Form: "co ltd"}},
		"Co.,Ltd":               {"SAMPLE TRADING CO.,LTD", Company{Base: "sampletrading", Form: "co ltd"}},
		"Inc.":                  {"Sample, Inc.", Company{Base: "sample", Form: "inc"}},
		"LLC":                   {"Sample LLC", Company{Base: "sample", Form: "llc"}},
		"K.K. after":            {"Sample Japan K.K.", Company{Base: "samplejapan", Form: "株式会社"}},
		"K.K. before":           {"K.K. Sample", Company{Base: "sample", Form: "株式会社"}},
		"no form inside words":  {"Incline Colimited", Company{Base: "inclinecolimited"}},
		"English branch":        {"Sample Inc. 東京オフィス", Company{Base: "sample", Form: "inc", Branch: "東京オフィス"}},
		"form alone":            {"株式会社", Company{Base: "株式会社"}},
		"empty":                 {"", Company{}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := NormalizeCompany(test.in); got != test.want {
				t.Errorf("NormalizeCompany(%q) = %+v, want %+v", test.in, got, test.want)
			}
		})
	}
}

// TestFormsOfBankTransfers has a name with two of them, of which the first in the list counts, always.
func TestFormsOfBankTransfers(t *testing.T) {
	for range 20 {
		if got := NormalizeCompany("ﾕ)ｻﾝﾌﾟﾙ(ｶ"); got.Form != "株式会社" {
			t.Fatalf("form %q", got.Form)
		}
	}
}

func TestNormalizeName(t *testing.T) {
	for in, want := range map[string]string{
		"田中 太郎": "田中太郎", "田中　太郎 様": "田中太郎", "髙橋 一郎": "高橋一郎", "山﨑": "山崎", "ﾀﾅｶ ﾀﾛｳ": "タナカタロウ",
		"Taro  TANAKA": "taro tanaka", "田中太郎（サンプル商事）": "田中太郎", "葛󠄀城": "葛城", "渡邉さん": "渡辺", "𠮷田": "吉田",
		"斎藤": "斎藤", "斉藤": "斉藤", "齋藤": "斎藤", "": "", "様": "様", "(株)": "(株)",
	} {
		if got := NormalizeName(in); got != want {
			t.Errorf("NormalizeName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestSplitName(t *testing.T) {
	tests := map[string]struct{ in, family, given string }{
		"Japanese":            {"田中 太郎", "田中", "太郎"},
		"ideographic space":   {"田中　太郎", "田中", "太郎"},
		"honorific":           {"田中 太郎様", "田中", "太郎"},
		"company in brackets": {"田中 太郎（サンプル商事）", "田中", "太郎"},
		"kana":                {"タナカ タロウ", "タナカ", "タロウ"},
		"quotes":              {`"田中 太郎"`, "田中", "太郎"},
		"variant kept":        {"髙橋 一郎", "髙橋", "一郎"},
		"no space":            {"田中太郎", "", ""},
		"three words":         {"サンプル商事 営業部 田中", "", ""},
		"English":             {"Taro Tanaka", "Tanaka", "Taro"},
		"middle name":         {"John F. Smith", "Smith", "John F."},
		"comma":               {"Tanaka, Taro", "Tanaka", "Taro"},
		"capitals":            {"TANAKA Taro", "TANAKA", "Taro"},
		"all capitals":        {"TARO TANAKA", "TANAKA", "TARO"},
		"one word":            {"Madonna", "", ""},
		"two commas":          {"Tanaka, Taro, Dr.", "", ""},
		"sentence":            {"The Friendly Support Team of Sample", "", ""},
		"empty":               {"", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			family, given := SplitName(test.in)
			if family != test.family || given != test.given {
				t.Errorf("SplitName(%q) = %q, %q, want %q, %q", test.in, family, given, test.family, test.given)
			}
		})
	}
}
