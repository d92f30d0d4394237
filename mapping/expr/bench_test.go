package expr_test

import (
	"fmt"
	"testing"

	"github.com/tsunagu-crm/tsunagu/mapping/expr"
)

func BenchmarkText(b *testing.B) {
	for _, text := range []string{
		`form.email`,
		`mail.subject`,
		`form.?company.orValue("")`,
		`company(form.?company.orValue(""))`,
		`form.?phone.orValue("").e164()`,
		`"Webフォーム"`,
		`default(form.?zip, "なし")`,
		`form.kind == "demo" ? "デモ" : "その他"`,
		`extract(mail.subject, "No\\.(\\d+)")`,
		`form.interests.map(x, lower(x)).join("/")`,
	} {
		b.Run(text, func(b *testing.B) {
			program, in := mustValue(b, newEnv(b), text), sample()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := program.Text(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// Companies that were not seen before cost what folding them costs.
func BenchmarkTextOfNewCompanies(b *testing.B) {
	program := mustValue(b, newEnv(b), `company(form.?company.orValue(""))`)
	form := map[string]any{}
	in := &expr.Input{Form: form}
	names := make([]string, 100_000)
	for i := range names {
		names[i] = fmt.Sprintf("株式会社サンプル%d", i)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		form["company"] = names[n%len(names)]
		n++
		if _, err := program.Text(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTrue(b *testing.B) {
	program, err := newEnv(b).Condition(`form.kind == "demo" && form.?company.orValue("") != ""`)
	if err != nil {
		b.Fatal(err)
	}
	in := sample()
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := program.True(in); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	env := newEnv(b)
	for b.Loop() {
		mustValue(b, env, `company(form.?company.orValue(""))`)
	}
}
