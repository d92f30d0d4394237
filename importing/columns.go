package importing

import (
	"slices"
	"strings"
	"unicode"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// Field is what a column of a file of people means.
type Field string

// The fields. Of address and phone a file may have several columns.
const (
	fieldName       Field = "name"
	fieldFamily     Field = "family name"
	fieldGiven      Field = "given name"
	fieldKana       Field = "kana"
	fieldFamilyKana Field = "family name kana"
	fieldGivenKana  Field = "given name kana"
	fieldCompany    Field = "company"
	fieldDepartment Field = "department"
	fieldTitle      Field = "title"
	fieldAddress    Field = "address"
	fieldPhone      Field = "phone"
	fieldOwner      Field = "owner"
	fieldStatus     Field = "status"
	fieldDomain     Field = "domain"

	fieldReason       Field = "reason"
	fieldRequest      Field = "request"
	fieldChannel      Field = "channel"
	fieldCampaign     Field = "campaign"
	fieldConsent      Field = "consent"
	fieldConsentAt    Field = "consent at"
	fieldDoNotContact Field = "do not contact"
	fieldKey          Field = "external key"
	fieldParent       Field = "parent account"
)

// headings are the names of columns, as Salesforce, HubSpot, Sansan, Eight, kintone,
// Google Contacts and Outlook export them, and as people write them.
func headings() map[Field][]string {
	return map[Field][]string{
		fieldName: {"氏名", "氏名漢字", "姓名", "姓名漢字", "名前", "名前漢字", "フルネーム", "顧客担当者名", "先方担当者", "先方担当者名", "ご担当", "御担当", "ご担当者", "御担当者", "ご担当者名", "御担当者名",
			"ご担当者様", "御担当者様", "ご担当者様名", "担当者氏名", "取引先責任者名", "リード名", "表示名",
			"name", "fullname", "contactname", "leadname", "displayname", "personname"},
		fieldFamily:     {"姓", "名字", "苗字", "姓漢字", "氏", "lastname", "familyname", "surname"},
		fieldGiven:      {"名", "名漢字", "firstname", "givenname"},
		fieldKana:       {"フリガナ", "氏名フリガナ", "氏名カナ", "名前フリガナ", "名前カナ", "姓名フリガナ", "姓名カナ", "カナ", "カナ氏名", "ヨミ", "ヨミガナ", "読ミ", "読ミガナ", "会社名フリガナ", "会社名カナ", "kana", "phoneticname", "phonetic"},
		fieldFamilyKana: {"姓フリガナ", "姓カナ", "セイ", "姓ヨミ", "lastnamekana", "familynamekana", "phoneticlastname", "lastnamephonetic"},
		fieldGivenKana:  {"名フリガナ", "名カナ", "メイ", "名ヨミ", "firstnamekana", "givennamekana", "phoneticfirstname", "firstnamephonetic"},
		fieldCompany: {"会社名", "会社", "企業名", "企業", "法人名", "組織名", "組織", "社名", "貴社名", "御社名", "団体名", "取引先", "取引先名", "顧客企業", "顧客企業名", "勤務先", "勤務先名", "学校名",
			"company", "companyname", "account", "accountname", "organization", "organizationname", "organisation", "associatedcompany"},
		fieldDepartment: {"部署", "部署名", "所属", "所属部署", "部門", "部門名", "department", "departmentname", "division"},
		fieldTitle:      {"役職", "役職名", "肩書", "肩書キ", "職位", "title", "jobtitle", "position"},
		fieldAddress: {"メールアドレス", "メール", "eメール", "eメールアドレス", "電子メール", "電子メールアドレス", "email", "emailaddress", "mail", "mailaddress", "eemail", "workemail",
			"emailvalue", "pcメール", "携帯メール", "会社メール", "勤務先メール"},
		fieldPhone: {"電話番号", "電話", "tel", "telephone", "phone", "phonenumber", "会社電話", "会社電話番号", "会社tel", "勤務先電話番号", "直通", "直通電話", "直通電話番号", "代表電話", "代表番号", "代表電話番号",
			"携帯", "携帯電話", "携帯電話番号", "携帯番号", "mobile", "mobilephone", "mobilephonenumber", "mobilenumber", "cellphone", "businessphone", "workphone", "phonevalue", "tel直通", "tel会社"},
		fieldOwner: {"担当者", "担当", "担当者名", "営業担当", "営業担当者", "担当営業", "自社担当者", "当社担当", "弊社担当者", "所有者", "レコード所有者", "レコードノ所有者", "取引先責任者所有者", "取引先責任者ノ所有者", "取引先所有者", "リード所有者", "コンタクト担当者", "会社担当者",
			"owner", "ownername", "recordowner", "contactowner", "accountowner", "leadowner", "companyowner", "assignedto"},
		fieldStatus:       {"ステータス", "リードステータス", "リード状況", "状態", "状況", "status", "leadstatus"},
		fieldDomain:       {"ドメイン", "ドメイン名", "メールドメイン", "企業ドメイン", "会社ドメイン名", "webサイト", "ウェブサイト", "webサイトurl", "ホームページ", "会社url", "url", "domain", "domains", "domainname", "companydomainname", "website", "websiteurl", "web"},
		fieldReason:       {"理由", "ナーチャリング理由", "ステータス理由", "対象外理由", "失注理由", "reason", "nurturingreason", "statusreason", "unqualifiedreason", "disqualifiedreason"},
		fieldRequest:      {"問合セ種別", "問イ合ワセ種別", "問合種別", "オ問イ合ワセ種別", "オ問合セ種別", "依頼種別", "リクエスト種別", "request", "requesttype", "inquirytype"},
		fieldChannel:      {"流入経路", "リードソース", "流入元", "獲得経路", "チャネル", "channel", "leadsource", "originalsource", "source"},
		fieldCampaign:     {"キャンペーン", "キャンペーン名", "施策", "施策名", "campaign", "campaignname", "utmcampaign"},
		fieldConsent:      {"配信同意", "メール配信同意", "同意", "同意状況", "オプトイン", "メルマガ", "メール配信可否", "配信可否", "consent", "optin", "emailoptin", "marketingconsent", "consentstate"},
		fieldConsentAt:    {"同意日", "同意日時", "オプトイン日", "オプトイン日時", "consentat", "consentdate", "optindate"},
		fieldDoNotContact: {"連絡不可", "連絡不要", "連絡禁止", "コンタクト不可", "アプローチ不可", "donotcontact", "donotcall", "hasoptedoutofemail", "emailoptout"},
		fieldKey: {"顧客番号", "顧客コード", "顧客id", "会員番号", "取引先番号", "取引先コード", "取引先責任者id", "取引先id", "リードid", "管理番号", "レコード番号", "外部キー", "外部id",
			"externalkey", "externalid", "customerid", "customernumber", "customercode", "recordid", "contactid", "leadid", "accountid", "accountnumber"},
		fieldParent: {"親会社", "親会社名", "親取引先", "親取引先名", "親組織", "parent", "parentaccount", "parentaccountname", "parentcompany", "parentcompanyname"},
	}
}

// Guess says what each column means; "" for a column that is not read. A field that has one value keeps
// its first column.
func Guess(heading []string) []Field {
	byName := map[string]Field{}
	for f, names := range headings() {
		for _, name := range names {
			byName[squeezeHeading(name)] = f
		}
	}
	out := make([]Field, len(heading))
	taken := map[Field]bool{}
	for i, h := range heading {
		squeezed := squeezeHeading(h)
		f, known := byName[squeezed]
		if !known {
			squeezed = strings.TrimRightFunc(squeezed, unicode.IsDigit) // メールアドレス2
			if f, known = byName[squeezed]; !known {
				f = byName[politeless(squeezed)]
			}
		}
		if taken[f] && f != fieldAddress && f != fieldPhone && f != fieldDomain {
			f = ""
		}
		out[i], taken[f] = f, true
	}
	if !taken[fieldName] && !taken[fieldFamily] && taken[fieldOwner] && (taken[fieldAddress] || taken[fieldTitle] || taken[fieldDepartment]) {
		namesPerson(heading, out)
	}
	return out
}

// namesPerson corrects a list whose only names stand under 担当者名: they are the customers' (kintone).
func namesPerson(heading []string, columns []Field) {
	for i, h := range heading {
		if name := squeezeHeading(h); columns[i] == fieldOwner && (name == "担当者名" || name == "担当者") {
			columns[i] = fieldName
		}
	}
}

// politeless takes off what makes a heading polite: お電話番号, ご氏名, 御役職. It was squeezed before.
func politeless(heading string) string {
	for _, prefix := range []string{"オ", "ゴ", "御"} {
		if rest, ok := strings.CutPrefix(heading, prefix); ok {
			return rest
		}
	}
	return heading
}

// squeezeHeading folds width, case and kana and drops spaces and punctuation, so that "E-mail 1 - Value",
// "ﾒｰﾙｱﾄﾞﾚｽ(必須)" and "姓（漢字）" are found.
func squeezeHeading(h string) string {
	h = strings.NewReplacer("(必須)", "", "(任意)", "", "※", "", "必須", "").Replace(crm.Fold(h))
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == 'ー' {
			return r
		}
		return -1
	}, h)
}

