package caldav

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/internal/safehttp"
)

// TestOutsideOnly holds that a calendar which must stand on another machine is not asked for on this one, nor through a
// proxy that somebody set for the daemon.
func TestOutsideOnly(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer server.Close()
	for _, outside := range []bool{true, false} {
		c, err := newClient("", time.Second, "sato", "x", nil, outside)
		if err != nil {
			t.Fatal(err)
		}
		if transport, ok := c.http.Transport.(*http.Transport); !ok || (transport.Proxy == nil) != outside {
			t.Errorf("outside %v: a proxy is asked: %v", outside, ok)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := c.http.Do(request)
		if errors.Is(err, safehttp.ErrInside) != outside {
			t.Errorf("outside %v: %v", outside, err)
		}
		if err == nil {
			_ = response.Body.Close()
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
