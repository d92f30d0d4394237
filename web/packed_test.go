package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestPagesArePacked holds that a browser reads the same page whether it takes it compressed or not, also many at once.
func TestPagesArePacked(t *testing.T) {
	var p packer
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for _, size := range []int{0, packFrom - 1, packFrom, 300_000} {
				body := strings.Repeat("田中様 ", size/10+1)[:size]
				for _, asks := range [][2]string{{"", "none"}, {"br", "none"}, {"gzip;q=0", "none"}, {"gzip, deflate, br", "none"}, {"br, gzip", "same-origin"},
					{"gzip", "cross-site"}, {"gzip", "same-site"}, {"gzip", ""}} {
					r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
					r.Header.Set("Accept-Encoding", asks[0])
					r.Header.Set("Sec-Fetch-Site", asks[1])
					p.send(w, r, http.StatusTeapot, []byte(body))
					if got := unpacked(t, w); got != body || w.Code != http.StatusTeapot || w.Header().Get("Vary") != "Accept-Encoding, Sec-Fetch-Site" {
						t.Errorf("%d bytes for %q: %d bytes, status %d, %v", size, asks, len(got), w.Code, w.Header())
					}
					if packed := w.Header().Get("Content-Encoding") != ""; packed != (size >= packFrom && slices.Contains([]string{"gzip, deflate, br none", "br, gzip same-origin"}, asks[0]+" "+asks[1])) {
						t.Errorf("%d bytes for %q: compressed is %v", size, asks, packed)
					}
				}
			}
		})
	}
	group.Wait()
}

func unpacked(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var from io.Reader = w.Body
	if w.Header().Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Error(err)
			return ""
		}
		from = z
	}
	body, err := io.ReadAll(from)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
