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
// What is compressed together gives something away by its length (BREACH): whoever makes a browser open our pages with words
// of theirs in the address, and sees how many bytes come, could guess what else is on the page. So what another site led to
// is sent as it is (Sec-Fetch-Site), and browsers that do not say where they come from get nothing compressed.
type packer struct{ writers sync.Pool }

// send answers with a page.
func (p *packer) send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding, Sec-Fetch-Site")
	if len(body) >= packFrom && takesGzip(r.Header.Get("Accept-Encoding")) && fromHere(r.Header.Get("Sec-Fetch-Site")) {
		w.Header().Set("Content-Encoding", "gzip")
		body = p.pack(body)
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the browser may have gone; there is nobody to tell
}

// fromHere says whether a request comes from our own pages, or from what somebody typed (Fetch Metadata, 2.3).
func fromHere(site string) bool { return site == "same-origin" || site == "none" }

// takesGzip says whether a browser asks for gzip; one that names a weight of its own (RFC 9110, 12.5.3) is not trusted to.
func takesGzip(accepted string) bool {
	for name := range strings.SplitSeq(accepted, ",") {
		if strings.TrimSpace(name) == "gzip" {
			return true
		}
	}
	return false
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
