package mimeitem

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// update writes testdata anew; look at the difference before it is kept.
var update = flag.Bool("update", false, "write testdata/*.eml and *.golden")

func TestGolden(t *testing.T) {
	for name, mail := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			base := filepath.Join("testdata", name)
			got := golden(t, FromRaw(Envelope{ExternalID: name, Folder: "INBOX"}, []byte(mail), 0))
			if *update {
				writeFile(t, base+".eml", []byte(mail))
				writeFile(t, base+".golden", got)
			}
			if kept := readFile(t, base+".eml"); !bytes.Equal(kept, []byte(mail)) {
				t.Errorf("%s.eml is not what fixtures gives", base)
			}
			if diff := cmp.Diff(string(readFile(t, base+".golden")), string(got)); diff != "" {
				t.Errorf("item (-want +got):\n%s", diff)
			}
		})
	}
}

func golden(t *testing.T, item connectors.Item) []byte {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(item); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestPartsEqualRaw holds what sources rely on: a mail gives one item however it was read.
func TestPartsEqualRaw(t *testing.T) {
	mails := fixtures(t)
	mails["typical"], mails["html"] = string(typicalMail(t)), string(htmlMail())
	for name, mail := range mails {
		for _, limit := range []int64{0, 40} {
			t.Run(name, func(t *testing.T) {
				raw := skipMboxLine([]byte(mail))
				env := Envelope{ExternalID: name, Received: time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC), Size: sizeWithCRLF(raw)}
				header, root, bodies := parts(raw, limit)
				if diff := cmp.Diff(FromRaw(env, raw, limit), FromParts(env, header, root, bodies, limit)); diff != "" {
					t.Errorf("raw and parts differ (-raw +parts):\n%s", diff)
				}
			})
		}
	}
}
