package crm

import "testing"

func TestGuardCell(t *testing.T) {
	for _, test := range []struct {
		name, cell, want string
	}{
		{"nothing", "", ""},
		{"a name", "田中 太郎", "田中 太郎"},
		{"an address", "tanaka@client.co.jp", "tanaka@client.co.jp"},
		{"a number", "12.5", "12.5"},
		{"a number less than zero", "-12.5", "-12.5"},
		{"a whole number less than zero", "-3", "-3"},
		{"a formula", "=HYPERLINK(1)", "'=HYPERLINK(1)"},
		{"a telephone number", "+81-3-1234-5678", "'+81-3-1234-5678"},
		{"a plus before digits", "+819012345678", "'+819012345678"},
		{"a minus before a formula", "-1+cmd|' /C calc'!A0", "'-1+cmd|' /C calc'!A0"},
		{"a minus alone", "-", "'-"},
		{"a minus and a point", "-.", "'-."},
		{"a number with two points", "-1.2.3", "'-1.2.3"},
		{"hexadecimal", "-0x1p4", "'-0x1p4"},
		{"a number without end", "-Inf", "'-Inf"},
		{"an at sign", "@SUM(A1)", "'@SUM(A1)"},
		{"a tab", "\t=1", "'\t=1"},
		{"a carriage return", "\r=1", "'\r=1"},
		{"a line end", "\n=1", "'\n=1"},
		{"a byte order mark", "\uFEFF=1", "'\uFEFF=1"},
		{"a bar", "|calc", "'|calc"},
		{"full-width equals", "＝1+1", "'＝1+1"},
		{"full-width plus", "＋1", "'＋1"},
		{"full-width minus", "－1", "'－1"},
		{"full-width at", "＠SUM", "'＠SUM"},
		{"further on", "a=b", "a=b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := GuardCell(test.cell)
			if got != test.want {
				t.Errorf("GuardCell(%q) = %q, want %q", test.cell, got, test.want)
			}
			if back := UnguardCell(got); back != test.cell {
				t.Errorf("UnguardCell(%q) = %q, want %q", got, back, test.cell)
			}
			if again := GuardCell(got); again != got {
				t.Errorf("guarded twice it is %q", again)
			}
		})
	}
}

func TestUnguardCell(t *testing.T) {
	for cell, want := range map[string]string{"'-5": "-5", "'=1": "=1", "'s-Hertogenbosch": "'s-Hertogenbosch", "'": "'", "''=1": "''=1", "5'": "5'"} {
		if got := UnguardCell(cell); got != want {
			t.Errorf("UnguardCell(%q) = %q, want %q", cell, got, want)
		}
	}
}
