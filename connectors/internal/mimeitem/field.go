package mimeitem

// field names a header field that is read; all others are skipped.
type field uint8

const (
	fieldOther field = iota
	fieldMessageID
	fieldInReplyTo
	fieldReferences
	fieldDate
	fieldFrom
	fieldSender
	fieldReplyTo
	fieldTo
	fieldCc
	fieldBcc
	fieldSubject
	fieldReceived
	fieldReturnPath
	fieldContentType
	fieldContentEncoding
	fieldContentDisposition
	fieldContentID
	fieldAutoSubmitted
	fieldXAutoreply
	fieldXAutorespond
	fieldPrecedence
	fieldXPrecedence
	fieldListID
	fieldListUnsubscribe
	fieldListPost
	fieldFeedbackID
	fieldXMailer
	fieldXFailedRecipients
	fieldXCampaign
	fieldXMLName
	fieldXPHPScript
	fieldXAutoSuppress
)

// Fields lists the names of the header fields that are read, for a source that asks for single fields.
func Fields() []string {
	return []string{
		"Message-ID", "In-Reply-To", "References", "Date", "From", "Sender", "Reply-To", "To", "Cc", "Bcc",
		"Subject", "Received", "Return-Path", "Content-Type", "Content-Transfer-Encoding",
		"Content-Disposition", "Content-ID", "Auto-Submitted", "X-Autoreply", "X-Autorespond", "X-Auto-Reply", "Precedence",
		"X-Precedence", "List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID", "X-Mailer",
		"X-Failed-Recipients", "X-Campaign", "X-Campaign-Id", "X-CampaignID", "X-ML-Name", "X-PHP-Originating-Script",
		"X-Auto-Response-Suppress",
	}
}

// fieldOf knows a field by its lower-case name. The switch compiles to a search by length and content.
func fieldOf(name []byte) field {
	switch string(name) {
	case "message-id":
		return fieldMessageID
	case "in-reply-to":
		return fieldInReplyTo
	case "references":
		return fieldReferences
	case "date":
		return fieldDate
	case "from":
		return fieldFrom
	case "sender":
		return fieldSender
	case "reply-to":
		return fieldReplyTo
	case "to":
		return fieldTo
	case "cc":
		return fieldCc
	case "bcc":
		return fieldBcc
	case "subject":
		return fieldSubject
	case "received":
		return fieldReceived
	case "return-path":
		return fieldReturnPath
	case "content-type":
		return fieldContentType
	case "content-transfer-encoding":
		return fieldContentEncoding
	case "content-disposition":
		return fieldContentDisposition
	case "content-id":
		return fieldContentID
	}
	return fieldOfSign(name)
}

// fieldOfSign knows the fields that only classify reads.
func fieldOfSign(name []byte) field {
	switch string(name) {
	case "auto-submitted":
		return fieldAutoSubmitted
	case "x-autoreply", "x-auto-reply":
		return fieldXAutoreply
	case "x-autorespond":
		return fieldXAutorespond
	case "precedence":
		return fieldPrecedence
	case "x-precedence":
		return fieldXPrecedence
	case "list-id":
		return fieldListID
	case "list-unsubscribe":
		return fieldListUnsubscribe
	case "list-post":
		return fieldListPost
	case "feedback-id":
		return fieldFeedbackID
	case "x-mailer":
		return fieldXMailer
	case "x-failed-recipients":
		return fieldXFailedRecipients
	case "x-campaign", "x-campaign-id", "x-campaignid":
		return fieldXCampaign
	case "x-ml-name":
		return fieldXMLName
	case "x-php-originating-script":
		return fieldXPHPScript
	case "x-auto-response-suppress":
		return fieldXAutoSuppress
	}
	return fieldOther
}
