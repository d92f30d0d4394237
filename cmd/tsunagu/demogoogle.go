package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/tsunagu-crm/tsunagu/cmd/tsunagu/sample"
	"github.com/tsunagu-crm/tsunagu/internal/fakegoogle"
	"github.com/tsunagu-crm/tsunagu/web"
)

// demoGoogle writes the section with which people sign in at the sample Google.
func demoGoogle(w io.Writer, google *fakegoogle.Server) error {
	id, secret := sample.GoogleClient()
	e := google.Endpoints()
	endpoints, err := json.Marshal(map[string]string{"issuer": e.Issuer, "auth": e.Auth, "token": e.Token, "revoke": e.Revoke,
		"gmail": e.Gmail, "calendar": e.Calendar, "forms": e.Forms})
	if err != nil {
		return fmt.Errorf("write endpoints: %w", err)
	}
	_, err = fmt.Fprintf(w, "google:\n  client_id: %s\n  client_secret: %s\n  services: [mail, calendar, forms]\n  sign_in: true\n  domains: [example.co.jp]\n"+
		"  forms: {forms: [{id: %s, form: shiryo}]}\n  endpoints: %s\nmapping:\n  forms:\n    shiryo: {name: 資料請求}\n", id, secret, sample.GoogleForm, endpoints)
	if err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	return nil
}

// demoSignIn signs the sample's rep in without a browser: it takes the same way, and agrees to everything.
func demoSignIn(ctx context.Context, in *instance, google *fakegoogle.Server) error {
	signIns := webSignIns{in}
	page, flow, err := signIns.Begin(ctx, web.SignInRequest{
		Provider: providerGoogle, Connect: true, Hint: sample.GoogleUser, Callback: "http://127.0.0.1/signin/google/callback",
	})
	if err != nil {
		return err
	}
	back, err := google.Consent(ctx, page, sample.GoogleUser)
	if err != nil {
		return fmt.Errorf("sign in at the sample Google: %w", err)
	}
	answer, err := url.Parse(back)
	if err != nil {
		return fmt.Errorf("sign in at the sample Google: %w", err)
	}
	_, err = signIns.Finish(ctx, flow, answer.Query())
	return err
}
