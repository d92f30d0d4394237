package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

const (
	fileFormat  = "tsunagu-key/1"
	rootName    = "key file root"
	maxFileSize = 1 << 20 // thousands of rotations
)

// file is the key file's JSON.
type file struct {
	Format string          `json:"format"`
	Keyset json.RawMessage `json:"keyset"` // Tink's JSON, in clear
	Root   []byte          `json:"root"`   // sealed under the keyset
}

// Create makes a new key file of mode 0600. One that exists is never overwritten: the error is fs.ErrExist.
func Create(path string) (*Box, error) {
	handle, err := keyset.NewHandle(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	root := make([]byte, 32)
	rand.Read(root) // never fails since Go 1.24
	box, err := newBox(handle, root)
	if err != nil {
		return nil, err
	}
	data, err := box.encode()
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create key file: %w", err)
	}
	if err := writeSynced(out, data); err != nil {
		return nil, errors.Join(fmt.Errorf("write key file %s: %w", path, err), os.Remove(path))
	}
	return box, syncDir(path)
}

// Open reads a key file. It refuses one that the group or others may read (ErrExposed) and one that it
// cannot make sense of (ErrInvalid); a missing one is fs.ErrNotExist.
func Open(path string) (*Box, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open key file: %w", err)
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return nil, fmt.Errorf("open key file %s: %w", path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open key file %s: %w", path, ErrInvalid)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("open key file %s: %w (mode %04o, wanted 0600)", path, ErrExposed, info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFileSize))
	if err != nil {
		return nil, fmt.Errorf("read key file %s: %w", path, err)
	}
	box, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("read key file %s: %w", path, err)
	}
	return box, nil
}

// Rotate adds a fresh key to the key file and makes it the one to seal with. The file is replaced in one
// step, so that a crash leaves the old one or the new one. The returned Box opens everything sealed so far.
func Rotate(path string) (*Box, error) {
	old, err := Open(path)
	if err != nil {
		return nil, err
	}
	manager := keyset.NewManagerFromHandle(old.handle)
	id, err := manager.Add(aead.XChaCha20Poly1305KeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return nil, fmt.Errorf("choose key: %w", err)
	}
	handle, err := manager.Handle()
	if err != nil {
		return nil, fmt.Errorf("add key: %w", err)
	}
	box, err := newBox(handle, old.root)
	if err != nil {
		return nil, err
	}
	data, err := box.encode()
	if err != nil {
		return nil, err
	}
	return box, replace(path, data)
}

func (b *Box) encode() ([]byte, error) {
	var keys bytes.Buffer
	if err := insecurecleartextkeyset.Write(b.handle, keyset.NewJSONWriter(&keys)); err != nil {
		return nil, fmt.Errorf("encode keyset: %w", err)
	}
	root, err := b.Seal(rootName, b.root)
	if err != nil {
		return nil, err
	}
	data, err := json.MarshalIndent(file{Format: fileFormat, Keyset: keys.Bytes(), Root: root}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode key file: %w", err)
	}
	return append(data, '\n'), nil
}

func decode(data []byte) (*Box, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil || f.Format != fileFormat {
		return nil, ErrInvalid
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(f.Keyset)))
	if err != nil {
		return nil, ErrInvalid // the cause could quote the keyset
	}
	box, err := newBox(handle, nil)
	if err != nil {
		return nil, ErrInvalid
	}
	if box.root, err = box.Unseal(rootName, f.Root); err != nil {
		return nil, ErrInvalid
	}
	return box, nil
}

func replace(path string, data []byte) error {
	out, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write key file: %w", err)
	}
	err = writeSynced(out, data)
	if err == nil {
		err = os.Rename(out.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("replace key file: %w", err), os.Remove(out.Name()))
	}
	return syncDir(path)
}

func writeSynced(out *os.File, data []byte) error {
	_, err := out.Write(data)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// syncDir makes the name of a new file durable.
func syncDir(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	defer func() { _ = dir.Close() }()
	if err := dir.Sync(); err != nil && !errors.Is(err, fs.ErrInvalid) {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}
