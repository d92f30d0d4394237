package mailgen

// allFeatures lists every feature; the shares add up to a thousand.
func allFeatures() []feature {
	ja, en, zh := []tongue{inJapanese}, []tongue{inEnglish}, []tongue{inChinese}
	return []feature{
		{name: "utf8-8bit", perMille: 70, build: plain(utf8Charset(), eightBit)},
		{name: "utf8-quoted-printable", perMille: 84, build: plain(utf8Charset(), quoted)},
		{name: "utf8-base64", perMille: 110, build: plain(utf8Charset(), base64ed)},
		{name: "alternative", perMille: 180, build: alternative},
		{name: "html-only", perMille: 60, build: htmlOnly},
		{name: "related", perMille: 20, build: related},
		{name: "format-flowed", perMille: 30, only: en, build: flowed},
		{name: "windows-1252", perMille: 20, only: en, build: plain(windows1252(), quoted)},

		{name: "newsletter", perMille: 70, incoming: true, build: newsletter},
		{name: "mailing-list", perMille: 25, incoming: true, build: mailingList},
		{name: "auto-reply", perMille: 15, incoming: true, build: autoReply},
		{name: "bounce", perMille: 12, only: en, incoming: true, build: bounce},
		{name: "invitation", perMille: 18, incoming: true, build: invitation},
		{name: "form-notification", perMille: 8, only: ja, incoming: true, build: formNotification},

		{name: "smime-signed", perMille: 10, build: smimeSigned},
		{name: "smime-encrypted", perMille: 4, alone: true, build: smimeEncrypted},
		{name: "pgp-encrypted", perMille: 4, alone: true, build: pgpEncrypted},
		{name: "winmail-with-text", perMille: 6, build: winmailWithText},
		{name: "winmail-only", perMille: 4, alone: true, build: winmailOnly},
		{name: "forwarded-message", perMille: 12, build: forwarded},

		{name: "iso-2022-jp", perMille: 60, only: ja, build: plain(iso2022JP(), sevenBit)},
		{name: "iso-2022-jp-kana", perMille: 15, only: ja, build: halfWidthKana},
		{name: "jis-unlabelled", perMille: 5, only: ja, build: jisUnlabelled},
		{name: "shift-jis", perMille: 30, only: ja, build: plain(shiftJIS(), base64ed)},
		{name: "shift-jis-unlabelled", perMille: 5, only: ja, build: unlabelled(shiftJIS())},
		{name: "euc-jp", perMille: 10, only: ja, build: plain(eucJP(), eightBit)},
		{name: "gb18030", perMille: 8, only: zh, build: plain(gb18030(), base64ed)},
		{name: "utf8-as-ascii", perMille: 6, build: mislabelled},
		{name: "utf8-unlabelled", perMille: 6, build: unlabelled(utf8Charset())},

		{name: "raw-utf8-headers", perMille: 5, only: ja, build: rawHeaders(utf8Charset())},
		{name: "raw-shift-jis-headers", perMille: 4, only: ja, build: rawHeaders(shiftJIS())},
		{name: "cut-words-utf8", perMille: 6, only: ja, build: cutHeaders(utf8Charset(), 31)},
		{name: "cut-words-jis", perMille: 4, only: ja, build: cutHeaders(iso2022JP(), 30)},
		{name: "rfc2231-names", perMille: 15, only: ja, build: namesRFC2231},
		{name: "rfc2047-names", perMille: 10, only: ja, build: namesRFC2047},

		{name: "nul-bytes", perMille: 3, only: en, build: nulBytes},
		{name: "long-line", perMille: 3, only: en, build: longLine},
		{name: "no-message-id", perMille: 8, build: noMessageID},
		{name: "folded-message-id", perMille: 8, build: foldedMessageID},
		{name: "two-message-ids", perMille: 4, build: twoMessageIDs},
		{name: "no-date", perMille: 3, build: badDate(nil)},
		{name: "impossible-date", perMille: 5, build: badDate([]string{"Thu, 32 Foo 2026 25:61:00 +9999"})},
		{name: "broken-base64", perMille: 5, build: brokenBase64},
		{name: "no-closing-boundary", perMille: 5, build: noClosingBoundary},
		{name: "childless-multipart", perMille: 3, alone: true, build: childless},
		{name: "many-recipients", perMille: 1, build: manyRecipients},
		{name: "mime-bomb", perMille: 1, alone: true, build: mimeBomb},
	}
}
