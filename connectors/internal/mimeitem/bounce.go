package mimeitem

import "strings"

// bounce tells a delivery failure: a report by RFC 3464 that says failed or delayed, or the free form of
// older servers and of Japan's mobile carriers. "" if it is none, otherwise the sign.
func (r *reader) bounce(s *signs) string {
	if r.choice.reportType == "delivery-status" {
		switch deliveryAction(r.report) {
		case "delivered", "relayed", "expanded":
			return ""
		}
		return "report-type=delivery-status"
	}
	if r.choice.reportType != "" && !r.choice.status {
		return ""
	}
	if r.choice.status {
		switch deliveryAction(r.report) {
		case "failed", "delayed":
			return "message/delivery-status"
		}
	}
	if s.known[fieldXFailedRecipients] {
		return "X-Failed-Recipients"
	}
	daemon := strings.HasPrefix(s.local, "mailer-daemon") || strings.HasPrefix(s.local, "mailerdaemon") || strings.HasPrefix(s.local, "mail-daemon")
	word := ""
	if daemon || s.nullPath || s.autoSubmitted != "" || serverSender(s.local) {
		word = containsAny(s.subject, "undelivered", "undeliverable", "delivery status notification", "delivery failure", "delivery failed",
			"delivery has failed", "delivery report", "delivery error", "returned mail", "returned to sender", "failure notice", "non-deliver", "nondeliver", "not delivered", "mail error",
			"mail system error", "could not be delivered", "couldn't be delivered", "wasn't delivered", "unable to deliver", "failed to deliver", "delivery has been delayed", "delivery notification", "delivery status", "mail delivery failed", "message not delivered", "permanent failure", "user unknown", "host unknown", "warning: could not send", "delivery delayed", "delivery problem",
			"配信不能", "配信できません", "配信できなかった", "配信失敗", "配信エラー", "配送不能", "配送エラー", "送信できません", "送信エラー", "未配信", "未送達", "不達", "宛先不明", "送信失敗", "お届けできません", "配信遅延", "配信されませんでした", "配信の遅延", "送信されませんでした", "送信できなかった", "届きませんでした", "配達できません", "配送できません", "配達不能", "配信に失敗", "送信に失敗", "アドレス不明", "配信状況")
	}
	switch {
	case daemon:
		return "From mailer-daemon"
	case word != "" && s.nullPath:
		return "Subject: " + word + ", Return-Path <>"
	case word != "" && serverSender(s.local):
		return "Subject: " + word + ", From " + cutString(s.local, 64)
	case word != "" && s.autoSubmitted != "" && failureText(r.text):
		return "Subject: " + word + ", Auto-Submitted"
	case strings.HasPrefix(s.local, "postmaster") && (s.nullPath || failureText(r.text)):
		return "From postmaster"
	case s.nullPath && failureText(r.text):
		return "Return-Path <>, status code"
	}
	return ""
}

// serverSender says whether an address is one that mail servers write from.
func serverSender(local string) bool {
	return strings.HasPrefix(local, "postmaster") || strings.Contains(local, "mailer-daemon") || strings.Contains(local, "mail delivery") ||
		strings.HasPrefix(local, "mdaemon") || strings.HasPrefix(local, "bounce") || strings.HasPrefix(local, "mmsc") || strings.HasPrefix(local, "microsoftexchange")
}

// failureText looks for what a server says of a mail it could not deliver, near the start of the text.
func failureText(text string) bool {
	const near = 4096
	text = strings.ToLower(cutString(text, near))
	return containsAny(text, "user unknown", "unknown user", "550 5.", "550-5.", "554 5.", "5.1.1", "5.1.2", "5.2.2", "mailbox full", "mailbox unavailable", "does not exist",
		"no such user", "host unknown", "over quota", "could not be delivered", "couldn't be delivered", "permanent error",
		"permanent fatal errors", "宛先が見つかりません", "宛先不明", "存在しません", "配信できません", "送信できません", "届けることができません", "メールボックスが一杯", "宛先が見つからない", "見つかりませんでした", "届きませんでした", "配信に失敗", "送信に失敗", "配信不能", "could not deliver", "unable to deliver", "not delivered", "delivery failed", "quota exceeded",
		"has been delayed", "配信が遅延", "undeliverable", "undelivered", "delivery to the following", "いっぱいです", "不明", "使用されておりません", "使われておりません") != ""
}

// deliveryAction gives the Action of the first recipient in a delivery report (RFC 3464, section 2.3.3) that
// is no success; if all are, that of the first. Lower-case.
func deliveryAction(report string) string {
	first := ""
	for rest := report; rest != ""; {
		var line string
		line, rest, _ = strings.Cut(rest, "\n")
		if len(line) < 7 || !strings.EqualFold(line[:7], "action:") {
			continue
		}
		action := strings.ToLower(strings.TrimSpace(line[7:]))
		action, _, _ = strings.Cut(action, " ")
		if action == "failed" || action == "delayed" {
			return action
		}
		first = cmpOr(first, action)
	}
	return first
}
