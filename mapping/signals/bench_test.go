package signals_test

import (
	"testing"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
	"github.com/tsunagu-crm/tsunagu/mapping/signals"
)

// BenchmarkReadGenerated reads generated mails, one after the other.
func BenchmarkReadGenerated(b *testing.B) {
	var mails []signals.Mail
	size := 0
	for generated := range mailgen.Generate(2, 400) {
		m := personal(generated.Truth.Text)
		m.Subject = "Re: meeting"
		mails = append(mails, m)
		size += len(m.Text)
	}
	b.SetBytes(int64(size / len(mails)))
	i := 0
	for b.Loop() {
		signals.Read(mails[i%len(mails)])
		i++
	}
}
