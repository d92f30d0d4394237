package mimeitem

import (
	"strconv"
	"strings"
)

// The reasons of crm.Bounce.
const (
	reasonMailbox = "no_mailbox"
	reasonDomain  = "no_domain"
	reasonFull    = "full"
	reasonRefused = "refused"
	reasonPolicy  = "policy"
	reasonTooBig  = "too_big"
	reasonExpired = "expired"
	reasonOther   = "other"
)

// statusReason is what an enhanced code says (RFC 3463, section 3, with the codes that IANA and Microsoft added). It is
// not sure where servers use the code for several things: then the words beside it come first.
func statusReason(code string) (reason string, sure bool) {
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return "", false
	}
	detail, err := strconv.Atoi(parts[2])
	if err != nil {
		return "", false
	}
	switch parts[1] {
	case "1":
		return addressReason(detail)
	case "2":
		return mailboxReason(detail)
	case "3":
		return systemReason(detail)
	case "4":
		return networkReason(detail)
	case "5":
		if detail == 3 {
			return reasonPolicy, false // too many recipients
		}
	case "7":
		return policyReason(detail)
	}
	return "", false
}

func addressReason(detail int) (string, bool) {
	switch detail {
	case 1, 3, 4, 6:
		return reasonMailbox, true
	case 2:
		return reasonDomain, true
	case 7, 8, 9:
		return reasonPolicy, true // the sender's address
	}
	return reasonMailbox, false
}

func mailboxReason(detail int) (string, bool) {
	switch detail {
	case 1:
		return reasonMailbox, false
	case 2:
		return reasonFull, true
	case 3:
		return reasonTooBig, true
	}
	return "", false
}

func systemReason(detail int) (string, bool) {
	switch detail {
	case 1:
		return reasonFull, true
	case 2:
		return reasonRefused, false
	case 4:
		return reasonTooBig, true
	}
	return "", false
}

func networkReason(detail int) (string, bool) {
	switch detail {
	case 1, 2, 5, 300, 316, 317:
		return reasonExpired, false
	case 4, 310, 312:
		return reasonDomain, false
	case 6, 14:
		return reasonOther, true // a loop
	case 7:
		return reasonExpired, true
	}
	return "", false
}

func policyReason(detail int) (string, bool) {
	switch detail {
	case 1, 2:
		return reasonRefused, false
	case 12, 124, 129, 133, 134, 135, 136:
		return reasonRefused, true
	case 13, 17, 18:
		return reasonMailbox, true // the account is disabled, or the mailbox has another owner now
	}
	return reasonPolicy, false
}

// replyReason is what an SMTP reply code says where nothing else does (RFC 5321, section 4.2.3).
func replyReason(code string) string {
	switch code {
	case "550", "551", "553", "511", "510":
		return reasonMailbox
	case "552", "452", "522":
		return reasonFull
	case "556", "512":
		return reasonDomain
	case "523":
		return reasonTooBig
	case "530", "534", "535", "541", "570", "571":
		return reasonRefused
	}
	return ""
}

