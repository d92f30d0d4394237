package mailgen

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// draft is a mail while it is made: what it says, before and while a feature decides how it is written.
type draft struct {
	rng        *rand.Rand
	world      *World
	tongue     tongue
	from, to   Person
	cc         []Person
	outgoing   bool
	date       time.Time
	messageID  string
	references []string // oldest first
	subject    string
	text       string
	size       int // bytes that the mail shall have, about, without attachments

	cs       charset             // of headers, and of the body unless a feature says otherwise
	extra    []field             // further header fields
	override map[string][]string // values of a field instead of the usual one; none leaves the field out
	root     *part
	whole    bool // the structure is complete: nothing may be attached
	truth    Truth
}

// zone is the time zone of the sender's clock.
func (d *draft) zone() *time.Location {
	if d.tongue == inJapanese {
		return time.FixedZone("", 9*3600)
	}
	return time.FixedZone("", []int{0, 3600, -5 * 3600, 19800}[int(d.date.Unix()/60)%4])
}

func (d *draft) fill(b []byte) {
	var word [8]byte
	for len(b) > 0 {
		binary.LittleEndian.PutUint64(word[:], d.rng.Uint64())
		b = b[copy(b, word[:]):]
	}
}

// write fills in subject and text, in the draft's language and size.
func (d *draft) write() {
	d.size = int(logNormal(d.rng, 10_600, 0.7))
	characters := d.size / 4
	if d.tongue != inEnglish {
		characters = d.size / 9
	}
	if d.subject == "" {
		d.subject = writeSubject(d.rng, d.tongue)
	}
	d.text = writeText(d.rng, d.tongue, d.from, d.to, characters)
	if len(d.references) > 0 {
		d.text += quote(d.rng, d.tongue, *d, characters)
	}
}

// finish writes the message and completes the truth.
func (d *draft) finish(feature string) Mail {
	d.attach()
	var out bytes.Buffer
	d.head(&out)
	d.root.render(&out)
	t := &d.truth
	if d.cs.microsoft {
		d.subject, d.text = microsoftForm(d.subject), microsoftForm(d.text)
	}
	t.Feature, t.Japanese = feature, d.tongue == inJapanese
	t.From, t.FromName, t.Subject, t.Text = d.from.Email, d.from.Name, d.subject, d.text
	if _, changed := d.override["Message-ID"]; !changed {
		t.MessageID = strings.ToLower(d.messageID)
	}
	if _, changed := d.override["Date"]; !changed {
		t.Date = d.date
	}
	if t.To == nil {
		t.To = []string{d.to.Email}
	}
	if len(d.references) > 0 {
		t.InReplyTo = strings.ToLower(d.references[len(d.references)-1])
	}
	if t.Class == "" {
		t.Class = "personal"
	}
	if t.Charset == "" && d.text != "" {
		t.Charset = d.cs.name
	}
	return Mail{Raw: out.Bytes(), Date: d.date, Truth: *t}
}

// attach puts files behind the body of about every sixth mail.
func (d *draft) attach() {
	if d.whole || len(d.truth.Attachments) > 0 || d.rng.Float64() > 0.115 {
		return
	}
	files := []*part{d.root}
	for i := range 1 + d.rng.IntN(2) {
		name := fmt.Sprintf("report-%d.pdf", i+1)
		if d.tongue == inJapanese {
			name = fmt.Sprintf("お見積書_%d.pdf", i+1)
		}
		files = append(files, d.filePart(name, rfc2231("filename", utf8Charset(), name)))
	}
	d.root = d.multipart("mixed", "", files...)
}

// filePart is an attachment of random content; disposition is the parameter that names it.
func (d *draft) filePart(name, disposition string) *part {
	content := make([]byte, int(logNormal(d.rng, 40_000, 0.9)))
	d.fill(content)
	return d.file(name, "application/pdf", disposition, content)
}

func (d *draft) file(name, mediaType, disposition string, content []byte) *part {
	d.truth.Attachments = append(d.truth.Attachments, name)
	return &part{
		header: []string{
			"Content-Type: " + mediaType, "Content-Transfer-Encoding: base64",
			"Content-Disposition: attachment" + disposition,
		},
		body: encodeBase64(content),
	}
}

func logNormal(rng *rand.Rand, median, sigma float64) float64 {
	return median * math.Exp(sigma*rng.NormFloat64())
}
