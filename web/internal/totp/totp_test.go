package totp

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestVectors are those of RFC 6238 appendix B for SHA-1, which have eight digits.
func TestVectors(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := code(secret, at/period, 100_000_000); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
		if got := Code(secret, time.Unix(at, 0)); got != want[2:] {
			t.Errorf("six digits at %d: %s, want %s", at, got, want[2:])
		}
	}
}

func TestTake(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	at := func(d time.Duration) string { return Code([]byte("12345678901234567890"), now.Add(d)) }
	f := &Factor{Secret: []byte("12345678901234567890")}
	recovery := f.NewRecovery()
	for _, step := range []struct {
		name, typed string
		at          time.Time
		want        bool
	}{
		{"nothing", "", now, false},
		{"a wrong code", "000000", now, at(0) == "000000"},
		{"one of two minutes ago", at(-2 * time.Minute), now, false},
		{"one of the step before", at(-30 * time.Second), now, true},
		{"the same again", at(-30 * time.Second), now, false},
		{"this step's, with a space", at(0)[:3] + " " + at(0)[3:], now, true},
		{"this step's again", at(0), now, false},
		{"an older one after a newer", at(-30 * time.Second), now, false},
		{"the next step's, full-width", fullWidth(at(30 * time.Second)), now, true},
		{"a recovery code", recovery[3], now, true},
		{"the recovery code again", recovery[3], now, false},
		{"a recovery code in capitals without hyphens", strings.ToUpper(strings.ReplaceAll(recovery[0], "-", "")), now, true},
		{"an invented recovery code", "aaaa-bbbb-cccc-dddd", now, false},
		{"something long", strings.Repeat("1", 10_000), now, false},
	} {
		if got := f.Take(step.typed, step.at); got != step.want {
			t.Errorf("%s: %v", step.name, got)
		}
	}
	if len(f.Recovery) != RecoveryCodes-2 {
		t.Errorf("%d recovery codes are left", len(f.Recovery))
	}
	if none := (&Factor{}); none.Take(Code(nil, now), now) {
		t.Error("no secret, but a good code")
	}
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '0' + '０' }, s)
}

func TestStoredFactorHoldsNoRecoveryCode(t *testing.T) {
	f := &Factor{Secret: NewSecret()}
	codes := f.NewRecovery()
	raw, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range codes {
		if strings.Contains(string(raw), c) || strings.Contains(string(raw), strings.ReplaceAll(c, "-", "")) {
			t.Error("a recovery code is stored in clear")
		}
	}
}

func TestURL(t *testing.T) {
	secret := []byte("12345678901234567890")
	u, err := url.Parse(URL(secret, "株式会社 サンプル: 東京", "sato@example.co.jp"))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/株式会社 サンプル  東京:sato@example.co.jp" || q.Get("secret") != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" ||
		q.Get("issuer") != "株式会社 サンプル  東京" || q.Get("period") != "30" || q.Get("digits") != "6" || strings.Contains(u.RawQuery, "+") {
		t.Errorf("address %s", u)
	}
}