// guessKind says what a file holds when nobody said: statuses make leads, companies without people's names
// or addresses accounts, all else contacts.
func (s *Sheet) guessKind(columns []Field) string {
	has := func(fields ...Field) bool {
		return slices.ContainsFunc(fields, func(f Field) bool { return slices.Contains(columns, f) })
	}
	person := has(fieldName, fieldFamily, fieldAddress)
	switch {
	case person && slices.ContainsFunc(s.rows, func(row sheetRow) bool { return s.record(row, columns).one(fieldStatus) != "" }):
		return "leads"
	case has(fieldCompany) && !person:
		return "accounts"
	}
	return "contacts"
}

// record is a row by field.
type record struct {
	number  int
	values  map[Field][]string
	columns map[Field]string // the headings of the fields that the file has
	broken  map[Field]bool   // in whose cell is an error instead of a value
}

// heading is that of the column of a field.
func (r record) heading(f Field) string { return first(r.columns[f], string(f)) }

// empties reports that the file has a column for the field, and the row nothing in it. A formula that went wrong does not
// say that there is nothing.
func (r record) empties(f Field) bool {
	return r.columns[f] != "" && r.one(f) == "" && !r.broken[f]
}

// one gives a field that has one value, on one line.
func (r record) one(f Field) string {
	if len(r.values[f]) == 0 {
		return ""
	}
	return strings.Join(strings.FieldsFunc(r.values[f][0], func(r rune) bool { return r == '\n' }), " ")
}

func (s *Sheet) records(rows []sheetRow, columns []Field) []record {
	headings := map[Field]string{}
	for i, f := range columns {
		switch {
		case f == "" || i >= len(s.heading):
		case headings[f] == "":
			headings[f] = s.heading[i]
		default:
			headings[f] += " / " + s.heading[i] // of addresses and telephone numbers
		}
	}
	out := make([]record, len(rows))
	for i, row := range rows {
		out[i] = s.record(row, columns)
		out[i].columns = headings
	}
	return out
}

func (s *Sheet) record(row sheetRow, columns []Field) record {
	r := record{number: row.number, values: map[Field][]string{}}
	for i := range row.broken {
		if i < len(columns) && columns[i] != "" {
			if r.broken == nil {
				r.broken = map[Field]bool{}
			}
			r.broken[columns[i]] = true
		}
	}
	for i, cell := range row.cells {
		if i >= len(columns) || columns[i] == "" || cell == "" {
			continue
		}
		r.values[columns[i]] = append(r.values[columns[i]], cell)
	}
	return r
}
