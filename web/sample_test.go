package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

func (f *fixture) mail(subject, text string, at time.Time, from, name, person string) crm.Write {
	key := crm.MessageKey(subject+at.String()+"@test", crm.MessageIdentity{})
	external := "INBOX;UIDVALIDITY=1;UID=" + string(key[:6])
	a := crm.Activity{ID: string(key), Key: key, Kind: crm.KindEmail, Direction: crm.DirectionIn, Class: crm.ClassPersonal, Time: at,
		Subject: subject, Text: text, Owners: []string{"sato@example.co.jp"}, Thread: string(key), Version: 1,
		People: []crm.Participant{
			{Kind: crm.Contact, ID: person, Name: name, Address: from, Role: crm.RoleFrom},
			{Name: "佐藤 花子", Address: "sato@example.co.jp", Role: crm.RoleTo, Internal: true}},
		Observed: []crm.Observation{{Source: "sato-mail", ExternalID: external, Owner: "sato@example.co.jp", Folder: "INBOX"}},
		Match:    crm.Match{Rule: crm.RuleAddress, Evidence: from}}
	if strings.HasSuffix(from, "@client.co.jp") {
		a.Accounts = []string{f.client.ID}
		a.Match.RunnersUp = []crm.Candidate{{Kind: "account", ID: f.client.ID, Name: f.client.Name, Rule: crm.RuleDomain, Evidence: "client.co.jp"}}
	}
	return crm.Write{Activity: &a, Entry: crm.Entry{Source: "sato-mail", ExternalID: external, Key: key, SeenAt: f.now, ItemTime: at,
		Verdict: crm.Logged, Reason: crm.ReasonMatched, Activity: a.ID}}
}

// Texts that try to break out of the page. The override in the second is written as an escape.
const (
	nastySubject = `<script>alert(1)</script>"><img src=x onerror=alert(2)>{{.}}`
	nastyName    = "\u202eevil\u2066 <b onmouseover=alert(3)>"
	nastyReason  = `subject: <svg onload=alert(4)>`
)

func (f *fixture) sampleMail() []crm.Write {
	jane, yamada := crm.DerivedID("person", "jane"), crm.DerivedID("person", "yamada")
	quote := f.mail("Re: お見積りの件", "佐藤様\n\nお世話になっております。クライアントの田中です。\nお見積りをありがとうございます。社内で検討し、来週月曜日までにご連絡いたします。\n\n納期についてもう一点だけ確認させてください。12月20日までに50台の納品は可能でしょうか。", f.now.Add(-2*time.Minute), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID)
	quote.Activity.FullText = quote.Activity.Text + "\n\n2026年11月20日(金) 18:04 佐藤 花子 <sato@example.co.jp>:\n> 田中様\n> お見積書をお送りします。\n"
	quote.Activity.Attachments = []crm.Attachment{{Name: "仕様書_最終版.pdf", Type: "application/pdf", Size: 482133}}
	sent := f.mail("お見積りの件", "田中様\n\nお見積書をお送りします。ご確認をお願いいたします。", f.now.Add(-26*time.Hour), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID)
	sent.Activity.Direction = crm.DirectionOut
	sent.Activity.People[0].Role, sent.Activity.People[1].Role = crm.RoleTo, crm.RoleFrom
	english := f.mail("Delivery schedule for December", "Hi Hanako,\n\nThe first lot leaves our plant on 3 December. Please let me know where the second one should go.\n\nBest,\nJane", f.now.Add(-5*time.Minute), "jane@acme.example", "Jane Doe", jane)
	english.Activity.Accounts = []string{crm.DerivedID("account", "acme")}
	english.Activity.Match.RunnersUp = nil
	nasty := f.mail(nastySubject, "<script>alert(5)</script> plain & text", f.now.Add(-30*time.Minute), "tanaka@client.co.jp", nastyName, f.tanaka.ID)
	nasty.Activity.Attachments = []crm.Attachment{{Name: `"><script>alert(6)</script>.pdf`, Type: `"onload="x`, Size: 12}}
	nasty.Activity.Match.Evidence = `<i>"evidence"`
	writes := []crm.Write{quote, sent, english, nasty,
		f.mail("会議室のご案内", "明日の打ち合わせは3階の会議室です。", f.now.Add(-50*time.Hour), "yamada@client.co.jp", "山田 次郎", yamada)}
	for i := range 60 {
		writes = append(writes, f.mail(fmt.Sprintf("定例のご報告 %02d", i), "今週の進捗をご報告します。", f.now.Add(-time.Duration(72+i)*time.Hour), "tanaka@client.co.jp", "田中 太郎", f.tanaka.ID))
	}
	return writes
}

func (f *fixture) otherVerdicts() []crm.Write {
	var writes []crm.Write
	for i, row := range []struct {
		verdict crm.Verdict
		reason  crm.Reason
	}{
		{crm.Excluded, crm.ReasonInternal}, {crm.Excluded, nastyReason}, {crm.Excluded, "folder: 人事"},
		{crm.Unmatched, crm.ReasonNobody}, {crm.Waiting, crm.ReasonNewContact}, {crm.Waiting, crm.ReasonAmbiguous},
	} {
		writes = append(writes, crm.Write{Entry: crm.Entry{Source: "sato-mail", ExternalID: fmt.Sprintf("Archive;UIDVALIDITY=1;UID=%d", i),
			SeenAt: f.now, ItemTime: f.now, Verdict: row.verdict, Reason: row.reason}})
	}
	writes[4].Pending = []string{"new@prospect.example"}
	writes[4].Reviews = []crm.Review{{ID: crm.ReviewID(crm.ReviewNewContact, "new@prospect.example"), Kind: crm.ReviewNewContact, Address: "new@prospect.example",
		Name: "中村 葵", Subject: "資料のご請求ありがとうございます", Source: "sato-mail", Owner: "sato@example.co.jp", Raised: f.now, State: crm.ReviewOpen}}
	writes[5].Pending = []string{"info@client.co.jp"}
	writes[5].Reviews = []crm.Review{{ID: crm.ReviewID(crm.ReviewAmbiguous, "info@client.co.jp"), Kind: crm.ReviewAmbiguous, Address: "info@client.co.jp",
		Subject: nastySubject, Source: "sato-mail", Owner: "sato@example.co.jp", Raised: f.now, State: crm.ReviewOpen,
		Candidates: []crm.Candidate{{Kind: "contact", ID: f.tanaka.ID, Name: f.tanaka.Name, Rule: crm.RuleAddress, Evidence: "info@client.co.jp"}}}}
	return writes
}
