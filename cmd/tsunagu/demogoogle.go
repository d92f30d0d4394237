package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/tsunagu-crm/tsunagu/cmd/tsunagu/sample"
	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web"
)

// demoGoogle writes the section with which people sign in at the sample Google.
func demoGoogle(w io.Writer, google *sample.Google) error {
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
func demoSignIn(ctx context.Context, in *instance, google *sample.Google) error {
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

// demoMove lets the sample's customer move a meeting once it has been read, and has the change read at once.
func demoMove(ctx context.Context, in *instance, google *sample.Google) {
	for step := range google.Live(ctx) {
		if step != nil {
			in.log.Error("the sample's customer could not move the meeting", "error", step)
			return
		}
		for _, service := range []string{"mail", "calendar"} {
			err := in.engine.Wake(ctx, config.AccountSourceID(service, sample.GoogleUser))
			if err != nil && !errors.Is(err, crm.ErrNotFound) { // disconnected meanwhile
				in.log.Error("a sample source was not woken", "error", err)
			}
		}
	}
}
