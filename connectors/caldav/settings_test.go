package caldav

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
)

func pemOf(s *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: (&x509.Certificate{Raw: s.Certificate().Raw}).Raw})
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Settings)
		want   []string
	}{
		{"good", func(*Settings) {}, nil},
		{"loopback", func(s *Settings) { s.URL = "http://127.0.0.1:5232/" }, nil},
		{"domain", func(s *Settings) { s.URL, s.Domain = "", "example.co.jp" }, nil},
		{"address is the user", func(s *Settings) { s.URL, s.Address, s.Username = "", "sato@example.co.jp", "" }, nil},
		{"not https", func(s *Settings) { s.URL = "http://cal.example.co.jp/" }, []string{"url"}},
		{"user in url", func(s *Settings) { s.URL = "https://sato:x@cal.example.co.jp/" }, []string{"url"}},
		{"two places", func(s *Settings) { s.Domain = "example.co.jp" }, []string{"url"}},
		{"nothing", func(s *Settings) {
			*s = Settings{Since: "90", Ahead: "9999d", TimeZone: "Tokyo", Timeout: "1ms", TrustedHosts: []string{"https://x"}}
		},
			[]string{"ahead", "password", "since", "time_zone", "timeout", "trusted_hosts[0]", "url", "username"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Kind().NewSettings().(*Settings)
			s.URL, s.Username, s.Password = "https://cal.example.co.jp/", "sato", "x"
			c.change(s)
			var got []string
			for _, p := range s.Check() {
				got = append(got, p.Path)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("problems %v, want %v", got, c.want)
			}
		})
	}
}

func TestFingerprint(t *testing.T) {
	s := Kind().NewSettings().(*Settings)
	before := s.Fingerprint()
	s.Password = "new"
	if s.Fingerprint() == before {
		t.Error("a new password does not wake a paused source")
	}
}

func TestMayKnow(t *testing.T) {
	base, _ := url.Parse("https://caldav.icloud.com/")
	c := &client{base: base, trusted: []string{"*.icloud.com", "cal.example.jp"}}
	for address, want := range map[string]bool{
		"https://caldav.icloud.com/x": true, "https://p12-caldav.icloud.com/": true, "https://cal.example.jp/": true,
		"http://caldav.icloud.com/": false, "https://icloud.com.evil.jp/": false, "https://caldav.icloud.com:8443/": false, "http://127.0.0.1/": false,
	} {
		u, _ := url.Parse(address)
		if got := c.mayKnow(u); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
