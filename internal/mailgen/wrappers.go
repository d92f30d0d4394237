package mailgen

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// signature is what follows a signed body; its bytes only look like a signature.
func (d *draft) signature() *part {
	der := make([]byte, 1800)
	d.fill(der)
	return &part{
		header: []string{
			`Content-Type: application/pkcs7-signature; name="smime.p7s"`, "Content-Transfer-Encoding: base64",
			`Content-Disposition: attachment; filename="smime.p7s"`,
		},
		body: encodeBase64(der),
	}
}

func smimeSigned(d *draft) {
	d.root = d.multipart("signed", `; protocol="application/pkcs7-signature"; micalg=sha-256`,
		textPart("plain", d.cs, quoted, d.text, ""), d.signature())
	d.whole = true
}

func smimeEncrypted(d *draft) {
	d.conceal("smime")
	content := make([]byte, d.size)
	d.fill(content)
	d.root = &part{
		header: []string{
			`Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"`,
			"Content-Transfer-Encoding: base64", `Content-Disposition: attachment; filename="smime.p7m"`,
		},
		body: encodeBase64(content),
	}
}

func pgpEncrypted(d *draft) {
	d.conceal("pgp")
	content := make([]byte, d.size)
	d.fill(content)
	armour := fmt.Sprintf("-----BEGIN PGP MESSAGE-----\r\n\r\n%s=AbCd\r\n-----END PGP MESSAGE-----\r\n", encodeBase64(content))
	d.root = d.multipart("encrypted", `; protocol="application/pgp-encrypted"`,
		&part{header: []string{"Content-Type: application/pgp-encrypted"}, body: []byte("Version: 1\r\n")},
		&part{header: []string{`Content-Type: application/octet-stream; name="encrypted.asc"`}, body: []byte(armour)})
}

// conceal says that the text cannot be read. Some readers put a word of their own in its place.
func (d *draft) conceal(wrapper string) {
	d.text, d.whole = "", true
	d.truth.Wrapper, d.truth.any = wrapper, true
}

// tnef is a minimal TNEF stream (MS-OXTNEF): signature, key, version and code page.
func tnef() []byte {
	var out bytes.Buffer
	write := func(v any) { _ = binary.Write(&out, binary.LittleEndian, v) } // a Buffer takes everything
	write(uint32(0x223e9f78))
	write(uint16(1))
	attribute := func(id uint32, data []byte) {
		write(uint8(1)) // of the message
		write(id)
		write(uint32(len(data)))
		write(data)
		sum := uint16(0)
		for _, b := range data {
			sum += uint16(b)
		}
		write(sum)
	}
	attribute(0x00089006, []byte{0, 0, 1, 0})                // attTnefVersion
	attribute(0x00069007, []byte{0xa4, 3, 0, 0, 0, 0, 0, 0}) // attOemCodepage: 932
	return out.Bytes()
}

func winmailWithText(d *draft) {
	d.root = d.multipart("mixed", "", textPart("plain", d.cs, quoted, d.text, ""),
		d.file("winmail.dat", `application/ms-tnef; name="winmail.dat"`, `; filename="winmail.dat"`, tnef()))
}

func winmailOnly(d *draft) {
	d.conceal("tnef")
	d.root = d.file("winmail.dat", `application/ms-tnef; name="winmail.dat"`, `; filename="winmail.dat"`, tnef())
}

// forwarded carries another message whole. Readers name it by its file name or by its subject, so the truth
// does not.
func forwarded(d *draft) {
	inner := "From: " + mailbox(d.cs, d.to) + "\r\nTo: other@elsewhere.example\r\nSubject: " +
		encodedWords(d.cs, "転送された件名") + "\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		string(encodeBase64([]byte("転送された本文です。\r\n")))
	d.root = d.multipart("mixed", "", textPart("plain", d.cs, base64ed, d.text, ""), &part{
		header: []string{
			`Content-Type: message/rfc822; name="forwarded.eml"`, `Content-Disposition: attachment; filename="forwarded.eml"`,
		},
		body: []byte(inner),
	})
	d.truth.loose, d.whole = true, true
}
