package mailgen

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
)

func TestSameSeedSameBytes(t *testing.T) {
	sum := func(seed uint64) string {
		h := sha256.New()
		for m := range Generate(seed, 300) {
			h.Write(m.Raw)
			h.Write([]byte(m.Folder + m.Date.String()))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	if a, b := sum(7), sum(7); a != b {
		t.Errorf("seed 7 gave %s and %s", a, b)
	}
	if a, b := sum(7), sum(8); a == b {
		t.Error("seeds 7 and 8 gave the same")
	}
}

// The figures that docs and benchmarks rely on.
func TestShape(t *testing.T) {
	const n = 2000
	var sizes []int
	total, attached, ja := 0, 0, 0
	features, relations, folders, classes := map[string]int{}, map[Relation]int{}, map[string]int{}, map[string]int{}
	ids := map[string]bool{}
	var last time.Time
	for m := range Generate(1, n) {
		sizes = append(sizes, len(m.Raw))
		total += len(m.Raw)
		features[m.Truth.Feature]++
		relations[m.Truth.Relation]++
		folders[m.Folder]++
		classes[m.Truth.Class]++
		if len(m.Truth.Attachments) > 0 {
			attached++
		}
		if m.Truth.Japanese {
			ja++
		}
		if id := m.Truth.MessageID; id != "" && ids[id] {
			t.Errorf("message id %s was given twice", id)
		} else {
			ids[id] = true
		}
		if m.Date.Before(last) {
			t.Errorf("%s comes after %s", m.Date, last)
		}
		last = m.Date
	}
	slices.Sort(sizes)
	within(t, "median size", sizes[n/2], 8000, 10000)
	within(t, "mean size", total/n, 22000, 28000)
	within(t, "mails with attachments", attached, n*13/100, n*18/100)
	within(t, "Japanese mails", ja, n*37/100, n*43/100)
	within(t, "mails with known contacts", relations[Known], n*58/100, n*70/100)
	within(t, "mails in INBOX", folders[Inbox], n*70/100, n*80/100)
	for _, f := range Features() {
		if features[f.Name] != f.PerMille*n/1000 {
			t.Errorf("feature %s occurs %d times, want %d", f.Name, features[f.Name], f.PerMille*n/1000)
		}
	}
	for _, class := range []string{"personal", "auto_reply", "bounce", "bulk", "invitation", "form_notification"} {
		if classes[class] == 0 {
			t.Errorf("no mail of class %s", class)
		}
	}
}

func within[T cmp.Ordered](t *testing.T, what string, got, low, high T) {
	t.Helper()
	if got < low || got > high {
		t.Errorf("%s: %v, want %v to %v", what, got, low, high)
	}
}

func TestSharesAddUp(t *testing.T) {
	sum := 0
	for _, f := range Features() {
		sum += f.PerMille
	}
	if sum != 1000 {
		t.Errorf("shares add up to %d", sum)
	}
}

// Every mail must at least be what net/mail calls a message, with the sender that the truth names.
func TestSample(t *testing.T) {
	c := Corpus{Seed: 3, World: DefaultWorld(), Shares: DefaultShares(), End: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	for m := range c.Sample() {
		t.Run(m.Truth.Feature, func(t *testing.T) {
			msg, err := mail.ReadMessage(bytes.NewReader(m.Raw))
			if err != nil {
				t.Fatal(err)
			}
			if from := msg.Header.Get("From"); !strings.Contains(from, m.Truth.From) {
				t.Errorf("From is %q, want %q in it", from, m.Truth.From)
			}
			if err := m.Truth.CheckText(m.Truth.Text); err != nil {
				t.Errorf("the truth does not stand its own test: %v", err)
			}
			if m.Truth.any {
				return
			}
			if err := m.Truth.CheckText("文字化け" + m.Truth.Text[:len(m.Truth.Text)/2]); err == nil {
				t.Error("half a text passes")
			}
		})
	}
}

func TestHiddenTextIsFound(t *testing.T) {
	truth := Truth{Text: "hello\n", loose: true, hidden: []string{"pre header"}}
	if truth.CheckText("preheader hello") == nil {
		t.Error("a hidden preheader passes")
	}
	if err := truth.CheckText("hello"); err != nil {
		t.Error(err)
	}
}

func TestContactsCSV(t *testing.T) {
	w := NewWorld(5, 20, 3)
	var out bytes.Buffer
	if err := w.ContactsCSV(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 61 {
		t.Errorf("%d rows, want a header and 60 contacts", len(rows))
	}
	seen := map[string]bool{}
	for _, p := range w.Contacts {
		if seen[p.Email] {
			t.Errorf("%s is two people", p.Email)
		}
		seen[p.Email] = true
	}
}

func TestLarge(t *testing.T) {
	m := Large(1, 5_000_000)
	within(t, "size", len(m.Raw), 4_900_000, 5_300_000)
}

// Byte sequences from the standards' tables (JIS X 0208, code page 932, GB 18030), written down by hand.
func TestCharsets(t *testing.T) {
	tests := []struct {
		name string
		cs   charset
		text string
		want string
	}{
		{"jis kanji", iso2022JP(), "a日本", "a\x1b$B\x46\x7c\x4b\x5c\x1b(B"},
		{"jis NEC row 13", iso2022JP(), "①㈱№℡", "\x1b$B\x2d\x21\x2d\x6a\x2d\x62\x2d\x64\x1b(B"},
		{"jis half-width kana", iso2022JP(), "ｱﾝ", "\x1b(I\x31\x5d\x1b(B"},
		{"jis NEC's IBM kanji", iso2022JP(), "髙﨑", "\x1b$B\x7c\x62\x79\x75\x1b(B"},
		{"jis line ends in ASCII", iso2022JP(), "日\n本", "\x1b$B\x46\x7c\x1b(B\n\x1b$B\x4b\x5c\x1b(B"},
		{"cp932 kanji", shiftJIS(), "日本ｱ", "\x93\xfa\x96\x7b\xb1"},
		{"cp932 row 13", shiftJIS(), "①㈱№℡", "\x87\x40\x87\x8a\x87\x82\x87\x84"},
		{"cp932 IBM kanji", shiftJIS(), "髙﨑", "\xfb\xfc\xfa\xb1"},
		{"cp932 wave and minus", shiftJIS(), "〜−", "\x81\x60\x81\x7c"},
		{"euc kanji", eucJP(), "日本ｱ", "\xc6\xfc\xcb\xdc\x8e\xb1"},
		{"euc row 13", eucJP(), "①㈱", "\xad\xa1\xad\xea"},
		{"gb18030 hanzi", gb18030(), "中€镕", "\xd6\xd0\xa2\xe3\xe9\x46"},
		{"gb18030 four bytes", gb18030(), "é𠮷", "\xa8\xa6\x95\x34\xb2\x35"},
		{"windows-1252", windows1252(), "é–“", "\xe9\x96\x93"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := gocmp.Diff(tt.want, string(tt.cs.encode(tt.text))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
