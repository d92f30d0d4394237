package mimeitem

import "strings"

// choice says what each part of a message is for.
type choice struct {
	texts       []*Part // the readable text, in order
	forwarded   []*Part // the text of an embedded message, if there is hardly any other
	report      *Part   // message/delivery-status
	returned    *Part   // what a failure report gives back of the mail: its header block, or all of it
	status      bool    // report is a delivery status, not a disposition
	attachments []*Part
	whole       bool    // no part can be named: the body must be split from its bytes
	wrapper     string  // what the text is wrapped in, if there is a wrapper
	method      string  // of a text/calendar part, upper-case
	calendars   []*Part // what may hold an invitation, in order
	reportType  string  // of a multipart/report
	parts       int
	stopped     bool // there are parts beyond the limits
}

// choose walks the structure once.
func choose(root *Part) choice {
	var c choice
	if root == nil || (root.multipart() && childless(root)) {
		c.whole = true
		return c
	}
	c.walk(root, 0)
	if len(c.texts) == 0 && !root.multipart() && strings.HasPrefix(root.mediaType(), "text/") && root.fileName() == "" {
		c.attachments, c.texts = nil, []*Part{root}
	}
	if size(c.texts) <= blankSize {
		c.forward()
	}
	return c
}

// childless says whether a multipart has nothing in it. Some servers put one empty part where nothing is.
func childless(p *Part) bool {
	return len(p.Children) == 0 ||
		len(p.Children) == 1 && p.Children[0].Size == 0 && p.Children[0].mediaType() == "text/plain" && len(p.Children[0].Children) == 0
}

func size(parts []*Part) int64 {
	var sum int64
	for _, p := range parts {
		sum += p.Size
	}
	return sum
}

// forward takes the text of the first embedded message: the mail is a forward as attachment.
func (c *choice) forward() {
	for _, p := range c.attachments {
		if p.embedded() && len(p.Children) == 1 && c.reportType == "" {
			var inner choice
			inner.walk(p.Children[0], 1)
			c.forwarded, c.stopped = inner.texts, c.stopped || inner.stopped
			return
		}
	}
}

func (c *choice) walk(p *Part, depth int) {
	c.parts++
	if depth > maxDepth || c.parts > maxParts {
		c.stopped = true
		return
	}
	switch p.Type {
	case "multipart/alternative":
		c.alternative(p, depth)
	case "multipart/signed":
		c.signed(p, depth)
	case "multipart/encrypted":
		c.wrapper = "pgp"
		c.attach(p.Children)
	case "multipart/report":
		if c.reportType == "" {
			c.reportType = strings.ToLower(param(p.Params, "report-type"))
		}
		c.walkAll(p.Children, depth)
	default:
		if p.multipart() {
			if len(p.Children) == 0 && p.Size > 0 {
				c.texts = append(c.texts, p)
			}
			c.walkAll(p.Children, depth)
			return
		}
		c.leaf(p)
	}
}

func (c *choice) walkAll(parts []*Part, depth int) {
	for _, child := range parts {
		c.walk(child, depth+1)
	}
}

func (c *choice) attach(parts []*Part) {
	for _, p := range parts {
		if p.multipart() {
			continue
		}
		c.attachments = append(c.attachments, p)
	}
}

// signed reads the first part; the signature beside it is of no use to people.
func (c *choice) signed(p *Part, depth int) {
	for i, child := range p.Children {
		if i > 0 && strings.Contains(child.Type, "signature") {
			continue
		}
		c.walk(child, depth+1)
	}
}

// alternative takes the plain text if there is any, otherwise the HTML; attachments of all branches count.
func (c *choice) alternative(p *Part, depth int) {
	var plain, html []*Part
	for _, child := range p.Children {
		var branch choice
		branch.parts = c.parts
		branch.walk(child, depth+1)
		c.parts, c.stopped = branch.parts, c.stopped || branch.stopped
		c.attachments = append(c.attachments, branch.attachments...)
		c.wrapper = cmpOr(c.wrapper, branch.wrapper)
		c.method = cmpOr(c.method, branch.method)
		c.calendars = append(c.calendars, branch.calendars...)
		if c.report == nil {
			c.report, c.status = branch.report, branch.status
		}
		if c.returned == nil {
			c.returned = branch.returned
		}
		switch {
		case len(branch.texts) == 0:
		case plain == nil && size(branch.texts) > 2 && branch.texts[0].mediaType() != "text/html":
			plain = branch.texts
		default:
			html = branch.texts
		}
	}
	if plain == nil {
		plain = html
	}
	c.texts = append(c.texts, plain...)
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// give takes the first part that may be the mail a failure report gives back.
func (c *choice) give(p *Part) {
	if c.returned == nil {
		c.returned = p
	}
}

// leaf decides on a part that is no multipart.
func (c *choice) leaf(p *Part) {
	name := p.fileName()
	attached := strings.HasPrefix(p.Disposition, "attach")
	switch kind := p.mediaType(); kind {
	case "text/plain", "text/html", "text/enriched", "text/richtext":
		if attached || (name != "" && len(c.texts) > 0) {
			break
		}
		c.texts = append(c.texts, p)
		return
	case "text/calendar":
		c.method = cmpOr(c.method, strings.ToUpper(param(p.Params, "method")))
		c.calendars = append(c.calendars, p)
		if !attached && name == "" {
			return
		}
	case "message/delivery-status", "message/global-delivery-status", "message/disposition-notification", "message/global-disposition-notification":
		if c.report == nil {
			c.report, c.status = p, strings.HasSuffix(kind, "delivery-status")
		}
		return
	case "text/rfc822-headers", "message/global-headers", "message/rfc822-headers":
		c.give(p)
		return
	case "message/feedback-report", "text/x-amp-html":
		return
	case "message/rfc822", "message/global", "message/partial":
		c.give(p)
	case "application/ms-tnef", "application/vnd.ms-tnef":
		c.wrapper = cmpOr(c.wrapper, "tnef")
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		c.wrapper = cmpOr(c.wrapper, "smime")
	case "application/pgp-encrypted":
		c.wrapper = cmpOr(c.wrapper, "pgp")
	case "application/ics", "application/icalendar":
		c.calendars = append(c.calendars, p)
	default:
		if strings.EqualFold(name, "winmail.dat") {
			c.wrapper = cmpOr(c.wrapper, "tnef")
		}
	}
	c.attachments = append(c.attachments, p)
}
