package mimeitem

import (
	"mime"
	"net/mail"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

func decodeHeader(v []byte, hint string) string {
	s, err := new(mime.WordDecoder).DecodeHeader(string(v))
	if err != nil {
		return string(v)
	}
	return s
}
func decodeCharset(data []byte, label, hint string) string { return strings.ToValidUTF8(string(data), "\uFFFD") }
func charsetLabel(s string) string                         { return strings.ToLower(s) }
func metaCharset(data []byte) string                       { return "" }
func htmlText(s string) string                             { return s }
func unflow(s string, delSp bool) string                   { return s }
func trim(s string) string                                 { return s }
func dropArmour(s string) (string, bool)                   { return s, false }
func (r *reader) classify(m *connectors.Message) (crm.Class, string) {
	return crm.ClassPersonal, ""
}
func parseDate(s string) (time.Time, bool) {
	t, err := mail.ParseDate(strings.TrimSpace(s))
	return t.UTC(), err == nil
}
func appendMailboxes(out []crm.Mailbox, v []byte, hint string) []crm.Mailbox {
	list, _ := mail.ParseAddressList(string(v))
	for _, a := range list {
		out = append(out, crm.Mailbox{Name: a.Name, Address: a.Address})
	}
	return out
}
