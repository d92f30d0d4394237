package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// Bounds on asking a captcha's service.
const (
	captchaTime    = 5 * time.Second
	captchaAnswer  = 64 << 10 // bytes
	captchaToken   = 8 << 10  // bytes; the longest are about 2 KB
	captchaAtOnce  = 64
	captchaMinimum = 0.5 // of reCAPTCHA v3's score from 0 (program) to 1 (person)
)

// captchaClient asks a service whether a captcha was solved. The three services speak alike: POST with secret,
// response and remoteip, answered {"success": true}.
type captchaClient struct {
	http  *http.Client
	slots chan struct{} // of questions under way, so that an outage does not pile them up
}

func newCaptchaClient() captchaClient {
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8,
		IdleConnTimeout: time.Minute, TLSHandshakeTimeout: captchaTime, MaxResponseHeaderBytes: captchaAnswer}
	return captchaClient{slots: make(chan struct{}, captchaAtOnce), http: &http.Client{Transport: transport, Timeout: captchaTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// captchaField is the field in which a provider's widget sends its answer.
func captchaField(provider string) string {
	return map[string]string{"turnstile": "cf-turnstile-response", "recaptcha": "g-recaptcha-response", "hcaptcha": "h-captcha-response"}[provider]
}

func (c *Captcha) verifyURL() string {
	if c.VerifyURL != "" {
		return c.VerifyURL
	}
	return map[string]string{
		"turnstile": "https://challenges.cloudflare.com/turnstile/v0/siteverify",
		"recaptcha": "https://www.google.com/recaptcha/api/siteverify",
		"hcaptcha":  "https://api.hcaptcha.com/siteverify",
	}[c.Provider]
}

// check is why a submission is suspicious; "" if the captcha was solved. A service that cannot be asked makes
// it wait for a person.
func (c captchaClient) check(ctx context.Context, by *Captcha, token string, from netip.Addr) string {
	if token == "" || len(token) > captchaToken {
		return suspectCaptcha
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	default:
		return suspectOutage
	}
	solved, err := c.ask(ctx, by, token, from)
	switch {
	case err != nil:
		return suspectOutage
	case !solved:
		return suspectCaptcha
	default:
		return ""
	}
}

// ask asks the service.
func (c captchaClient) ask(ctx context.Context, by *Captcha, token string, from netip.Addr) (bool, error) {
	question := url.Values{"secret": {by.Secret}, "response": {token}}
	if from.IsValid() {
		question.Set("remoteip", from.String())
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, by.verifyURL(), strings.NewReader(question.Encode()))
	if err != nil {
		return false, fmt.Errorf("ask captcha: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return false, fmt.Errorf("ask captcha: %w", err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing was written
	if res.StatusCode != http.StatusOK {
		return false, fmt.Errorf("ask captcha: answered %s", res.Status)
	}
	var answer struct {
		Success *bool    `json:"success"`
		Score   *float64 `json:"score"`
		Codes   []string `json:"error-codes"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, captchaAnswer)).Decode(&answer); err != nil {
		return false, fmt.Errorf("read captcha's answer: %w", err)
	}
	if answer.Success == nil {
		return false, errors.New("read captcha's answer: it does not say whether it was solved")
	}
	for _, code := range answer.Codes {
		if strings.HasSuffix(code, "-input-secret") || code == "internal-error" {
			// Our secret is wrong, or the service is: that says nothing of the sender.
			return false, fmt.Errorf("read captcha's answer: %s", code)
		}
	}
	if answer.Score != nil && by.Provider == "recaptcha" && *answer.Score < captchaMinimum {
		return false, nil
	}
	return *answer.Success, nil
}
