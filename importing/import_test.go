package importing

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// take imports a file and gives what was said.
func (m *peopleMemory) take(t *testing.T, file []byte, kind string, dryRun bool) (string, Report) {
	t.Helper()
	return m.takeWith(t, file, Options{Kind: kind}, dryRun)
}

func (m *peopleMemory) takeWith(t *testing.T, file []byte, o Options, dryRun bool) (string, Report) {
	t.Helper()
	s, err := Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	o.Own = func(domain string) bool { return domain == "example.co.jp" }
	p, err := Make(t.Context(), m, s, o)
	if err != nil {
		t.Fatal(err)
	}
	r := p.Report()
	if !dryRun {
		if _, err := p.Apply(t.Context(), "test"); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(r.Lines(dryRun), "\n") + "\n", r
}

const list = "会社名,氏名,フリガナ,部署,役職,メールアドレス,電話番号,携帯,備考\r\n" +
	"㈱青葉フーズ,髙橋 一郎,タカハシ イチロウ,購買部,部長,\"takahashi@aoba.example; t.ichiro@aoba.example\",03-5550-0101,090-5550-0102,\"改行の\r\nある備考\"\r\n" +
	"株式会社青葉フーズ,山﨑 美咲,,,,yamazaki@aoba.example,,,～−①Ⅱ\r\n"

func TestEveryEncodingReadsTheSame(t *testing.T) {
	encode := func(enc interface{ String(string) (string, error) }, s string) []byte {
		t.Helper()
		out, err := enc.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(out)
	}
	windows := strings.NewReplacer("～", "～", "−", "－").Replace(list)
	workbook := func() []byte {
		f := excelize.NewFile()
		s, err := Read(strings.NewReader(list))
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range append([]sheetRow{{cells: s.heading}}, s.rows...) {
			if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row.cells); err != nil {
				t.Fatal(err)
			}
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	tabs := strings.ReplaceAll(list, ",", "\t")
	for name, c := range map[string]struct {
		data []byte
		how  string
	}{
		"UTF-8":               {[]byte(list), "UTF-8, separated by commas"},
		"UTF-8, BOM":          {[]byte("\uFEFF" + list), "UTF-8 with a byte order mark, separated by commas"},
		"Shift_JIS":           {encode(japanese.ShiftJIS.NewEncoder(), windows), "Shift_JIS, separated by commas"},
		"UTF-16, tabs":        {encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), tabs), "UTF-16, separated by tabs"},
		"UTF-16 BE":           {encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), list), "UTF-16, separated by commas"},
		"semicolons, LF only": {[]byte(strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(list, ";", "、"), ",", ";"), "\r\n", "\n")), "UTF-8, separated by semicolons"},
		"XLSX":                {workbook(), "XLSX, sheet Sheet1"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newPeopleMemory()
			said, report := m.take(t, c.data, "", false)
			if !strings.Contains(said, "read as "+c.how+"\n") || !strings.Contains(said, "not read: 備考") || len(report.Bad) != 0 {
				t.Errorf("said:\n%s", said)
			}
			p := m.named(t, "髙橋 一郎")
			if diff := cmp.Diff([]string{"takahashi@aoba.example", "t.ichiro@aoba.example"}, p.Emails); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
			if p.FamilyName != "髙橋" || p.Kana != "タカハシ イチロウ" || p.Title != "部長" || len(p.Phones) != 2 || p.Phones[0].E164 != "+81355500101" || p.Kind != crm.Contact {
				t.Errorf("person: %+v", p)
			}
			other := m.named(t, "山﨑 美咲")
			account := m.accounts[p.AccountID]
			if len(m.accounts) != 1 || other.AccountID != p.AccountID || account.Name != "㈱青葉フーズ" || !slices.Equal(account.Domains, []string{"aoba.example"}) {
				t.Errorf("accounts: %+v", m.accounts)
			}
		})
	}
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	for name, file := range map[string]string{
		"with addresses": list,
		"without":        "会社名,氏名,電話\nA社,田中 太郎,03-5550-0101\nA社,佐藤 花子,\n",
		"numbers":        "氏名,フリガナ,電話\n田中 太郎,タナカ タロウ,03-5550-0101\n佐藤 花子,,内線 12\n",
		"one address":    "氏名,メール\n田中 太郎,info@a.example\n佐藤 花子,info@a.example\n",
		"leads":          "会社名,氏名,メール,ステータス\nA社,田中 太郎,t@a.example,アプローチ中\n",
		"accounts":       "会社名,ドメイン\nA社,https://www.a.example/about\n㈱B,b.example、b.co.example\n",
	} {
		t.Run(name, func(t *testing.T) {
			m := newPeopleMemory()
			m.take(t, []byte(file), "", true)
			if m.writes != 0 {
				t.Fatal("a dry run has written")
			}
			m.take(t, []byte(file), "", false)
			first := m.writes
			said, report := m.take(t, []byte(file), "", false)
			if first == 0 || m.writes != first || report.People.New+report.People.Changed+report.Accounts.New+report.Accounts.Changed != 0 {
				t.Errorf("%d records written first, %d in all; said:\n%s", first, m.writes, said)
			}
		})
	}
}

