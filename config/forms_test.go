package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/config"
)

func TestForms(t *testing.T) {
	c, problems := config.Load("testdata/good/forms.yaml", env, kinds())
	if len(problems) > 0 {
		t.Fatal(problems.Error())
	}
	want := []config.Form{
		{ID: "contact", ReturnURLs: []string{"https://www.example.co.jp/", "https://www.example.co.jp/thanks"},
			Origins: []string{"https://www.example.co.jp", "http://localhost:8080"}, MinFillSeconds: config.DefaultFillSeconds, RatePerMinute: config.DefaultRatePerMinute,
			HMACSecret: "0123456789abcdefhush", Captcha: &config.Captcha{Provider: "turnstile", Secret: "hush", VerifyURL: "https://challenges.cloudflare.com/turnstile/v0/siteverify"}},
		{ID: "download", RatePerMinute: 60},
	}
	if diff := cmp.Diff(want, c.Forms); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}
