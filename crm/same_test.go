package crm

import (
	"embed"
	"strings"
	"testing"
)

//go:embed testdata/companies.tsv testdata/names.tsv testdata/phones.tsv
var pairFiles embed.FS

// pair is two texts and whether they are the same.
type pair struct {
	line int
	same bool
	a, b string
}

func pairsOf(t *testing.T, file string) []pair {
	t.Helper()
	data, err := pairFiles.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var out []pair
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) != 3 || cells[0] != "same" && cells[0] != "different" {
			t.Fatalf("%s:%d: not a pair: %q", file, n, line)
		}
		out = append(out, pair{n, cells[0] == "same", cells[1], cells[2]})
	}
	return out
}

// TestPairs has no pair of two things taken for one, and says how many of those that are one were recognised.
func TestPairs(t *testing.T) {
	for name, test := range map[string]struct {
		file             string
		same             func(a, b string) bool
		pairs, different int // at least
		recall           float64
	}{
		"companies": {"companies.tsv", SameCompany, 300, 120, 0.95},
		"names":     {"names.tsv", SameName, 120, 50, 0.9},
		"phones":    {"phones.tsv", SamePhone, 80, 30, 0.95},
	} {
		t.Run(name, func(t *testing.T) {
			pairs := pairsOf(t, test.file)
			var same, found, different int
			for _, p := range pairs {
				got := test.same(p.a, p.b)
				if back := test.same(p.b, p.a); back != got {
					t.Errorf("%s:%d: %q and %q: %v one way, %v the other", test.file, p.line, p.a, p.b, got, back)
				}
				switch {
				case !p.same:
					different++
					if got {
						t.Errorf("%s:%d: %q and %q are taken for the same", test.file, p.line, p.a, p.b)
					}
				case got:
					same++
					found++
				default:
					same++
					t.Logf("%s:%d: %q and %q are not recognised", test.file, p.line, p.a, p.b)
				}
			}
			recall := float64(found) / float64(same)
			t.Logf("%d pairs: %d different, none taken for the same; of %d that are the same %d recognised (%.1f %%)", len(pairs), different, same, found, 100*recall)
			if len(pairs) < test.pairs || different < test.different || recall < test.recall {
				t.Errorf("%d pairs, %d different, recall %.3f; want %d, %d, %.2f", len(pairs), different, recall, test.pairs, test.different, test.recall)
			}
		})
	}
}

// TestNameKeyFollowsThePairs joins each pair of names with each of some pairs of companies.
func TestNameKeyFollowsThePairs(t *testing.T) {
	companies := pairsOf(t, "companies.tsv")
	for i, n := range pairsOf(t, "names.tsv") {
		for j := i % 7; j < len(companies); j += 7 {
			c := companies[j]
			a, b := NameKey(n.a, c.a), NameKey(n.b, c.b)
			if a != "" && a == b && !SameCompany(c.a, c.b) {
				t.Errorf("%q at %q and %q at %q have the key %q", n.a, c.a, n.b, c.b, a)
			}
			if SameName(n.a, n.b) && SameCompany(c.a, c.b) && (a == "" || a != b) {
				t.Errorf("%q at %q has the key %q, %q at %q has %q", n.a, c.a, a, n.b, c.b, b)
			}
		}
	}
}

func TestNameKeyOfNobody(t *testing.T) {
	for _, c := range []struct{ name, company string }{
		{"", "株式会社サンプル"}, {"田中 太郎", ""}, {"担当者", "株式会社サンプル"}, {"ご担当", "株式会社サンプル"}, {"ご担当者様", "株式会社サンプル"}, {"test", "株式会社サンプル"},
		{"テスト 太郎", "株式会社サンプル"}, {"田中 太郎", "test"}, {"田中 太郎", "個人"}, {"田中", "株式会社サンプル"}, {"佐々木", "株式会社サンプル"}, {"Tanaka", "株式会社サンプル"},
		{"総務部", "株式会社サンプル"}, {"営業部 田中", "株式会社サンプル"}, {"田中 太郎、佐藤 花子", "株式会社サンプル"}, {"tanaka@sample.example", "株式会社サンプル"}, {"T. Tanaka", "株式会社サンプル"},
		{strings.Repeat("あ", 1000), "株式会社サンプル"}, {"田中 太郎", strings.Repeat("あ", 1000)}, {"\xff田中 太郎", "株式会社サンプル"},
	} {
		if key := NameKey(c.name, c.company); key != "" {
			t.Errorf("NameKey(%q, %q) = %q, want none", c.name, c.company, key)
		}
	}
	if got, want := NameKey("髙橋　一郎 様", "㈱青葉フーズ　大阪支店"), "高橋一郎|青葉フーズ"; got != want {
		t.Errorf("NameKey = %q, want %q", got, want)
	}
}

func FuzzSame(f *testing.F) {
	f.Add("田中 太郎", "株式会社サンプル 大阪支店")
	f.Add("Taro TANAKA", "K.K. Sample")
	f.Fuzz(func(t *testing.T, a, b string) {
		if SameCompany(a, b) != SameCompany(b, a) || SameName(a, b) != SameName(b, a) || SamePhone(a, b) != SamePhone(b, a) {
			t.Errorf("%q and %q: the order matters", a, b)
		}
		key := NameKey(a, b)
		if key != "" && (strings.Count(key, "|") != 1 || strings.HasPrefix(key, "|") || strings.HasSuffix(key, "|")) {
			t.Errorf("NameKey(%q, %q) = %q", a, b, key)
		}
	})
}

func BenchmarkNameKey(b *testing.B) {
	for b.Loop() {
		NameKey("髙橋 一郎", "㈱青葉フーズ 大阪支店")
	}
}
