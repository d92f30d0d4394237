package mailgen

import (
	"bytes"
	"fmt"
	"strings"
)

// nulBytes has NUL in the body. Servers hand it on, drop it, or put 0x80 in its place.
func nulBytes(d *draft) {
	d.text = "NUL bytes between words of plain ASCII.\nThey come from broken printers and scanners.\n"
	body := strings.ReplaceAll(d.text, " ", " \x00")
	d.root = &part{
		header: []string{"Content-Type: text/plain; charset=us-ascii", "Content-Transfer-Encoding: 8bit"},
		body:   encodeBody([]byte(body), eightBit),
	}
	d.truth.ignore, d.truth.Charset = "\x00\u0080\ufffd€", "us-ascii"
	d.whole = true
}

// longLine is a text of one line that is longer than any buffer likes.
func longLine(d *draft) {
	d.text = strings.Repeat(strings.ReplaceAll(d.text, "\n", " "), 1+200_000/len(d.text)) + "\n"
	d.root = textPart("plain", d.cs, eightBit, d.text, "")
}

func noMessageID(d *draft) {
	d.override["Message-ID"] = nil
	plain(d.cs, base64ed)(d)
}

func foldedMessageID(d *draft) {
	local, domain, _ := strings.Cut(d.messageID, "@")
	d.override["Message-ID"] = []string{"\r\n <" + local + "@" + domain + ">"}
	d.truth.MessageID = strings.ToLower(d.messageID)
	plain(d.cs, base64ed)(d)
}

// twoMessageIDs has the field twice; the first counts.
func twoMessageIDs(d *draft) {
	d.override["Message-ID"] = []string{"<" + d.messageID + ">", "<second." + d.messageID + ">"}
	d.truth.MessageID = strings.ToLower(d.messageID)
	plain(d.cs, base64ed)(d)
}

// badDate has these Date fields, none of which means a time.
func badDate(values []string) func(*draft) {
	return func(d *draft) {
		d.override["Date"] = values
		plain(d.cs, base64ed)(d)
	}
}

// brokenBase64 has characters outside the alphabet and no padding; RFC 2045 says to read on.
func brokenBase64(d *draft) {
	d.root = textPart("plain", d.cs, base64ed, d.text, "")
	body := bytes.TrimRight(d.root.body, "=\r\n")
	middle := len(body) / 2
	d.root.body = append(append(append([]byte(nil), body[:middle]...), "!\x07 *"...), body[middle:]...)
}

func noClosingBoundary(d *draft) {
	alternative(d)
	d.root.unclosed = true
	d.whole = true
}

// childless is a multipart without a single part.
func childless(d *draft) {
	d.root = d.multipart("mixed", "")
	d.text, d.whole = "", true
}

func manyRecipients(d *draft) {
	plain(d.cs, base64ed)(d)
	lines := []string{mailbox(d.cs, d.to)}
	d.truth.To = []string{d.to.Email}
	for i := range 1999 {
		address := fmt.Sprintf("member%04d@crowd.example", i)
		lines = append(lines, address)
		d.truth.To = append(d.truth.To, address)
	}
	d.override["To"] = []string{strings.Join(lines, ",\r\n ")}
}

// mimeBomb nests multiparts deeper than anybody reads.
func mimeBomb(d *draft) {
	d.root = textPart("plain", d.cs, sevenBit, "at the bottom\n", "")
	d.text = "at the bottom\n"
	for range 150 {
		d.root = d.multipart("mixed", "", d.root)
	}
	d.whole, d.truth.any = true, true
}
