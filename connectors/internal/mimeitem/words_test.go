package mimeitem

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func encode(t testing.TB, e encoding.Encoding, s string) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatalf("encode %q: %v", s, err)
	}
	return out
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func TestDecodeHeader(t *testing.T) {
	jisWhole := encode(t, japanese.ISO2022JP, "お見積書の件")
	sjis := encode(t, japanese.ShiftJIS, "株式会社サンプルの田中です")
	euc := encode(t, japanese.EUCJP, "株式会社サンプルの田中です")
	utf := []byte("東京都千代田区")
	for _, c := range []struct{ name, in, hint, want string }{
		{"plain", "Hello", "", "Hello"},
		{"raw utf-8", "ご連絡", "", "ご連絡"},
		{"raw jis", string(jisWhole), "", "お見積書の件"},
		{"raw shift_jis", string(sjis), "", "株式会社サンプルの田中です"},
		{"raw euc-jp", string(euc), "", "株式会社サンプルの田中です"},
		{"raw latin1", "Gr\xfc\xdfe aus M\xfcnchen", "iso-8859-1", "Grüße aus München"},
		{"raw latin1 without hint", "Andr\xe9 M\xfcller", "", "André Müller"},
		{"raw gb18030 with hint", string(encode(t, simplifiedchinese.GB18030, "您好,报价单")), "gb2312", "您好,报价单"},
		{"word", "=?iso-2022-jp?B?" + b64(jisWhole) + "?=", "", "お見積書の件"},
		{"lower case b and glued", "Re:=?ISO-2022-JP?b?" + b64(jisWhole) + "?=", "", "Re:お見積書の件"},
		{"cut in a character", "=?UTF-8?B?" + b64(utf[:7]) + "?= =?utf-8?B?" + b64(utf[7:]) + "?=", "", "東京都千代田区"},
		{"cut in an escape", "=?iso-2022-jp?B?" + b64(jisWhole[:2]) + "?= =?iso-2022-jp?B?" + b64(jisWhole[2:]) + "?=", "", "お見積書の件"},
		{"cut in a jis character", "=?iso-2022-jp?B?" + b64(jisWhole[:6]) + "?= =?iso-2022-jp?B?" + b64(jisWhole[6:]) + "?=", "", "お見積書の件"},
		{"cut in a base64 group", "=?utf-8?B?" + b64(utf)[:6] + "?= =?utf-8?B?" + b64(utf)[6:] + "?=", "", "東京都千代田区"},
		{"no padding", "=?utf-8?B?44GCIQ?=", "", "あ!"},
		{"garbage in base64", "=?utf-8?B?44 G*C?=", "", "あ"},
		{"unterminated", "=?utf-8?B?44GC", "", "あ"},
		{"unterminated by one", "=?utf-8?B?44GC?", "", "あ"},
		{"q with raw spaces", "=?UTF-8?Q?Hello big World?= end", "", "Hello big World end"},
		{"q with question mark before a byte", "=?UTF-8?Q?ok?=E3=81=82?= end", "", "ok?あ end"},
		{"q underscores", "=?iso-8859-1?Q?Gr=FC=DFe_aus_Wien?=", "", "Grüße aus Wien"},
		{"utf-8 labelled us-ascii", "=?us-ascii?B?" + b64(utf) + "?=", "", "東京都千代田区"},
		{"utf-8 labelled iso-2022-jp", "=?iso-2022-jp?B?" + b64(utf) + "?=", "", "東京都千代田区"},
		{"language", "=?utf-8*ja?B?44GC?=", "", "あ"},
		{"space between word and text", "=?utf-8?B?44GC?= x", "", "あ x"},
		{"no word", "a =? b", "", "a =? b"},
		{"unknown charset", "=?x-nonsense?Q?abc?=", "", "abc"},
		{"two charsets", "=?utf-8?B?44GC?= =?iso-2022-jp?B?" + b64(jisWhole) + "?=", "", "あお見積書の件"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := decodeHeader([]byte(c.in), c.hint); got != c.want {
				t.Errorf("decodeHeader(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestDecodeCharset(t *testing.T) {
	text := "拝啓 時下ますますご清祥のこととお慶び申し上げます。"
	for _, c := range []struct {
		name  string
		data  []byte
		label string
		want  string
	}{
		{"half-width kana by escape", []byte("\x1b(I1234\x1b(B abc"), "iso-2022-jp", "\uff71\uff72\uff73\uff74 abc"},
		{"half-width kana by shift out", []byte("\x0e1234\x0f abc"), "iso-2022-jp", "\uff71\uff72\uff73\uff74 abc"},
		{"half-width kana by 8 bits", []byte("\x1b$B$\"\x1b(B\xb1\xb2"), "iso-2022-jp", "あ\uff71\uff72"},
		{"nec row 13", []byte("\x1b$B-!-j-b\x1b(B"), "iso-2022-jp", "①㈱№"},
		{"nec-selected ibm", []byte("\x1b$Bycyu\x1b(B"), "cp50220", "夋\ufa11"},
		{"raw jis without charset", encode(t, japanese.ISO2022JP, text), "", text},
		{"jis labelled us-ascii", encode(t, japanese.ISO2022JP, text), "us-ascii", text},
		{"jis labelled utf-8", encode(t, japanese.ISO2022JP, text), "utf-8", text},
		{"jis labelled shift_jis", encode(t, japanese.ISO2022JP, text), "shift_jis", text},
		{"jis labelled iso-8859-1", encode(t, japanese.ISO2022JP, text), "iso-8859-1", text},
		{"utf-8 labelled us-ascii", []byte(text), "us-ascii", text},
		{"utf-8 labelled iso-2022-jp", []byte(text), "iso-2022-jp", text},
		{"utf-8 labelled shift_jis", []byte(text), "shift_jis", text},
		{"utf-8 labelled iso-8859-1", []byte(text), "iso-8859-1", text},
		{"shift_jis labelled iso-2022-jp", encode(t, japanese.ShiftJIS, text), "iso-2022-jp", text},
		{"shift_jis labelled euc-jp", encode(t, japanese.ShiftJIS, text), "euc-jp", text},
		{"euc-jp labelled shift_jis", encode(t, japanese.EUCJP, text), "x-sjis", text},
		{"shift_jis labelled utf-8", encode(t, japanese.ShiftJIS, text), "utf-8", text},
		{"shift_jis unlabelled", encode(t, japanese.ShiftJIS, text), "", text},
		{"euc-jp unlabelled", encode(t, japanese.EUCJP, text), "unknown-8bit", text},
		{"cp932", []byte("\x87\x40\x81\x60\xfb\xfc\xed\x95"), "windows-31j", "①\uff5e髙\ufa11"},
		{"cp932 labelled shift_jis", []byte("\x87\x40\x81\x60\xfb\xfc"), "Shift_JIS", "①\uff5e髙"},
		{"wave dash of shift_jis", []byte("\x81\x60"), "shift_jis", "\u301c"},
		{"wave dash of jis", []byte("\x1b$B!A\x1b(B"), "iso-2022-jp", "\u301c"},
		{"wave dash of cp50220", []byte("\x1b$B!A\x1b(B"), "cp50221", "\uff5e"},
		{"x0212", []byte("\x8f\xb0\xa1\xa4\xa2"), "euc-jp", "丂あ"},
		{"gb18030", encode(t, simplifiedchinese.GB18030, "報價單您好\U00020000"), "gb2312", "報價單您好\U00020000"},
		{"euc-kr", encode(t, korean.EUCKR, "안녕하세요"), "ks_c_5601-1987", "안녕하세요"},
		{"iso-2022-kr", append([]byte("\x1b$)C\x0e"), []byte{0x3e, 0x48, 0x33, 0x67, 0x0f}...), "iso-2022-kr", "안녕"},
		{"utf-7", []byte("Hi +ZeVnLIqe-! 1 +- 1"), "utf-7", "Hi 日本語! 1 + 1"},
		{"junk around the label", []byte(text), "\"charset=utf8\";", text},
		{"unknown label", []byte(text), "x-nonsense", text},
		{"windows-1252", []byte("\x93caf\xe9\x94"), "iso-8859-1", "“café”"},
		{"cut utf-8", []byte(text)[:11], "utf-8", "拝啓 時\ufffd"},
		{"latin1 labelled utf-8", []byte("caf\xe9 au lait"), "utf-8", "café au lait"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := decodeCharset(c.data, c.label, ""); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestMailboxes(t *testing.T) {
	box := func(pairs ...string) (out []crm.Mailbox) {
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, crm.Mailbox{Name: pairs[i], Address: pairs[i+1]})
		}
		return out
	}
	for _, c := range []struct {
		name, in string
		want     []crm.Mailbox
	}{
		{"bare", "a@b.jp", box("", "a@b.jp")},
		{"named", "Taro Tanaka <taro@client.co.jp>", box("Taro Tanaka", "taro@client.co.jp")},
		{"quoted comma", `"Tanaka, Taro" <taro@client.co.jp>, b@c.jp`, box("Tanaka, Taro", "taro@client.co.jp", "", "b@c.jp")},
		{"escaped quotes", `\"Taro Tanaka\" <taro@client.co.jp>, b@c.jp`, box("Taro Tanaka", "taro@client.co.jp", "", "b@c.jp")},
		{"bare comma", "Tanaka, Taro <taro@client.co.jp>, b@c.jp", box("Tanaka, Taro", "taro@client.co.jp", "", "b@c.jp")},
		{"no closing bracket", "Taro <taro@client.co.jp", box("Taro", "taro@client.co.jp")},
		{"no closing bracket in a list", "Taro <taro@client.co.jp, b@c.jp", box("Taro", "taro@client.co.jp", "", "b@c.jp")},
		{"double brackets", "Taro <<taro@client.co.jp>>", box("Taro", "taro@client.co.jp")},
		{"word for a name", "=?utf-8?B?55Sw5Lit?= <taro@client.co.jp>", box("田中", "taro@client.co.jp")},
		{"word in quotes", `"=?utf-8?B?55Sw5Lit?=" <taro@client.co.jp>`, box("田中", "taro@client.co.jp")},
		{"word glued to bracket", "=?utf-8?B?55Sw5Lit?=<taro@client.co.jp>", box("田中", "taro@client.co.jp")},
		{"word with a comma", "=?utf-8?Q?Tanaka,_Taro?= <taro@client.co.jp>", box("Tanaka, Taro", "taro@client.co.jp")},
		{"all in a word", "=?utf-8?B?" + b64([]byte("田中 <taro@client.co.jp>")) + "?=", box("田中", "taro@client.co.jp")},
		{"group", "undisclosed-recipients:;", nil},
		{"group with members", "Team: a@b.jp, Taro <c@d.jp>;, e@f.jp", box("", "a@b.jp", "Taro", "c@d.jp", "", "e@f.jp")},
		{"comment", "taro@client.co.jp (Taro Tanaka)", box("Taro Tanaka", "taro@client.co.jp")},
		{"semicolons", "a@b.jp; c@d.jp;", box("", "a@b.jp", "", "c@d.jp")},
		{"unclosed quote", `"Taro <taro@client.co.jp>`, box("Taro", "taro@client.co.jp")},
		{"unclosed quote in a list", `"Taro <taro@client.co.jp>, "Jiro" <j@client.co.jp>`, box("Taro", "taro@client.co.jp", "Jiro", "j@client.co.jp")},
		{"carrier's dots in quotes", `"a..b."@docomo.ne.jp`, box("", "a..b.@docomo.ne.jp")},
		{"carrier's dots in brackets", `<"a..b."@docomo.ne.jp>`, box("", "a..b.@docomo.ne.jp")},
		{"carrier's dots", `a..b.@docomo.ne.jp`, box("", "a..b.@docomo.ne.jp")},
		{"mailto", "<mailto:a@b.jp>", box("", "a@b.jp")},
		{"spaces around at", "Taro <taro @ client.co.jp>", box("Taro", "taro@client.co.jp")},
		{"no address", "MAILER-DAEMON", box("MAILER-DAEMON", "")},
		{"empty brackets", "taro@client.co.jp <>", box("", "taro@client.co.jp")},
		{"single quotes", "'Taro' <'taro@client.co.jp'>", box("Taro", "taro@client.co.jp")},
		{"raw shift_jis", "\x93\x63\x92\x86\x82\xb3\x82\xf1 <taro@client.co.jp>", box("田中さん", "taro@client.co.jp")},
		{"no comma between", "<a@b.jp> <c@d.jp>", box("", "a@b.jp", "", "c@d.jp")},
		{"route", "<@relay.jp:a@b.jp>", box("", "a@b.jp")},
		{"nothing", " , ,", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, appendMailboxes(nil, []byte(c.in), "")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseDate(t *testing.T) {
	const want = "2026-11-21T01:00:00Z"
	for _, c := range []struct{ in, want string }{
		{"Sat, 21 Nov 2026 10:00:00 +0900", want},
		{"Sat, 21 Nov 2026 10:00:00 +0900 (JST)", want},
		{"Sat, 21 Nov 2026 10:00:00 +0900 (東京 (標準時))", want},
		{"21 Nov 2026 10:00 +0900", want},
		{"Sat,21 Nov 26 10:00:00 JST", want},
		{"Sat, 21 Nov 126 10:00:00 JST", want},
		{"Fri, 20 Nov 2026 20:00:00 EST", want},
		{"Sat, 21 Nov 2026 01:00:00 UT", want},
		{"Sat, 21 Nov 2026 01:00:00", want},
		{"Sat, 21 Nov 2026 10:00:00 GMT+0900", want},
		{"Sat, 21 Nov 2026 10:00:00 +09:00", want},
		{"Sat, 21-Nov-2026 01:00:00 GMT", want},
		{"Sat Nov 21 01:00:00 2026", want},
		{"Sat Nov 21 10:00:00 JST 2026", want},
		{"Nov 21, 2026 1:00:00 AM", want},
		{"2026-11-21T10:00:00+09:00", want},
		{"2026-11-21T01:00:00.123Z", want},
		{"2026/11/21 10:00:00 +0900", want},
		{"2026年11月21日(土) 10:00:00 +0900", want},
		{"11/21/2026 01:00:00", want},
		{"Sat, 21 Nov 2026 10.00.00 +0900", want},
		{"Tue, 19 Jan 2038 12:14:08 +0900", "2038-01-19T03:14:08Z"},
		{"Thu, 1 Jan 1970 09:00:00 +0900", "1970-01-01T00:00:00Z"},
		{"Sat, 21 Nov 2026 23:59:60 +0000", "2026-11-21T23:59:59Z"},
		{"Sat, 31 Feb 2026 10:00:00 +0900", ""},
		{"Sat, 21 Foo 2026 10:00:00 +0900", ""},
		{"Sat, 21 Nov 2026 25:00:00 +0900", ""},
		{"Fri, 31 Dec 9999 23:59:59 -1200", ""}, // the year 10000
		{"Fri, 31 Dec 9999 23:59:59 +0000", ""},
		{"Tue, 1 Jan 2200 00:00:00 +0900", "2199-12-31T15:00:00Z"},
		{"Thu, 1 Jan 1970 08:59:59 +0900", ""}, // 1969
		{"Sat, 1 Jan 0000 00:00:00 +1400", ""},
		{"Mon, 1 Jan 1601 00:00:00 +0000", ""},
		{"yesterday", ""},
		{"", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			got, ok := ParseDate(c.in)
			if s := got.Format(time.RFC3339); ok != (c.want != "") || ok && s != c.want {
				t.Errorf("got %s, %v, want %q", s, ok, c.want)
			}
		})
	}
}

// A time that cannot be, in a header or as a server says it, gives way to the next best.
func TestTimesThatCannotBe(t *testing.T) {
	const mail = "From: a@b.jp\r\nSubject: x\r\nDate: %s\r\n\r\nHi\r\n"
	good, beyond := "Sat, 21 Nov 2026 10:00:00 +0900", "Fri, 31 Dec 9999 23:59:59 -1200"
	at, written := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 21, 1, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		received time.Time
		date     string
		want     [2]time.Time // received, dated
	}{
		"a date beyond years":                {at, beyond, [2]time.Time{at, at}},
		"that and no time of receipt":        {time.Time{}, beyond, [2]time.Time{}},
		"received in the year 1":             {time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), good, [2]time.Time{written, written}},
		"received far ahead":                 {time.Unix(1<<50, 0), good, [2]time.Time{written, written}},
		"neither can be":                     {time.Unix(1<<50, 0), beyond, [2]time.Time{time.Unix(0, 0).UTC(), time.Unix(0, 0).UTC()}},
		"an ordinary mail stays what it was": {at, good, [2]time.Time{at, written}},
	} {
		t.Run(name, func(t *testing.T) {
			item := FromRaw(Envelope{ExternalID: "x", Received: c.received}, fmt.Appendf(nil, mail, c.date), 0)
			if got := [2]time.Time{item.Received, item.Message.Date}; got != c.want {
				t.Errorf("received and dated %v, want %v", got, c.want)
			}
		})
	}
}
