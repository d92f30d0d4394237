package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/internal/oauth"
	"github.com/tsunagu-crm/tsunagu/web"
)

// An address that was given to somebody new does not let them in as who had it before.
func TestAnotherAccountWithTheSameAddress(t *testing.T) {
	h := openHouse(t, "")
	h.user(t, satoAddress, crm.RoleIT)
	enter := func() (web.SignedIn, error) { return h.signIn(t.Context(), web.SignInRequest{}, satoAddress) }
	if in, err := enter(); err != nil || in.Email != satoAddress {
		t.Fatalf("the first time: %+v, %v", in, err)
	}
	if _, err := enter(); err != nil {
		t.Errorf("the same account again: %v", err)
	}
	if err := h.book.recognise(t.Context(), oauth.Identity{Subject: "somebody else", Email: satoAddress}, true); !errors.Is(err, web.ErrAnother) {
		t.Errorf("another account: %v", err)
	}
	if err := h.saveSealed(t.Context(), subjectRecord(satoAddress), []byte("who had it before")); err != nil {
		t.Fatal(err)
	}
	for _, connect := range []bool{false, true} {
		if in, err := h.signIn(t.Context(), web.SignInRequest{Connect: connect}, satoAddress); !errors.Is(err, web.ErrAnother) || in.Email != satoAddress || in.Connected {
			t.Errorf("connect %v: %+v, %v", connect, in, err)
		}
	}
	if code, out := h.command(t.Context(), "user", "forget-sign-in", "Sato@example.co.jp"); code != 0 || !strings.Contains(out, satoAddress) {
		t.Errorf("forget: %d, %s", code, out)
	}
	if _, err := enter(); err != nil {
		t.Errorf("after that: %v", err)
	}
	if code, out := h.command(t.Context(), "user", "forget-sign-in", suzukiAddress); code != exitFailed || !strings.Contains(out, "never signed in") {
		t.Errorf("forget somebody unknown: %d, %s", code, out)
	}
	stranger := oauth.Identity{Subject: "1", Email: "stranger@example.com"}
	if err := h.book.recognise(t.Context(), stranger, false); err != nil {
		t.Error(err)
	}
	if known, err := h.unsealed(t.Context(), subjectRecord(stranger.Email)); known != nil || err != nil {
		t.Errorf("who is no user is remembered: %q, %v", known, err)
	}
}

// Google grants nothing that lasts to an account that it asked before, when it was asked for another one.
func TestAccountThatGetsNothingLasting(t *testing.T) {
	h := openHouse(t, "")
	_, err := h.connectGoogle(t.Context(), oauth.Identity{Subject: "1", Email: suzukiAddress}, oauth.Token{Access: "a", Scopes: scopesOf([]string{"mail"})}, []string{"mail"}, satoAddress)
	if !errors.Is(webError(err), web.ErrNotLasting) {
		t.Errorf("the web app hears %v", err)
	}
	if f := explainFailure(err); !strings.Contains(f.todo, "myaccount.google.com/connections") || !strings.Contains(f.what, suzukiAddress) {
		t.Errorf("the terminal says %v", f)
	}
}
