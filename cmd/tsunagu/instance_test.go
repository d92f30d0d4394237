package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors/all"
)

func TestTheExampleLoadsWithTheRealKinds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tsunagu.yaml")
	if err := os.WriteFile(path, config.Example(), 0o600); err != nil {
		t.Fatal(err)
	}
	env := func(name string) (string, bool) { return "hush", name == "SATO_PASSWORD" }
	c, problems := config.Load(path, env, all.Kinds())
	if len(problems) > 0 || len(c.Sources) != 1 {
		t.Fatal(problems)
	}
}

func TestEveryKindHasAUsableDefault(t *testing.T) {
	for name, kind := range all.Kinds() {
		if kind.Name != name || kind.Schedule == "" || kind.NewSettings() == nil {
			t.Errorf("%s: %+v", name, kind)
		}
		if kind.NewSettings() == kind.NewSettings() {
			t.Errorf("%s gives the same settings to two sources", name)
		}
	}
}

func TestSecretsAreSealedAndSurviveRekeying(t *testing.T) {
	in := openTest(t, t.TempDir())
	ctx := t.Context()
	store := in.secrets("sato")
	if got, err := store.Load(ctx, "refresh token"); got != nil || err != nil {
		t.Errorf("before anything was saved: %q, %v", got, err)
	}
	if err := store.Save(ctx, "refresh token", []byte("s3cret")); err != nil {
		t.Fatal(err)
	}
	sealed, err := in.store.GetSealed(ctx, "source/sato/refresh token")
	if err != nil || bytes.Contains(sealed, []byte("s3cret")) {
		t.Errorf("stored as %q, %v", sealed, err)
	}
	if err := (&rekeyCommand{}).Run(&app{ctx: ctx, held: in, stdout: new(bytes.Buffer)}); err != nil {
		t.Fatal(err)
	}
	again, err := in.store.GetSealed(ctx, "source/sato/refresh token")
	if err != nil || bytes.Equal(sealed, again) || !in.box.Load().Current(again) {
		t.Errorf("the record was not sealed anew: %v", err)
	}
	if got, err := store.Load(ctx, "refresh token"); string(got) != "s3cret" || err != nil {
		t.Errorf("after rekeying: %q, %v", got, err)
	}
	if got, err := in.secrets("suzuki").Load(ctx, "refresh token"); got != nil || err != nil {
		t.Errorf("another source reads %q, %v", got, err)
	}
}

func TestKeyFileIsMadeOnlyForAFreshStore(t *testing.T) {
	dir := t.TempDir()
	key, store := filepath.Join(dir, "key"), filepath.Join(dir, storeName)
	if _, err := openBox(key, store); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Remove(key), os.WriteFile(store, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := openBox(key, store); err == nil {
		t.Error("a new key was made for an old store")
	}
	if _, err := os.Stat(key); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a key file was written")
	}
}
