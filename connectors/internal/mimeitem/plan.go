package mimeitem

// Want is a part to fetch.
type Want struct {
	Path string // "TEXT" (RFC 9051 BODY[TEXT]) for the whole body of a message whose structure names no part
	Size int64  // at most so many bytes from the start, still transfer-encoded
}

// wholeBody is the Path of the whole body of a message.
const wholeBody = "TEXT"

// maxReport is the most that is read of a delivery report's machine-readable part, bytes.
const maxReport = 64 << 10

// maxReturned is the most that is read of the mail that a failure report gives back, bytes: its header names whom it
// was for.
const maxReturned = 16 << 10

// blankSize is the size in bytes up to which a text part is taken for empty.
const blankSize = 16

// Plan lists the parts that FromParts needs for a message of this structure: its text, for a bounce the
// delivery status and the header of the mail given back, and for an invitation its calendar; never attachments. textLimit is in bytes of decoded text. A nil root is a message whose
// structure could not be read.
func Plan(root *Part, textLimit int64) []Want {
	if textLimit <= 0 {
		textLimit = defaultLimit
	}
	c := choose(root)
	if c.whole {
		return []Want{{wholeBody, transferSize(&Part{Type: "multipart/mixed"}, textLimit)}}
	}
	wants := make([]Want, 0, len(c.texts)+1)
	left := textLimit
	for _, p := range c.texts {
		if p.Size == 0 {
			continue
		}
		if left <= 0 {
			break
		}
		size := min(transferSize(p, left), p.Size)
		wants = append(wants, Want{p.Path, size})
		left -= textSize(p)
	}
	for _, p := range c.forwarded {
		wants = append(wants, Want{p.Path, min(transferSize(p, textLimit), p.Size)})
	}
	if c.report != nil && c.report.Size > 0 {
		wants = append(wants, Want{c.report.Path, min(maxReport, c.report.Size)})
	}
	if p := c.returned; p != nil && p.Size > 0 && c.report != nil {
		wants = append(wants, Want{p.Path, min(maxReturned, p.Size)})
	}
	return append(wants, c.calendarWants(wants)...)
}

// transferSize is how many encoded bytes may be needed for limit bytes of text.
func transferSize(p *Part, limit int64) int64 {
	switch {
	case p.multipart():
		return 4 * limit
	case p.mediaType() == "text/html":
		limit *= 4
	}
	switch encodingOf(p.Encoding) {
	case encodingBase64:
		return limit/3*4 + limit/16 + 8
	case encodingQuoted:
		return 3 * limit
	}
	return limit
}

// textSize is a low guess of the bytes of text that a part gives.
func textSize(p *Part) int64 {
	size := p.Size
	switch encodingOf(p.Encoding) {
	case encodingBase64:
		size = size / 4 * 3
	case encodingQuoted:
		size /= 3
	}
	if p.mediaType() == "text/html" {
		size /= 10
	}
	return size
}
