package importing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func TestNewFields(t *testing.T) {
	m := newPeopleMemory()
	file := "顧客番号,氏名,会社名,メール,ステータス,理由,流入経路,キャンペーン,配信同意,同意日,連絡不可\n" +
		"C-1,田中 太郎,A社,t@a.example,商談獲得,,展示会,秋,同意する,2026/11/21,\n" +
		"C-2,鈴木 花子,A社,s@a.example,対象外,競合,,,いいえ,,本人の希望\n" +
		"C-3,佐藤 一,A社,x@a.example,謎の状態,,,,,,\n" +
		"C-4,加藤 一,A社,k@a.example,新規,,,,はい,2026/02/30,\n" +
		"C-5,吉田 一,A社,y@a.example,新規,,,,たぶん,,\n"
	said, r := m.take(t, []byte(file), "leads", false)
	for _, want := range []string{`row 4 is left out: column ステータス: "謎の状態" is not known; there are 新規`, `row 5 is left out: column 同意日: "2026/02/30" is no date`,
		`row 6 is left out: column 配信同意: "たぶん" is neither yes nor no`} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q:\n%s", want, said)
		}
	}
	p, q := m.named(t, "田中 太郎"), m.named(t, "鈴木 花子")
	if p.ExternalKey != "C-1" || p.Status != crm.StatusMeetingWon || p.Given != (crm.Touch{Channel: "展示会", Campaign: "秋"}) || p.Consent.State != crm.ConsentGiven || p.Consent.At.IsZero() {
		t.Errorf("%+v", p)
	}
	if q.DoNotContact != "本人の希望" || q.Consent.State != crm.ConsentRefused || q.Reason != "競合" || len(r.Bad) != 3 {
		t.Errorf("%+v, %d bad", q, len(r.Bad))
	}
	_, r = m.take(t, []byte(file), "leads", false)
	if r.People.New+r.People.Changed != 0 {
		t.Errorf("read again: %+v", r.People)
	}
}

func TestARowChangesWhatItSays(t *testing.T) {
	m := newPeopleMemory()
	m.take(t, []byte("顧客番号,氏名,会社名,メール,部署,役職\n7,田中 太郎,A社,t@a.example,営業部,部長\n"), "contacts", false)
	m.take(t, []byte("顧客番号,氏名,部署,役職\n7,田中 太郎,,課長\n"), "contacts", false)
	if p := m.named(t, "田中 太郎"); p.Department != "営業部" || p.Title != "課長" || len(m.people) != 1 {
		t.Errorf("%+v", p)
	}
	m.takeWith(t, []byte("番号,氏名,部署\n7,田中 次郎,\n"), Options{Kind: "contacts", Key: "番号", ClearEmpty: true}, false)
	if p := m.named(t, "田中 次郎"); p.Department != "" || p.Title != "課長" || len(p.Emails) != 1 || len(m.people) != 1 {
		t.Errorf("%+v", p)
	}
	said, _ := m.take(t, []byte("顧客番号,氏名,会社名,メール\n7,別の 人,B社,b@b.example\n"), "contacts", false)
	if !strings.Contains(said, "row 2 is left out: the key 7 is that of 田中 次郎") || len(m.people) != 1 {
		t.Errorf("another system's number: %s", said)
	}
}

func TestPolicies(t *testing.T) {
	const have = "会社名,氏名,メール\n株式会社サンプル,田中 太郎,t@s.example\n"
	const file = "会社名,氏名,メール\n㈱サンプル,田中太郎,taro@s.example\n"
	for policy, want := range map[Policy]int{Ask: 1, Skip: 1, Update: 1, Create: 2} {
		m := newPeopleMemory()
		m.take(t, []byte(have), "contacts", false)
		said, r := m.takeWith(t, []byte(file), Options{Kind: "contacts", Duplicates: policy}, false)
		if len(m.people) != want || (policy == Ask || policy == Skip) != (r.Skipped == 1) {
			t.Errorf("%s: %d people\n%s", policy, len(m.people), said)
		}
		if policy == Update && len(m.named(t, "田中太郎").Emails) != 2 {
			t.Errorf("update: %+v", m.people)
		}
		if policy == Ask && (!strings.Contains(said, "score ") || !strings.Contains(said, "name_company: ")) {
			t.Errorf("no score and evidence:\n%s", said)
		}
	}
}

func TestWrongTables(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		o    Options
		want string
	}{
		"twice the same heading": {"氏名,会社名,会社名\nA,B,C\n", Options{}, "the heading 会社名 stands over column 2 and over column 3"},
		"no such column":         {"氏名,メール\nA,a@a.example\n", Options{Key: "番号"}, "the file has no column 番号: the columns are 氏名, メール"},
		"no such field":          {"氏名,メール\nA,a@a.example\n", Options{Map: map[string]string{"氏名": "nom"}}, `the column 氏名 cannot become "nom"`},
		"no policy":              {"氏名,メール\nA,a@a.example\n", Options{Duplicates: "maybe"}, "is no policy"},
		"no name":                {"色,形\n赤,丸\n", Options{}, "no column holds a name or an address"},
	} {
		s, err := Read(strings.NewReader(c.file))
		if err == nil {
			_, err = Make(t.Context(), newPeopleMemory(), s, c.o)
		}
		var p *Problem
		if !errors.As(err, &p) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	said, _ := newPeopleMemory().take(t, []byte("氏名,メール\nA B,a@a.example,zu viel\nC D,c@c.example\n"), "contacts", false)
	if !strings.Contains(said, "row 2 is left out: it has 3 cells, and the heading has 2") || !strings.Contains(said, "contacts: 1 new") {
		t.Error(said)
	}
}

