package importing

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// life reads what a row says of the life of a person. The error names the column.
func (r record) life(p *crm.Person, w Words, zone *time.Location, now time.Time) error {
	var err error
	if p.Reason, err = r.word(fieldReason, w.Reasons); err != nil {
		return err
	}
	if p.Request, err = r.word(fieldRequest, w.Requests); err != nil {
		return err
	}
	p.Given = crm.Touch{Channel: r.one(fieldChannel), Campaign: r.one(fieldCampaign)}
	p.ExternalKey = r.one(fieldKey)
	if text := r.one(fieldDoNotContact); text != "" {
		if yes, known := yesOrNo(text); known && yes {
			p.DoNotContact = "連絡不可"
		} else if !known {
			p.DoNotContact = text
		}
	}
	return r.consent(p, zone, now)
}

func (r record) consent(p *crm.Person, zone *time.Location, now time.Time) error {
	if text := r.one(fieldConsent); text != "" {
		yes, known := yesOrNo(text)
		switch {
		case !known:
			return r.wrong(fieldConsent, "consent_word", strconv.Quote(text))
		case yes:
			p.Consent.State = crm.ConsentGiven
		default:
			p.Consent.State = crm.ConsentRefused
		}
		p.Consent.Evidence = "import"
	}
	if text := r.one(fieldConsentAt); text != "" {
		at, ok := readDay(text, zone)
		if !ok {
			return r.wrong(fieldConsentAt, "no_date", strconv.Quote(text))
		}
		if !crm.CanHaveBeen(at, now) {
			return r.wrong(fieldConsentAt, "date_ahead", strconv.Quote(text))
		}
		p.Consent.At = at
	}
	return nil
}

// readDay reads a day, or a moment, in the writings of spreadsheets. A day that the calendar does not have is none.
func readDay(text string, zone *time.Location) (time.Time, bool) {
	if zone == nil {
		zone = time.UTC
	}
	text = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-").Replace(crm.Fold(text))
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, layout := range []string{time.RFC3339, "2006-1-2 15:04:05", "2006-1-2 15:04", "2006-1-2", "20060102"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil && t.Year() > 1900 && t.Year() < 2200 {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// yesOrNo reads what people write for yes and no.
func yesOrNo(text string) (yes, known bool) {
	switch squeezeHeading(text) {
	case "yes", "y", "true", "1", "given", "optin", "ok", "ハイ", "有", "有リ", "アリ", "可", "同意", "同意スル", "同意済", "同意済ミ", "許可", "希望スル":
		return true, true
	case "no", "n", "false", "0", "refused", "optout", "ng", "イイエ", "無", "無シ", "ナシ", "不可", "拒否", "同意シナイ", "不同意", "希望シナイ":
		return false, true
	}
	switch strings.TrimSpace(text) {
	case "○", "〇", "◯", "✓", "✔":
		return true, true
	case "×", "✕", "✗", "-":
		return false, true
	}
	return false, false
}

// word reads an entry of a list by its code or its name. Any text is taken where there is no list.
func (r record) word(f Field, list []Word) (string, error) {
	text := r.one(f)
	if text == "" || list == nil {
		return text, nil
	}
	var names []string
	for _, w := range list {
		if strings.EqualFold(w.Code, text) || slices.ContainsFunc(w.Names, func(n string) bool { return squeezeHeading(n) == squeezeHeading(text) }) {
			if w.Retired {
				return "", r.wrong(f, "word_retired", strconv.Quote(text))
			}
			return w.Code, nil
		}
		if !w.Retired {
			names = append(names, first(append(slices.Clone(w.Names), w.Code)...))
		}
	}
	return "", r.wrong(f, "word_unknown", strconv.Quote(text), strings.Join(names, ", "))
}

// status reads a lead's status; "" if the row says none.
func (r record) status(w Words) (crm.LeadStatus, error) {
	text := r.one(fieldStatus)
	if text == "" {
		return "", nil
	}
	for status, names := range statusNames() {
		code := string(status)
		listed := w.Statuses == nil || slices.ContainsFunc(w.Statuses, func(o Word) bool { return o.Code == code && !o.Retired })
		if listed && (slices.Contains(names, squeezeHeading(text)) || strings.EqualFold(code, text)) {
			return status, nil
		}
	}
	list := w.Statuses
	if list == nil {
		list = defaultStatuses()
	}
	code, err := r.word(fieldStatus, list)
	return crm.LeadStatus(code), err
}

func defaultStatuses() []Word {
	return []Word{{Code: string(crm.StatusNew), Names: []string{"新規"}}, {Code: string(crm.StatusWorking), Names: []string{"アプローチ中"}}, {Code: string(crm.StatusScheduling), Names: []string{"日程調整中"}},
		{Code: string(crm.StatusMeetingWon), Names: []string{"商談獲得"}}, {Code: string(crm.StatusUntouched), Names: []string{"未接触"}},
		{Code: string(crm.StatusNurturing), Names: []string{"ナーチャリング(次アクションなし)"}}, {Code: string(crm.StatusNurturingPlanned), Names: []string{"ナーチャリング(次アクションあり)"}},
		{Code: string(crm.StatusDisqualified), Names: []string{"対象外"}}}
}