// reasonWords pairs wordings of servers with what they mean, in the order in which they are looked for. The words are
// lower-case and without spaces beside Japanese characters, as squash makes them.
func reasonWords() []reasonWording {
	return []reasonWording{
		{reasonPolicy, []string{"sender address rejected", "client host rejected", "helo command rejected", "sender domain", "sender verify", "sender rejected", "sender denied",
			"sender not allowed", "bad sender", "invalid sender", "unresolvable sender", "送信者アドレスが拒否", "送信元ドメイン"}},
		{reasonFull, []string{"mailbox full", "mailbox is full", "mailbox has exceeded", "mailboxfull", "box is full", "inbox is full", "inbox full", "is full", "over quota", "over-quota", "overquota", "overdrawn", "over the quota",
			"quota exceeded", "quotaexceeded", "quota exceed", "exceeded quota", "exceeded its quota", "exceeded their quota", "exceeded storage", "exceeds the quota", "exceeds quota", "disk quota", "mail quota", "mailbox quota",
			"exceeded the maximum storage", "out of storage", "out of space", "storage limit", "storage quota", "storage space", "insufficient storage", "insufficient system storage", "not enough space", "not enough disk", "not enough storage", "disk full", "no space left",
			"mailbox size limit", "mailbox size exceeded", "mailbox exceeds", "mailbox would exceed", "maildir over", "quota", "容量を超", "容量オーバ", "容量不足", "容量がいっぱい", "容量が一杯", "容量超過", "容量の上限",
			"いっぱいです", "いっぱいのため", "いっぱいで", "一杯です", "一杯のため", "一杯で", "満杯", "空き容量", "保存容量", "ボックスがいっぱい", "ボックスが一杯", "クォータ", "容量制限に達"}},
		{reasonTooBig, []string{"message size", "message too large", "message too big", "message is too large", "message is too big", "size limit", "too large", "too big", "exceeds size", "exceeds the maximum", "exceeds maximum", "exceeds the size",
			"exceeds fixed", "message length", "maximum allowed size", "maximum message", "larger than", "oversize", "サイズ制限", "サイズが大", "サイズの制限", "サイズの上限", "サイズ上限", "大きすぎ", "最大サイズ", "サイズが上限", "サイズ超過", "サイズが制限", "サイズを超"}},
		{reasonDomain, []string{"host unknown", "domain not found", "host not found", "unknown host", "unknown domain", "domain unknown", "name service error", "no such domain", "no such host", "domain name not found", "unrouteable", "unroutable", "not routable",
			"find any host", "no mx", "null mx", "nullmx", "nxdomain", "non-existent domain", "nonexistent domain", "non-existent host", "domain does not exist", "domain doesn't exist", "domain is not valid", "invalid domain", "does not accept mail", "dns error", "dns failure", "dns lookup", "dns domain",
			"illegal host", "cannot find host", "cannot resolve", "could not resolve", "couldn't resolve", "unable to resolve", "name or service not known", "bad destination system", "bad destination host", "bad domain", "find domain", "domain name system", "name server", "mx record", "no valid hosts", "no mail server", "no mail exchange", "domainnotfound", "unknown mail server",
			"ドメインが見つか", "ドメインが存在", "ドメインは存在", "ドメインは見つか", "ホストが見つか", "存在しないドメイン", "ドメイン名が", "ドメインを見つ", "ホスト不明", "ドメイン不明", "ドメイン名を", "dnsエラー", "名前解決", "ホスト名が"}},
		{reasonMailbox, []string{"user unknown", "unknown user", "unknown-user", "userunknown", "no such user", "no such recipient", "no such mailbox", "no such address", "no such account", "no such person", "no such email", "does not exist", "doesn't exist", "not exist", "unknown recipient", "recipient unknown", "recipient not found", "recipient address not found",
			"recipientnotfound", "user not found", "user is not found", "mailbox not found", "mailbox unavailable", "mailbox unknown", "unknown mailbox", "mailbox is unavailable", "mailbox is inactive", "mailbox is disabled", "address not found", "email not found", "address unknown", "account not found", "account unknown", "couldn't be found", "could not be found", "wasn't found", "was not found", "not found in", "not found at", "can't be found", "cannot be found",
			"invalid recipient", "invalid mailbox", "invalid address", "invalid user", "invalid email", "unknown address", "unknown local", "unknown account", "no mailbox", "no user", "not listed in", "not a known", "not a valid", "isn't a valid", "not valid user", "not known", "doesn't have a", "does not have a", "don't have an account", "illegal alias", "bad destination mailbox", "addressee unknown", "user is unknown",
			"recipient is not", "no account", "account is disabled", "account has been disabled", "account disabled", "account is inactive", "account inactive", "account closed", "account has been closed", "account deleted", "account is not active", "disabled mailbox", "mailbox disabled", "is disabled", "been disabled", "deactivated", "suspended", "no longer available", "no longer accepts", "no longer active", "no longer in use", "no longer valid", "no longer exist", "no longer with", "no longer employed", "no longer works", "not our customer", "unknown or illegal", "unknown; rejecting", "user doesn't", "inactive user", "local user only", "delivery error: dd",
			"宛先不明", "宛先が不明", "宛先が見つか", "宛先が存在", "宛先アドレスが", "宛先に誤り", "宛先ユーザ", "ユーザが見つか", "ユーザーが見つか", "ユーザ不明", "ユーザー不明", "不明なユーザ", "ユーザが存在", "ユーザーが存在", "存在しません", "存在していません", "存在しない", "存在しておりません", "存在いたしません", "見つかりません", "見つかりませんでした", "見つけられません", "該当するユーザ", "該当の", "該当する", "使用されていません", "使用されておりません", "使われていません", "使われておりません", "利用されていません", "利用されておりません", "登録されていません", "登録されておりません", "受信者不明", "無効なアドレス", "無効な宛先", "アドレスが無効", "アドレスは無効", "アドレスが間違", "アドレスに誤り", "アドレスが正しく", "アドレス不明", "解約", "退会", "アカウントは無効", "アカウントが無効", "アカウントは停止", "宛先を確認できません", "お客様がいません"}},
		{reasonPolicy, []string{"spam", "blacklist", "black list", "black-list", "blocklist", "block list", "blocked", "block list", "listed at", "listed by", "listed in", "dnsbl", "rbl", "dmarc", "spf ", "spf)", "spf:", "sender policy", "dkim", "reputation", "policy", "policies", "content rejected", "content filter", "prohibited content", "virus", "malware", "unsolicited", "suspicious", "banned", "phishing", "greylist", "graylist", "grey-list", "greylisted",
			"rate limit", "ratelimit", "too many", "throttl", "abuse", "attachment type", "attachment not allowed", "dangerous attachment", "bulk mail", "unauthenticated", "authentication checks", "try again later, greylisting", "poor reputation", "proofpoint.com", "forged", "spoof",
			"迷惑メール", "スパム", "ポリシー", "ブラックリスト", "ウイルス", "ウィルス", "マルウェア", "送信者認証", "認証に失敗", "添付ファイル", "フィルタ", "規約", "大量送信", "送信制限", "不正な"}},
		{reasonExpired, []string{"timed out", "timeout", "time out", "time-out", "connection refused", "time expired", "message expired", "expired", "queue too long", "in the queue for", "retry time", "too old", "maximum time", "could not be delivered for", "could not be delivered within", "unable to connect", "could not connect", "couldn't connect", "cannot connect", "connection failed", "failed to connect", "unable to contact",
			"establish an smtp connection", "network is unreachable", "network unreachable", "no route to host", "connection dropped", "connection lost", "lost connection", "connection reset", "connection closed", "host is down", "not responding", "no response", "no answer", "did not respond", "didn't respond", "not reachable", "unreachable", "recipient server did not accept our requests to connect", "was unable to deliver it", "given up", "deferred",
			"タイムアウト", "期限切れ", "期限を過ぎ", "期限が過ぎ", "期間内に", "有効期限", "接続できません", "接続できなか", "接続に失敗", "応答がありません", "応答しません", "応答なし", "一定期間", "一定時間", "再送期間", "応答がない", "通信できません"}},
		{reasonMailbox, []string{"address rejected", "recipient rejected", "addressrejected", "bad address", "bad recipient", "address error", "invalid", "アドレスが拒否"}},
		{reasonRefused, []string{"relay", "not authorized", "not authorised", "unauthorized", "access denied", "permission", "authentication required", "authrequired", "not permitted", "not allowed", "not accepting", "not accept", "refused", "rejected", "reject", "denied", "forbidden", "restricted", "only accepts", "受信拒否", "受信を拒否", "拒否", "許可され", "受け付けて", "受け付けら", "権限"}},
	}
}

// reasonWording is a reason and the words that tell it.
type reasonWording struct {
	reason string
	words  []string
}

// wordsReason is what a server's words say; "" if nothing known is among them. The text is squashed.
func wordsReason(squashed string) string {
	for _, w := range reasonWords() {
		if containsAny(squashed, w.words...) != "" {
			return w.reason
		}
	}
	return ""
}

// delayWords tell that a server still tries.
func delayWords(squashed string) bool {
	return containsAny(squashed, "delayed", "delivery delay", "will be retried", "will keep trying", "will continue to try", "keep trying", "still being retried", "will try again", "will retry",
		"still trying", "not yet been delivered", "has not been delivered yet", "do not need to resend", "no action is required", "warning message only", "this is a warning", "temporary problem", "temporary failure", "temporarily", "try again later", "temporary error", "transient",
		"遅延", "遅れています", "再送を試み", "再試行", "配信を継続", "引き続き配信", "一時的", "再度送信を試み", "再送信を試み", "再送信する必要はありません", "警告のみ") != ""
}
