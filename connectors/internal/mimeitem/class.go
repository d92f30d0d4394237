package mimeitem

import (
	"bytes"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// classify says what sort of mail this is and by which sign. The strongest signs come first: what a machine
// says of itself in a header decides alone; words in a subject only together with a second sign, since
// people write such words too.
func (r *reader) classify(m *connectors.Message) (crm.Class, string) {
	s := signsOf(r.h, m)
	if reason := r.bounce(&s); reason != "" {
		return crm.ClassBounce, reason
	}
	switch r.choice.reportType {
	case "delivery-status":
		return crm.ClassAutoReply, "report-type=delivery-status: " + deliveryAction(r.report)
	case "disposition-notification":
		return crm.ClassAutoReply, "report-type=disposition-notification"
	}
	if r.choice.method != "" {
		return crm.ClassInvitation, "text/calendar METHOD=" + cutString(cleanLine(r.choice.method), 20)
	}
	if reason := formNotification(&s, m); reason != "" {
		return crm.ClassFormNotification, reason
	}
	if reason := s.autoReply(); reason != "" {
		return crm.ClassAutoReply, reason
	}
	if reason := s.bulk(); reason != "" {
		return crm.ClassBulk, reason
	}
	if s.nullPath {
		return crm.ClassAutoReply, "Return-Path <>"
	}
	return crm.ClassPersonal, ""
}

// signs are the headers that tell a machine's mail, read once.
type signs struct {
	h             *header
	subject       string // lower-case
	sender        string // lower-case address of From, or its name if there is no address
	local         string // its part before the "@"
	autoSubmitted string // lower-case first word; "" for "no"
	precedence    string // lower-case
	mailer        string // lower-case X-Mailer
	nullPath      bool   // Return-Path is <>
	known         [fieldXAutoSuppress + 1]bool
}

func signsOf(h *header, m *connectors.Message) signs {
	s := signs{h: h, subject: strings.ToLower(m.Subject), sender: strings.ToLower(firstAddress(m.From))}
	if s.sender == "" && len(m.From) > 0 {
		s.sender = strings.ToLower(m.From[0].Name)
	}
	s.local, _, _ = strings.Cut(s.sender, "@")
	for i := range h.fields {
		s.known[h.fields[i].id] = true
	}
	s.autoSubmitted = s.word(fieldAutoSubmitted)
	if s.autoSubmitted == "no" {
		s.autoSubmitted = ""
	}
	s.precedence = cmpOr(s.word(fieldPrecedence), s.word(fieldXPrecedence))
	if s.known[fieldXMailer] {
		s.mailer = strings.ToLower(string(h.first(fieldXMailer)))
	}
	if s.known[fieldReturnPath] {
		s.nullPath = bytes.Equal(bytes.ReplaceAll(h.first(fieldReturnPath), []byte(" "), nil), []byte("<>"))
	}
	return s
}

// word is a field's first word, lower-case.
func (s *signs) word(id field) string {
	if !s.known[id] {
		return ""
	}
	v := s.h.first(id)
	if at := bytes.IndexAny(v, "; \t("); at >= 0 {
		v = v[:at]
	}
	return strings.ToLower(string(v))
}

// autoReply tells answers that a machine gave (RFC 3834). X-Auto-Response-Suppress alone says nothing: every
// Exchange server sets it on people's mail.
func (s *signs) autoReply() string {
	switch {
	case strings.HasPrefix(s.autoSubmitted, "auto-replied"), strings.HasPrefix(s.autoSubmitted, "auto-reply"):
		return "Auto-Submitted: auto-replied"
	case s.known[fieldXAutoreply] && s.word(fieldXAutoreply) != "no":
		return "X-Autoreply"
	case s.known[fieldXAutorespond]:
		return "X-Autorespond"
	case strings.HasPrefix(s.precedence, "auto"):
		return "Precedence: " + cutString(s.precedence, 20)
	}
	word := containsAny(s.subject, "自動返信", "自動応答", "自動配信", "不在", "休暇中", "out of office", "automatic reply", "auto reply",
		"auto-reply", "autoreply", "auto response", "vacation", "abwesenheit", "réponse automatique", "自动回复", "부재")
	if word == "" {
		return ""
	}
	var second string
	switch {
	case s.nullPath:
		second = "Return-Path <>"
	case s.autoSubmitted != "":
		second = "Auto-Submitted"
	case s.precedence == "bulk" || s.precedence == "junk":
		second = "Precedence"
	case s.known[fieldXAutoSuppress]:
		second = "X-Auto-Response-Suppress"
	case automatic(s.local):
		second = "From " + cutString(s.local, 64)
	default:
		return ""
	}
	return "Subject: " + word + ", " + second
}

// bulk tells newsletters, notifications and mailing lists.
func (s *signs) bulk() string {
	for _, sign := range []struct {
		id   field
		name string
	}{{fieldListID, "List-Id"}, {fieldListUnsubscribe, "List-Unsubscribe"}, {fieldFeedbackID, "Feedback-ID"},
		{fieldXMLName, "X-ML-Name"}, {fieldListPost, "List-Post"}, {fieldXCampaign, "X-Campaign"}} {
		if s.known[sign.id] {
			return sign.name
		}
	}
	switch s.precedence {
	case "bulk", "list", "junk":
		return "Precedence: " + s.precedence
	}
	if s.autoSubmitted != "" {
		return "Auto-Submitted: " + cutString(s.autoSubmitted, 40)
	}
	if s.mailer != "" {
		if name := containsAny(s.mailer, "mailchimp", "sendgrid", "hubspot", "blastmail", "hai2mail", "haihaimail", "benchmark", "mailpublisher", "cuenote",
			"willmail", "will mail", "mailjet", "braze", "klaviyo", "activecampaign", "constant contact", "campaign monitor", "exacttarget",
			"marketo", "pardot", "phplist", "acmailer", "combz", "sendinblue", "brevo", "mailman", "satori", "spiral"); name != "" {
			return "X-Mailer: " + name
		}
	}
	if automatic(s.local) {
		return "From " + cutString(s.local, 64)
	}
	return ""
}

func dropSeparators(c rune) rune {
	if c == '-' || c == '_' || c == '.' {
		return -1
	}
	return c
}

// automatic says whether the part of an address before the "@" is one that nobody reads or writes by hand.
func automatic(local string) bool {
	if local == "" {
		return false
	}
	plain := local
	if strings.ContainsAny(local, "-_.") {
		plain = strings.Map(dropSeparators, local)
	}
	for _, sign := range []string{"noreply", "donotreply", "dontreply", "mailernoreply", "nepasrepondre"} {
		if strings.Contains(plain, sign) {
			return true
		}
	}
	switch plain {
	case "newsletter", "newsletters", "notification", "notifications", "notify", "alert", "alerts", "mailmag", "mailmagazine", "magazine", "automail", "automailer", "jidou":
		return true
	}
	return false
}

// containsAny gives the first of the words that s contains.
func containsAny(s string, words ...string) string {
	if s == "" {
		return ""
	}
	for _, word := range words {
		if strings.Contains(s, word) {
			return word
		}
	}
	return ""
}
