package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/web/internal/totp"
)

// enrolled sets up a second factor as a person does, with the address behind the QR code, and gives the secret and the
// recovery codes.
func enrolled(t *testing.T, b *browser) (secret []byte, codes []string) {
	t.Helper()
	code, page := b.get(t, "/settings/totp")
	if code != http.StatusOK {
		t.Fatalf("settings: %d", code)
	}
	wantIn(t, page, `<svg class="qr"`)
	m := regexp.MustCompile(`href="(otpauth://totp/[^"]+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("there is no address for apps:\n%s", page)
	}
	secret = secretOf(t, html.UnescapeString(m[1]))
	if code, page = b.post(t, "/settings/totp", "code", "000000"); code != http.StatusUnprocessableEntity {
		t.Fatalf("a wrong first code: %d\n%s", code, page)
	}
	code, page = b.post(t, "/settings/totp", "code", totp.Code(secret, time.Now()))
	if code != http.StatusOK {
		t.Fatalf("enrol: %d\n%s", code, page)
	}
	for _, c := range regexp.MustCompile(`<li><code>([a-z2-7-]+)</code>`).FindAllStringSubmatch(page, -1) {
		codes = append(codes, c[1])
	}
	if len(codes) != totp.RecoveryCodes {
		t.Fatalf("%d recovery codes", len(codes))
	}
	return secret, codes
}

func secretOf(t *testing.T, address string) []byte {
	t.Helper()
	u, err := url.Parse(address)
	must(t, err)
	want := u.Query().Get("secret")
	// The text of a secret is base32; what it stands for is found by the package that wrote it.
	secret, err := totp.Secret(want)
	must(t, err)
	return secret
}

func withSealer(c *Config) { c.Sealer = plainSealer{} }

func TestSecondFactor(t *testing.T) {
	f := newFixture(t, withSealer)
	b := f.signedIn(t, hRep)
	secret, codes := enrolled(t, b)
	user, err := f.store.GetUser(t.Context(), hRep)
	must(t, err)
	if len(user.TOTP) == 0 {
		t.Fatal("nothing is stored")
	}
	signIn := func() *browser {
		fresh := f.browser(t)
		code, page := fresh.post(t, "/signin", "email", hRep, "password", testPassword, "next", "/ledger")
		if code != http.StatusOK || !strings.Contains(page, `name="code"`) {
			t.Fatalf("the password alone: %d\n%s", code, page)
		}
		if _, page := fresh.get(t, "/people"); !strings.Contains(page, `name="password"`) {
			t.Fatal("the password alone lets in")
		}
		return fresh
	}
	fresh := signIn()
	if code, _ := fresh.post(t, "/signin/code", "code", totp.Code(secret, time.Now())); code != http.StatusUnauthorized {
		t.Errorf("the code that set it up was taken again: %d", code)
	}
	code, page := fresh.post(t, "/signin/code", "code", totp.Code(secret, time.Now().Add(30*time.Second)))
	if code != http.StatusOK || !strings.Contains(page, "/signout") {
		t.Errorf("a good code after a wrong one: %d", code)
	}
	fresh = signIn()
	if code, _ := fresh.post(t, "/signin/code", "code", codes[2]); code != http.StatusOK {
		t.Errorf("a recovery code: %d", code)
	}
	if code, _ := signIn().post(t, "/signin/code", "code", codes[2]); code != http.StatusUnauthorized {
		t.Errorf("a recovery code twice: %d", code)
	}
	t.Run("the half of a sign-in is the browser's that began it", func(t *testing.T) {
		signIn()
		if _, page := f.browser(t).post(t, "/signin/code", "code", codes[3]); !strings.Contains(page, `name="password"`) {
			t.Error("a code without a password lets in")
		}
	})
	t.Run("a changed password ends a half sign-in", func(t *testing.T) {
		half := signIn()
		_, err := f.server.changeUser(t.Context(), hRep, hRep, func(u *crm.User) error {
			u.PasswordHash, err = HashPassword("another password")
			return err
		})
		must(t, err)
		if _, page := half.post(t, "/signin/code", "code", codes[4]); !strings.Contains(page, `name="password"`) {
			t.Error("it goes on")
		}
	})
	t.Run("an admin resets it", func(t *testing.T) {
		f.signedIn(t, hAdmin).post(t, "/users/totp", "email", hRep)
		if u, err := f.store.GetUser(t.Context(), hRep); err != nil || len(u.TOTP) > 0 {
			t.Errorf("%v, %v", u.TOTP, err)
		}
	})
}

func TestSecondFactorIsGuessedInVain(t *testing.T) {
	f := newFixture(t, withSealer)
	_, codes := enrolled(t, f.signedIn(t, hRep))
	last := 0
	for range 25 {
		b := f.browser(t)
		b.post(t, "/signin", "email", hRep, "password", testPassword)
		last, _ = b.post(t, "/signin/code", "code", "123456")
		if last == http.StatusTooManyRequests {
			if code, _ := b.post(t, "/signin/code", "code", codes[0]); code != http.StatusTooManyRequests {
				t.Errorf("a good code got past the limit: %d", code)
			}
			return
		}
	}
	t.Errorf("nobody was held back; the last got %d", last)
}

func TestSecondFactorRequired(t *testing.T) {
	policy := crm.AccessPolicy{Second: crm.SecondFactorAdmins}
	f := newFixture(t, withSealer, func(c *Config) { c.Access = func() crm.AccessPolicy { return policy } })
	rep := f.signedIn(t, hRep)
	if _, page := rep.get(t, "/people"); strings.Contains(page, `class="qr"`) {
		t.Error("a rep has to set it up")
	}
	admin := f.signedIn(t, hAdmin)
	for _, path := range []string{"/", "/people", "/users", "/tokens"} {
		if _, page := admin.get(t, path); !strings.Contains(page, `class="qr"`) {
			t.Errorf("%s opens without a second factor", path)
		}
	}
	if _, page := admin.post(t, "/users", "email", "x@example.co.jp", "password", testPassword, "role", "rep"); !strings.Contains(page, `class="qr"`) {
		t.Error("a form was taken")
	}
	secret, _ := enrolled(t, admin)
	if _, page := admin.get(t, "/users"); strings.Contains(page, `class="qr"`) {
		t.Error("it has to be set up again")
	}
	if code, _ := admin.post(t, "/settings/totp/remove", "code", totp.Code(secret, time.Now().Add(30*time.Second))); code != http.StatusConflict {
		t.Errorf("it was removed: %d", code)
	}
	policy = crm.AccessPolicy{}
	if code, _ := admin.post(t, "/settings/totp/remove", "code", "000000"); code != http.StatusUnprocessableEntity {
		t.Errorf("removed with a wrong code: %d", code)
	}
	_, page := admin.post(t, "/settings/totp/codes", "code", totp.Code(secret, time.Now().Add(30*time.Second)))
	codes := regexp.MustCompile(`<li><code>([a-z2-7-]+)</code>`).FindStringSubmatch(page)
	if codes == nil {
		t.Fatalf("no new recovery codes:\n%s", page)
	}
	if code, _ := admin.post(t, "/settings/totp/remove", "code", codes[1]); code != http.StatusOK {
		t.Errorf("remove: %d", code)
	}
	if u, _ := f.store.GetUser(t.Context(), hAdmin); len(u.TOTP) > 0 {
		t.Error("it is still there")
	}
}