// failing is a store that is full after some writes.
type failing struct {
	*peopleMemory
	left int
}

func (f *failing) ChangePeople(ctx context.Context, actor string, list []crm.Amendment[crm.Person]) error {
	if f.left--; f.left < 0 {
		return crm.ErrFull
	}
	return f.peopleMemory.ChangePeople(ctx, actor, list)
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	var b strings.Builder
	b.WriteString("氏名,メール\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "田中 %c太郎,p%d@a.example\n", rune('一'+i), i)
	}
	m := newPeopleMemory()
	run := func(store Store) error {
		s, err := Read(strings.NewReader(b.String()))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Make(t.Context(), store, s, Options{Kind: "contacts"})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Apply(t.Context(), "test")
		return err
	}
	err := run(&failing{m, 2})
	if !errors.Is(err, crm.ErrFull) || !strings.Contains(err.Error(), "8000 of 10000 people are written; import the file again") || len(m.people) != 8000 {
		t.Fatalf("%v, %d people", err, len(m.people))
	}
	if err := run(m); err != nil || len(m.people) != 10_000 || m.writes != 10_000 {
		t.Errorf("%v, %d people, %d writes", err, len(m.people), m.writes)
	}
}

func TestParents(t *testing.T) {
	m := newPeopleMemory()
	said, _ := m.take(t, []byte("会社名,親会社\n子会社,親会社A\n親会社A,\n輪,輪\n孤児,どこにもない社\n"), "accounts", false)
	ids := map[string]string{}
	for _, a := range m.accounts {
		ids[a.Name] = a.ID
	}
	got := map[string]bool{"子会社": m.accounts[ids["子会社"]].Parent == ids["親会社A"], "輪": m.accounts[ids["輪"]].Parent == "", "孤児": m.accounts[ids["孤児"]].Parent == ""}
	if diff := cmp.Diff(map[string]bool{"子会社": true, "輪": true, "孤児": true}, got); diff != "" || !strings.Contains(said, "輪 would be above itself") || !strings.Contains(said, "there is no account どこにもない社") {
		t.Errorf("%s\n%s", diff, said)
	}
}

// TestPoliteHeadings holds that names are found under the headings that forms and lists put over them.
func TestPoliteHeadings(t *testing.T) {
	for heading, want := range map[string]Field{
		"姓名": fieldName, "お名前": fieldName, "ご氏名": fieldName, "御氏名": fieldName, "フルネーム": fieldName, "ﾌﾙﾈｰﾑ": fieldName, "Full Name": fieldName, "お名前(漢字)": fieldName, "氏名（漢字）": fieldName,
		"ご担当者名": fieldName, "ご担当者様": fieldName, "ご担当": fieldName, "担当者名": fieldName, "担当": fieldOwner, "お名前（フリガナ）": fieldKana, "お電話番号": fieldPhone, "お電話番号2": fieldPhone,
		"ご所属": fieldDepartment, "お役職": fieldTitle, "お客様番号": "", "お": "",
	} {
		if got := Guess([]string{heading, "メール"})[0]; got != want {
			t.Errorf("%s is taken for %q, want %q", heading, got, want)
		}
	}
	if got := Guess([]string{"会社名", "担当者名", "役職"})[1]; got != fieldName {
		t.Errorf("担当者名 beside a title is taken for %q", got)
	}
	if got := Guess([]string{"会社名", "担当者名", "電話"})[1]; got != fieldOwner {
		t.Errorf("担当者名 of a list of companies is taken for %q", got)
	}
}

func TestFileWithoutNamesIsRemarked(t *testing.T) {
	const remark = "no column holds people's names"
	m := newPeopleMemory()
	said, report := m.take(t, []byte("呼び名,メール\n田中,t@a.example\n佐藤,s@a.example\n"), "contacts", true)
	if !strings.Contains(said, "row 2 and 1 more: "+remark) || len(report.Remarks) != 1 {
		t.Errorf("%s", said)
	}
	if said, _ = m.take(t, []byte("姓,名,メール\n,,t@a.example\n"), "contacts", true); strings.Contains(said, remark) {
		t.Errorf("there is a column of names: %s", said)
	}
}

// TestOwnersOfRows: an owner who does not work with the system is taken and noted with the rows.
func TestOwnersOfRows(t *testing.T) {
	m := newPeopleMemory()
	file := "氏名,会社名,メール,担当者\n田中 太郎,A社,t@a.example,sato@example.co.jp\n鈴木 花子,A社,s@a.example,Gone@example.co.jp\n"
	users := func(address string) bool { return address == "sato@example.co.jp" }
	said, _ := m.takeWith(t, []byte(file), Options{Kind: "leads", User: users}, false)
	if want := "row 3: gone@example.co.jp is set as the owner, but is nobody who works with this system"; !strings.Contains(said, want) || strings.Contains(said, "row 2") {
		t.Errorf("it does not say %q alone:\n%s", want, said)
	}
	if p := m.named(t, "鈴木 花子"); p.Owner != "gone@example.co.jp" {
		t.Errorf("%+v", p)
	}
}
