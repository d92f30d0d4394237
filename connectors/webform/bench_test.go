package webform

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// BenchmarkRead reads a list of 10,000 answers in one page: for the first time, and when nothing changed but the
// service does not say so.
func BenchmarkRead(b *testing.B) {
	const rows = 10_000
	var list bytes.Buffer
	for i := range rows {
		fmt.Fprintf(&list, `%c{"id":%d,"created_at":"2026-11-21T04:05:06Z","name":"山田 太郎","email":"p%d@client.example","message":"資料を送ってください。よろしくお願いします。"}`, "[,"[min(i, 1)], i, i)
	}
	list.WriteByte(']')
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(list.Bytes()) }))
	defer server.Close()
	cfg := Settings{Form: "contact", URL: server.URL, ID: "id", Time: "created_at", Allow: []string{"127.0.0.0/8"}}
	src, err := cfg.Open(b.Context(), connectors.Env{ID: "web"})
	if err == nil {
		defer src.Close()
	}
	whole := func(b *testing.B, cur connectors.Cursor) connectors.Cursor {
		for {
			batch, err := src.Fetch(b.Context(), cur)
			if err != nil {
				b.Fatal(err)
			}
			cur = batch.Next
			if !batch.More {
				return cur
			}
		}
	}
	if err != nil {
		b.Fatal(err)
	}
	var end connectors.Cursor
	b.Run("first", func(b *testing.B) {
		b.SetBytes(int64(list.Len()))
		for b.Loop() {
			end = whole(b, "")
		}
		b.ReportMetric(float64(len(end)), "cursor_bytes")
		b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
	})
	end = whole(b, "")
	b.Run("again", func(b *testing.B) {
		b.SetBytes(int64(list.Len()))
		for b.Loop() {
			whole(b, end)
		}
		b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
	})
}
