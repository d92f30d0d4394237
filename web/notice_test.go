package web

import (
	"net/http"
	"net/url"
	"testing"
)

// TestNoticesAreOfWhatWasDone holds that an address alone says nothing: not one that exists, nor one of no code, nor one that
// signing in leads to.
func TestNoticesAreOfWhatWasDone(t *testing.T) {
	f := newFixture(t)
	b := f.signedIn(t, "suzuki@example.co.jp")
	const saved = "保存しました"
	for _, path := range []string{"/settings?lang=ja&notice=saved", "/settings?lang=ja&notice=" + url.QueryEscape("<b>x</b>"), "/people?lang=ja&notice=person_deleted"} {
		_, page := b.get(t, path)
		wantOut(t, page, `class="notice"`, "<b>x")
	}
	_, page := b.post(t, "/settings/language", "language", "ja")
	wantIn(t, page, `class="notice"`, saved)
	_, page = b.get(t, "/settings?lang=ja&notice=saved")
	wantOut(t, page, saved) // it was said
	b = f.browser(t)
	if code, page := b.post(t, "/signin", "email", "suzuki@example.co.jp", "password", testPassword, "next", "/people?q=x&notice=person_deleted"); code != http.StatusOK {
		t.Errorf("sign in: %d", code)
	} else {
		wantOut(t, page, `class="notice"`)
	}
	for next, want := range map[string]string{"/people?notice=saved": "/people", "/people?q=a&notice=saved#x": "/people?q=a#x", "/people?q=a": "/people?q=a", "//evil.example": "/"} {
		if got := localPath(next); got != want {
			t.Errorf("%s leads to %s", next, got)
		}
	}
}
