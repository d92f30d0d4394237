package formmail

import (
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// BenchmarkParse reads a mail of 2 KB with six fields and a message of many lines.
func BenchmarkParse(b *testing.B) {
	l := layouts()[0]
	values, marked := l.example()
	p, err := Learn(connectors.Message{FullText: l.render(values, 0)}, marked)
	if err != nil {
		b.Fatal(err)
	}
	values["message"] = strings.Repeat("以下の点をお知らせください。価格: 一台のとき\n\nWhat is the price of: ten of them?\n", 16) + "Thank you."
	m := connectors.Message{FullText: l.render(values, 1)}
	b.SetBytes(int64(len(m.FullText)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Parse(&m); err != nil {
			b.Fatal(err)
		}
	}
}
