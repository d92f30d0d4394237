package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
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

// token makes an API token through the command line.
func (s *site) token() string {
	s.t.Helper()
	words := strings.Fields(s.must("token", "create", "e2e", "--role", "it"))
	return words[len(words)-1]
}

// wake asks the daemon over the API to read a source now.
func (d *daemon) wake(source string) {
	d.t.Helper()
	request, err := http.NewRequest(http.MethodPost, d.url()+"/api/v1/sources/"+source+"/wake", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+d.token())
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatalf("wake %s: %v", source, err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		d.t.Fatalf("wake %s: status %d", source, response.StatusCode)
	}
}