func TestDuplicatesAndMistakesAreNamed(t *testing.T) {
	m := newPeopleMemory()
	m.take(t, []byte("会社名,氏名,メール,電話\nA社,田中 太郎,tanaka@a.example,03-5550-0101\n"), "contacts", false)
	id := m.named(t, "田中 太郎").ID
	said, report := m.take(t, []byte("会社名,氏名,メール,電話,担当者\n"+
		"A社,田中 太郎,TANAKA@a.example,,佐藤\n"+ // 2: stored
		"A社,鈴木 一,suzuki@a.example,,\n"+ // 3: new
		"A社,鈴木 一,suzuki@a.example,03-5550-0199,\n"+ // 4: as 3
		"A社,田中 太郎,taro@a.example,,\n"+ // 5: may be 2
		"B社,別の 人,x@b.example,03-5550-0101,\n"+ // 6: same number
		"C社,,,,\n"+ // 7: nobody
		"C社,誰か,nobody,,\n"+ // 8: no address
		"自社,佐藤,sato@example.co.jp,,\n"+ // 9: own
		"D社,二人,\"tanaka@a.example, suzuki@a.example\",,\n", // 10: two people
	), "contacts", false)
	for _, want := range []string{
		"row 2 is 田中 太郎, who is stored already",
		"row 4 is the same person as row 3 (鈴木 一): joined",
		"row 5 may be 田中 太郎 (same name and company): not written before it is decided",
		"row 6 may be 田中 太郎 (same telephone number 03-5550-0101): kept apart",
		"row 7 is left out: it has neither a name nor an address",
		"row 8 is left out: column メール: nobody is not a mail address",
		"row 9 is left out: sato@example.co.jp belongs to your own organisation",
		"row 10 is left out: its addresses belong to 2 different people",
		"row 2: 佐藤 is not an address of a rep, so no owner is set",
		"contacts: 2 new, 0 changed, 1 unchanged; accounts: 1 new, 0 changed, 0 unchanged; 4 rows left out, 1 row as possible duplicates",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
	if len(report.Bad) != 4 || len(m.people) != 3 || m.people[id].Name != "田中 太郎" {
		t.Errorf("%d bad rows, %d people", len(report.Bad), len(m.people))
	}
	if joined := m.named(t, "鈴木 一"); len(joined.Phones) != 1 {
		t.Errorf("what row 4 added is missing: %+v", joined)
	}
}

func TestDoubtfulRows(t *testing.T) {
	for name, c := range map[string]struct {
		file   string
		want   string // said
		people []string
		bad    int
	}{
		"two names, one address": {"氏名,メール\n田中 太郎,info@a.example\n佐藤 花子,info@a.example\n",
			"row 3 has the address of 田中 太郎 and another name (佐藤 花子): kept apart", []string{"佐藤 花子", "田中 太郎"}, 0},
		"an address without a name joins": {"氏名,メール\n田中 太郎,t@a.example\n,t@a.example\n", "row 3 is the same person as row 2", []string{"田中 太郎"}, 0},
		"a name for an address":           {"氏名,メール\n,t@a.example\n田中 太郎,t@a.example\n", "row 3 is the same person as row 2", []string{"田中 太郎"}, 0},
		"shared, and no name": {"氏名,メール\n田中,info@a.example\n佐藤,info@a.example\n,info@a.example\n",
			"row 4 is left out: 2 people share its address, and it has no name", []string{"佐藤", "田中"}, 1},
		"nothing but a name": {"氏名,メール\n田中 太郎,\n", "row 2 is left out: it has neither an address nor a company nor a telephone number", nil, 1},
		"no address in several words": {"氏名,メール\n田中 太郎,tanaka at a.example\n",
			"row 2 is left out: column メール: tanaka at a.example is not a mail address", nil, 1},
		"erased":              {"氏名,メール\n消去 済,Gone+x@a.example\n", "row 2 is left out: the owner of gone+x@a.example was erased on request", nil, 1},
		"what steers":         {"氏名,メール\n\u202e田中\x1b[31m \u2066太郎\u009b,t@a.example\n", "contacts: 1 new", []string{"田中[31m 太郎"}, 0},
		"a name in two lines": {"氏名,メール\n\"田中\n太郎\",t@a.example\n", "contacts: 1 new", []string{"田中 太郎"}, 0},
		"a quote in a line":   {"氏名,備考,メール\n田中,5\" 管,t@a.example\n佐藤,\"6\" 管\",s@a.example\n", "contacts: 2 new", []string{"佐藤", "田中"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := newPeopleMemory()
			m.erased = map[string]bool{"gone@a.example": true}
			said, report := m.take(t, []byte(c.file), "contacts", false)
			var people []string
			for _, p := range m.people {
				people = append(people, p.Name)
			}
			slices.Sort(people)
			if diff := cmp.Diff(c.people, people); diff != "" || !strings.Contains(said, c.want) || len(report.Bad) != c.bad {
				t.Errorf("people (-want +got):\n%s\n%d bad, said:\n%s", diff, len(report.Bad), said)
			}
			if strings.ContainsFunc(said, steers) {
				t.Errorf("said %q", said)
			}
		})
	}
}

func TestColumnsAreGuessed(t *testing.T) {
	for name, c := range map[string]struct {
		heading string
		want    string
	}{
		"Japanese":   {"氏名(必須)|フリガナ|会社名|部署名|役職|ﾒｰﾙｱﾄﾞﾚｽ|ＴＥＬ|営業担当|ステータス", "name|kana|company|department|title|address|phone|owner|status"},
		"split name": {"姓|名|姓（カナ）|名（カナ）|企業名|E-mail", "family name|given name|family name kana|given name kana|company|address"},
		"Salesforce": {"取引先名|姓|名|役職|部署|電話|携帯電話|メール|取引先責任者 所有者", "company|family name|given name|title|department|phone|phone|address|owner"},
		"HubSpot":    {"Record ID|First Name|Last Name|Email|Phone Number|Contact owner|Lead Status|Associated Company", "external key|given name|family name|address|phone|owner|status|company"},
		"Sansan":     {"会社名|部署名|役職|姓|名|e-mail|郵便番号|住所|TEL会社|TEL直通|携帯電話|URL|名刺交換日", "company|department|title|family name|given name|address|||phone|phone|phone|domain|"},
		"kintone":    {"レコード番号|会社名|部署名|担当者名|TEL|FAX|メールアドレス|備考", "external key|company|department|name|phone||address|"},
		"several":    {"名前|メール1|メール2|メール1", "name|address|address|address"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range Guess(strings.Split(c.heading, "|")) {
				got = append(got, string(f))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnreadableSheets(t *testing.T) {
	for name, c := range map[string]struct{ data, want string }{
		"empty":                                {"", "the file is empty"},
		"blank":                                {"\r\n , \r\n", "the file is empty"},
		"an old .xls":                          {"\xD0\xCF\x11\xE0rest", "old .xls workbook"},
		"a broken .xlsx":                       {"PK\x03\x04rubbish", "the workbook cannot be read"},
		"a picture":                            {"\x89PNG\r\n\x1a\n\x00\x00\xff\xff", "neither UTF-8 nor Shift_JIS"},
		"NUL bytes":                            {"a\x00b", "not text"},
		"broken bytes":                         {"氏名\nok\n\xff\xfe\xfd\n", "line 3 is neither UTF-8 nor Shift_JIS"},
		"an open quote":                        {"氏名,メール\n誰か,a@a.example\n\"山田,b@a.example\n佐藤,c@a.example\n", "row 3 opens a quote that is not closed"},
		"an open quote, closed by a later row": {"氏名,メール\n\"山田,b@a.example\n\"佐藤\",c@a.example\n", "row 2 opens a quote"},
		"many columns":                         {strings.Repeat("a,", 600), "more than 500 columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read(strings.NewReader(c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v; want it to say %q", err, c.want)
			}
		})
	}
}

func FuzzReadSheet(f *testing.F) {
	f.Add([]byte(list))
	f.Add([]byte("\xff\xfea\x00,\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("氏名,メール\n\"a,b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		columns := Guess(s.heading)
		p, err := newPlan(t.Context(), newPeopleMemory(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.addRows(s.records(s.rows, columns), "contacts"); err != nil {
			t.Fatal(err)
		}
		for _, x := range p.people {
			if x.record.ID == "" || x.record.Name == "" {
				t.Fatalf("a person without id or name: %+v", x.record)
			}
		}
	})
}
