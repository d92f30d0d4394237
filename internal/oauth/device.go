package oauth

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"
)

// DeviceCode is a sign-in on another device under way (RFC 8628).
type DeviceCode struct {
	UserCode string    // what the person types
	URL      string    // where
	Complete string    // URL with the code in it; "" if the provider gave none
	Until    time.Time // zero if it does not end

	code     string
	interval time.Duration
	scopes   []string
}

// Device begins a sign-in on another device.
func (a *App) Device(ctx context.Context, scopes []string) (DeviceCode, error) {
	e, err := a.endpoints(ctx, func(e Endpoints) string { return e.Device })
	if err != nil {
		return DeviceCode{}, err
	}
	const op = "ask for a device code"
	said, err := a.post(ctx, op, e.Device, url.Values{"scope": {strings.Join(scopes, " ")}})
	if err != nil {
		return DeviceCode{}, err
	}
	c := DeviceCode{UserCode: redact(said.UserCode), URL: said.VerificationURI, Complete: said.Complete, code: said.DeviceCode, interval: seconds(said.Interval), scopes: scopes}
	if c.URL == "" {
		c.URL = said.VerificationURL
	}
	if c.code == "" || c.UserCode == "" || CheckURL(c.URL) != nil {
		return DeviceCode{}, &Error{Op: op, Kind: ErrUnavailable, Err: errors.New("the answer holds no code or no address to type it at")}
	}
	if c.Complete != "" && CheckURL(c.Complete) != nil {
		c.Complete = ""
	}
	if c.interval <= 0 {
		c.interval = 5 * time.Second
	}
	if d := seconds(said.Expires); d > 0 {
		c.Until = a.now().Add(d)
	}
	return c, nil
}

// Poll waits until the person has signed in on the other device. ErrDenied if not, ErrFlow if it took too long.
func (a *App) Poll(ctx context.Context, c DeviceCode) (Token, error) {
	const op = "wait for the sign-in"
	interval := c.interval
	timer := time.NewTimer(interval)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return Token{}, ctx.Err()
		case <-timer.C:
		}
		t, err := a.call(ctx, op, url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {c.code}})
		if err == nil {
			return t, nil
		}
		var said *Error
		if !errors.As(err, &said) {
			return Token{}, err
		}
		switch {
		case said.Code == "authorization_pending":
		case said.Code == "slow_down":
			interval += 5 * time.Second
		case said.Code == "expired_token", errors.Is(said, ErrSignInAgain):
			said.Kind = ErrFlow
			return Token{}, said
		case !errors.Is(said, ErrUnavailable) || said.Code == "authorization_declined":
			if said.Code == "authorization_declined" { // Microsoft's word
				said.Kind = ErrDenied
			}
			return Token{}, said
		default: // the network, or the server: exponential back-off as section 3.5 asks for
			interval = min(2*interval, time.Minute)
		}
		if !c.Until.IsZero() && !a.now().Before(c.Until) {
			return Token{}, &Error{Op: op, Kind: ErrFlow, Err: errors.New("nobody typed the code in time")}
		}
		timer.Reset(interval)
	}
}
