package imap

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

// benchMails is the size of the benchmark's mailbox.
const benchMails = 2000

// benchServer is a Dovecot with a mixed mailbox whose index is warm.
func benchServer(b *testing.B) *testdovecot.Server {
	b.Helper()
	server := testdovecot.Start(b)
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", func(yield func(testdovecot.Message) bool) {
		for mail := range mailgen.Generate(1, benchMails) {
			if !yield(testdovecot.Message{Raw: mail.Raw, Date: mail.Date, Flags: "S"}) {
				return
			}
		}
	})
	if n := limitRead(b, server); n == 0 {
		b.Fatal("the warm-up read nothing")
	}
	return server
}

// BenchmarkFirstRead measures the first read of a mailbox beside its limit: one pipelined FETCH of structure,
// header and first part, whose bytes are thrown away.
func BenchmarkFirstRead(b *testing.B) {
	server := benchServer(b)
	b.Run("limit", func(b *testing.B) {
		for b.Loop() {
			b.SetBytes(limitRead(b, server))
		}
		b.ReportMetric(float64(benchMails)*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
	b.Run("source", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if n := sourceRead(b, server); n != benchMails {
				b.Fatalf("%d items", n)
			}
		}
		b.ReportMetric(float64(benchMails)*float64(b.N)/b.Elapsed().Seconds(), "msg/s")
	})
}

// sourceRead reads a mailbox with the source.
func sourceRead(b *testing.B, server *testdovecot.Server) int {
	settings := Kind().NewSettings().(*Settings)
	settings.Addr, settings.TLS, settings.Username, settings.Password = server.Addr, tlsNone, "sato", "secret"
	settings.Folders, settings.Since = []string{"INBOX"}, "all"
	src, err := settings.Open(b.Context(), connectors.Env{ID: "bench"})
	if err != nil {
		b.Fatal(err)
	}
	defer src.Close()
	n, cur := 0, connectors.Cursor("")
	for {
		batch, err := src.Fetch(b.Context(), cur)
		if err != nil {
			b.Fatal(err)
		}
		n += len(batch.Items)
		cur = batch.Next
		if !batch.More {
			return n
		}
	}
}

// limitRead is the fastest a client can be that looks at nothing. It gives the number of bytes.
func limitRead(b *testing.B, server *testdovecot.Server) int64 {
	conn, err := net.Dial("tcp", server.Addr)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	lines := bufio.NewReaderSize(conn, 64<<10)
	var total int64
	do := func(tag, command string) {
		if _, err := fmt.Fprintf(conn, "%s %s\r\n", tag, command); err != nil {
			b.Fatal(err)
		}
		for {
			line, err := lines.ReadSlice('\n')
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				b.Fatal(err)
			}
			total += int64(len(line))
			if strings.HasPrefix(string(line[:min(len(line), 4)]), tag+" ") {
				return
			}
			if _, size, ok := literalAt(line); ok {
				n, err := io.CopyN(io.Discard, lines, size)
				if err != nil {
					b.Fatal(err)
				}
				total += n
			}
		}
	}
	do("A", "LOGIN sato secret")
	do("B", "EXAMINE INBOX")
	do("C", "UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[1])")
	return total
}

// BenchmarkIdle opens many sources that idle over TLS and reports what each costs in memory.
func BenchmarkIdle(b *testing.B) {
	const sources = 50
	server := testdovecot.Start(b, testdovecot.WithConnections(sources+10))
	server.AddUser("sato", "secret")
	server.Fill("sato", "INBOX", idleMails())
	for b.Loop() {
		b.ReportMetric(idleCost(b, server, sources), "B/source")
	}
}

func idleMails() iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for mail := range mailgen.Generate(1, 20) {
			if !yield(testdovecot.Message{Raw: mail.Raw, Date: mail.Date}) {
				return
			}
		}
	}
}

// idleCost is the memory of one idling source, bytes of heap and stacks.
func idleCost(b *testing.B, server *testdovecot.Server, n int) float64 {
	memory := func() float64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc + m.StackInuse)
	}
	settings := Kind().NewSettings().(*Settings)
	settings.Addr, settings.CAFile, settings.ServerName = server.TLSAddr, server.CAFile, "localhost"
	settings.Username, settings.Password, settings.Since = "sato", "secret", "all"
	before := memory()
	ctx, cancel := context.WithCancel(b.Context())
	var waiting sync.WaitGroup
	var sources []connectors.Source
	for range n {
		src, err := settings.Open(ctx, connectors.Env{ID: "idle"})
		if err != nil {
			b.Fatal(err)
		}
		cur := connectors.Cursor("")
		for more := true; more; {
			batch, err := src.Fetch(ctx, cur)
			if err != nil {
				b.Fatal(err)
			}
			cur, more = batch.Next, batch.More
		}
		sources = append(sources, src)
		waiting.Go(func() { _ = src.(connectors.Waiter).Wait(ctx, cur) }) // ends with ctx
	}
	for _, src := range sources {
		for src.(*source).sess.tap.active.Load() > 0 || !src.(*source).idling.Load() {
			runtime.Gosched()
		}
	}
	cost := (memory() - before) / float64(n)
	cancel()
	waiting.Wait()
	for _, src := range sources {
		src.Close()
	}
	return cost
}
