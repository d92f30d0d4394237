package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/japanese"

	"github.com/tsunagu-crm/tsunagu/cmd/tsunagu/sample"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tsunagu": main})
}

// TestScripts drives the real program from outside. Each script finds a mail server with the demo's mail at
// $IMAP, one whose certificate has expired at $EXPIRED (its CA is ca.pem), and a port in use at $BUSY.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: os.Getenv("UPDATE_SCRIPTS") != "",
		Setup:         setup,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits, "sums": sums, "shiftjis": shiftJIS, "await": await, "expand": expand,
		},
	})
}

func setup(env *testscript.Env) error {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		return err
	}
	server, err := sample.Start(time.Now(), zone, 0)
	if err != nil {
		return err
	}
	env.Defer(func() { server.Close() })
	expired, err := expiredServer(filepath.Join(env.WorkDir, "ca.pem"))
	if err != nil {
		return err
	}
	env.Defer(func() { expired.Close() })
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	env.Defer(func() { busy.Close() })
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	free.Close()
	env.Setenv("IMAP", server.Addr)
	env.Setenv("EXPIRED", expired.Addr().String())
	env.Setenv("BUSY", busy.Addr().String())
	env.Setenv("BUSYPORT", strconv.Itoa(busy.Addr().(*net.TCPAddr).Port))
	env.Setenv("FREE", free.Addr().String())
	env.Setenv("LANG", "en_US.UTF-8")
	env.Setenv("LC_ALL", "")
	return nil
}

// expiredServer speaks TLS with a certificate of yesterday.
func expiredServer(caFile string) (net.Listener, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().AddDate(0, 0, -10), NotAfter: time.Now().AddDate(0, 0, -1), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644); err != nil {
		return nil, err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				fmt.Fprint(conn, "* OK ready\r\n")
			}()
		}
	}()
	return l, nil
}

// exits runs a program and wants an exit code: "exits 2 tsunagu frobnicate".
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// sums wants that in the table just printed seen = logged + excluded + unmatched + waiting + failed in every
// row, and that the total is the sum of the rows.
func sums(ts *testscript.TestScript, _ bool, _ []string) {
	var total [6]int
	rows := 0
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		f := strings.Fields(line)
		if len(f) != 7 || f[0] == "source" {
			continue
		}
		var n [6]int
		for i := range n {
			var err error
			if n[i], err = strconv.Atoi(f[i+1]); err != nil {
				ts.Fatalf("%s: %v", line, err)
			}
		}
		if n[0] != n[1]+n[2]+n[3]+n[4]+n[5] {
			ts.Fatalf("the row does not add up: %s", line)
		}
		if f[0] == "total" {
			if n != total || rows == 0 || n[0] == 0 {
				ts.Fatalf("the total is %v, the rows add up to %v", n, total)
			}
			return
		}
		rows++
		for i := range n {
			total[i] += n[i]
		}
	}
	ts.Fatalf("there is no total")
}

// shiftJIS turns a file into Shift_JIS: "shiftjis FROM TO".
func shiftJIS(ts *testscript.TestScript, _ bool, args []string) {
	text, err := japanese.ShiftJIS.NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}

// expand puts the script's variables into a file: "expand FILE".
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, file := range args {
		text := os.Expand(ts.ReadFile(file), func(name string) string {
			if v := ts.Getenv(name); v != "" {
				return v
			}
			return "${" + name + "}"
		})
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
		ts.Check(os.Chmod(ts.MkAbs(file), 0o600)) // it was there already
	}
}

// await runs a program until it succeeds, for at most 20 seconds: "await curl …".
func await(ts *testscript.TestScript, _ bool, args []string) {
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if err = ts.Exec(args[0], args[1:]...); err == nil {
			return
		}
	}
	ts.Fatalf("%s never succeeded: %v", strings.Join(args, " "), err)
}
