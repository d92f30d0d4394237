package oauth

import "testing"

func TestRedactTakesOutWhatLooksLikeAToken(t *testing.T) {
	for _, c := range []struct{ name, said, want string }{
		{"assertion that a proxy repeats", "bad assertion=eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ0c3VuYWd1In0.c2lnbmF0dXJl here", "bad assertion=… here"},
		{"header of an assertion that is cut off", "bad eyJhbGciOiJSUzI1NiIs", "bad …"},
		{"access token", "token ya29.a0AfH6SMBx-_y was refused", "token … was refused"},
		{"refresh token", "token 1//0gabcdefgh-_x was refused", "token … was refused"},
		{"code", "code 4/0AX4XfWh12345678 was refused", "code … was refused"},
		{"words", "Token has been expired or revoked.", "Token has been expired or revoked."},
		{"address and scope", "https://www.googleapis.com/auth/gmail.readonly is not granted", "https://www.googleapis.com/auth/gmail.readonly is not granted"},
	} {
		if got := redact(c.said); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
