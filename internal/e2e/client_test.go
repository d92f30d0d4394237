package e2e

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
)

// client speaks the JSON API of a daemon.
type client struct {
	t     *testing.T
	base  string
	token string
}

func (d *daemon) client() *client {
	d.t.Helper()
	return &client{d.t, d.url() + "/api/v1", d.token()}
}

// ask sends a request and gives status and answer.
func (c *client) ask(method, path string, body any) (int, []byte) {
	c.t.Helper()
	var reader io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		reader = bytes.NewReader(raw)
	}
	request, err := http.NewRequest(method, c.base+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return response.StatusCode, raw
}

// do sends a request that must succeed.
func (c *client) do(method, path string, body, out any) {
	c.t.Helper()
	status, raw := c.ask(method, path, body)
	if status >= 300 {
		c.t.Fatalf("%s %s: status %d: %s", method, path, status, raw)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(raw, out); err != nil {
		c.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
	}
}

func (c *client) get(path string, out any) { c.t.Helper(); c.do(http.MethodGet, path, nil, out) }
func (c *client) post(path string, body, out any) {
	c.t.Helper()
	c.do(http.MethodPost, path, body, out)
}
func (c *client) put(path string, body, out any) { c.t.Helper(); c.do(http.MethodPut, path, body, out) }

// page is a page of a list.
type page[T any] struct {
	Items []T
	Next  string
}

// items are the first page of a list.
func items[T any](c *client, path string) []T {
	c.t.Helper()
	var p page[T]
	c.get(path, &p)
	return p.Items
}
