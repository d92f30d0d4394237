package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// sealedNames is the record that lists the names of all sealed records, so that rekey finds them.
const sealedNames = "names"

// sourceSecrets keeps what one source obtained, sealed, in the store.
type sourceSecrets struct {
	in     *instance
	source string
}

func (in *instance) secrets(source string) connectors.Secrets { return sourceSecrets{in, source} }

func (s sourceSecrets) record(name string) string { return "source/" + s.source + "/" + name }

// Load gives a secret that was saved, nil if there is none.
func (s sourceSecrets) Load(ctx context.Context, name string) ([]byte, error) {
	return s.in.unsealed(ctx, s.record(name))
}

// Save seals a secret and stores it.
func (s sourceSecrets) Save(ctx context.Context, name string, secret []byte) error {
	return s.in.saveSealed(ctx, s.record(name), secret)
}

// saveSealed seals a record and stores it, and has its name in the list of all.
func (in *instance) saveSealed(ctx context.Context, record string, plain []byte) error {
	in.sealing.Lock()
	defer in.sealing.Unlock()
	names, err := in.sealed(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(names, record) {
		if err := in.saveNames(ctx, append(names, record)); err != nil {
			return err
		}
	}
	return in.seal(ctx, record, plain)
}

// dropSealed deletes a record and takes its name off the list, in this order: a name without a record does no harm.
func (in *instance) dropSealed(ctx context.Context, record string) error {
	in.sealing.Lock()
	defer in.sealing.Unlock()
	if err := in.store.DeleteSealed(ctx, record); err != nil {
		return err
	}
	names, err := in.sealed(ctx)
	if err != nil {
		return err
	}
	return in.saveNames(ctx, slices.DeleteFunc(names, func(name string) bool { return name == record }))
}

func (in *instance) saveNames(ctx context.Context, names []string) error {
	list, err := json.Marshal(names)
	if err != nil {
		return fmt.Errorf("list sealed records: %w", err)
	}
	return in.seal(ctx, sealedNames, list)
}

// sealed lists the names of the sealed records.
func (in *instance) sealed(ctx context.Context) ([]string, error) {
	list, err := in.unsealed(ctx, sealedNames)
	if err != nil || list == nil {
		return nil, err
	}
	var names []string
	if err := json.Unmarshal(list, &names); err != nil {
		return nil, fmt.Errorf("list sealed records: %w", err)
	}
	return names, nil
}

func (in *instance) seal(ctx context.Context, record string, plain []byte) error {
	ciphertext, err := in.box.Load().Seal(record, plain)
	if err != nil {
		return err
	}
	if err := in.store.PutSealed(ctx, record, ciphertext); err != nil {
		return fmt.Errorf("store %s: %w", record, err)
	}
	return nil
}

func (in *instance) unsealed(ctx context.Context, record string) ([]byte, error) {
	ciphertext, err := in.store.GetSealed(ctx, record)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", record, err)
	}
	return in.box.Load().Unseal(record, ciphertext)
}
