package mimeitem

import "testing"

func TestSimpleMessage(t *testing.T) {
	raw := "From: Taro <taro@client.co.jp>\r\nTo: sato@example.co.jp\r\nSubject: Hello\r\nMessage-ID: <1@client.co.jp>\r\n" +
		"Date: Sat, 21 Nov 2026 10:00:00 +0900\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=x.pdf\r\n\r\nPDF\r\n--b--\r\n"
	item := FromRaw(Envelope{ExternalID: "1"}, []byte(raw), 0)
	if item.Err != nil || item.Message.Text != "Hello" || len(item.Message.Attachments) != 1 || item.Message.From[0].Address != "taro@client.co.jp" {
		t.Errorf("got %+v, message %+v", item, item.Message)
	}
}
