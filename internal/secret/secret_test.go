package secret_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/internal/secret"
)

func newFile(t *testing.T) (string, *secret.Box) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tsunagu.key")
	box, err := secret.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, box
}

func TestSealedRecordOpensOnlyUnderItsNameAndKey(t *testing.T) {
	path, box := newFile(t)
	_, stranger := newFile(t)
	sealed, err := box.Seal("source/sato/token", []byte("s3cret"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("s3cret")) {
		t.Fatal("the sealed record shows its content")
	}
	again, err := secret.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, c := range map[string]struct {
		box    *secret.Box
		record string
		sealed []byte
		want   string
		err    error
	}{
		"same file, same name": {again, "source/sato/token", sealed, "s3cret", nil},
		"another name":         {again, "source/suzuki/token", sealed, "", secret.ErrUnseal},
		"another key file":     {stranger, "source/sato/token", sealed, "", secret.ErrUnseal},
		"changed bytes":        {again, "source/sato/token", flipped, "", secret.ErrUnseal},
		"nothing":              {again, "source/sato/token", nil, "", secret.ErrUnseal},
	} {
		t.Run(name, func(t *testing.T) {
			plain, err := c.box.Unseal(c.record, c.sealed)
			if string(plain) != c.want || !errors.Is(err, c.err) {
				t.Errorf("got %q, %v; want %q, %v", plain, err, c.want, c.err)
			}
		})
	}
}

func TestRotateKeepsOldRecordsAndDerivedKeys(t *testing.T) {
	path, old := newFile(t)
	sealed, err := old.Seal("a", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	rotated, err := secret.Rotate(path)
	if err != nil {
		t.Fatal(err)
	}
	reopened, err := secret.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if !old.Current(sealed) || rotated.Current(sealed) {
		t.Errorf("Current: before %v, after %v; want true, false", old.Current(sealed), rotated.Current(sealed))
	}
	if plain, err := reopened.Unseal("a", sealed); err != nil || string(plain) != "x" {
		t.Errorf("a record sealed before the rotation: %q, %v", plain, err)
	}
	fresh, err := rotated.Seal("a", []byte("x"))
	if err != nil || !reopened.Current(fresh) {
		t.Errorf("a record sealed after the rotation is current: %v, %v", reopened.Current(fresh), err)
	}
	before, _ := old.Derive("pending hashes")
	after, _ := reopened.Derive("pending hashes")
	other, _ := reopened.Derive("sessions")
	if !bytes.Equal(before, after) || bytes.Equal(after, other) || len(after) != 32 {
		t.Errorf("derived keys: stable %v, by purpose %v, %d bytes", bytes.Equal(before, after), !bytes.Equal(after, other), len(after))
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode after rotation: %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".key-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	path, _ := newFile(t)
	before, _ := os.ReadFile(path)
	if _, err := secret.Create(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want fs.ErrExist", err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
}

func TestOpenRefuses(t *testing.T) {
	good, _ := newFile(t)
	data, _ := os.ReadFile(good)
	for name, c := range map[string]struct {
		content string
		mode    fs.FileMode
		want    error
	}{
		"readable by the group": {string(data), 0o640, secret.ErrExposed},
		"readable by all":       {string(data), 0o604, secret.ErrExposed},
		"empty":                 {"", 0o600, secret.ErrInvalid},
		"other JSON":            {`{"format":"x"}`, 0o600, secret.ErrInvalid},
		"cut off":               {string(data[:len(data)/2]), 0o600, secret.ErrInvalid},
		"keyset without keys":   {`{"format":"tsunagu-key/1","keyset":{"primaryKeyId":1,"key":[]},"root":""}`, 0o600, secret.ErrInvalid},
		"root of another file":  {strings.Replace(string(data), `"root": "A`, `"root": "B`, 1), 0o600, secret.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "k")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			if _, err := secret.Open(path); !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
	if _, err := secret.Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if _, err := secret.Open(t.TempDir()); err == nil {
		t.Error("a folder was accepted")
	}
}

func TestBoxPrintsNothing(t *testing.T) {
	_, box := newFile(t)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(format, box); got != "(secret)" {
			t.Errorf("%s prints %q", format, got)
		}
	}
}
