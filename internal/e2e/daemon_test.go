package e2e

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// url is where the daemon's web app is, from its configuration.
func (d *daemon) url() string {
	d.t.Helper()
	raw, err := os.ReadFile(filepath.Join(d.dir, "tsunagu.yaml"))
	if err != nil {
		d.t.Fatal(err)
	}
	match := regexp.MustCompile(`listen: "([^"]+)"`).FindSubmatch(raw)
	if match == nil {
		d.t.Fatal("the configuration names no address")
	}
	return "http://" + string(match[1])
}

// ready waits until the daemon answers.
func (d *daemon) ready() {
	d.t.Helper()
	eventually(d.t, 20*time.Second, "the daemon answers\n"+d.stderr.String(), func() bool {
		response, err := http.Get(d.url() + "/healthz")
		if err != nil {
			return false
		}
		defer response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// get reads a page as the client.
func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatalf("get %s: %v", url, err)
	}
	defer response.Body.Close()
	var body bytes.Buffer
	if _, err := io.Copy(&body, response.Body); err != nil {
		t.Fatalf("read %s: %v", url, err)
	}
	return response.StatusCode, body.String()
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}
