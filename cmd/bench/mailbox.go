package main

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"

	"github.com/tsunagu-crm/tsunagu/internal/mailgen"
	"github.com/tsunagu-crm/tsunagu/internal/testdovecot"
)

const (
	userName     = "sato@example.co.jp"
	userPassword = "secret"
	corpusSeed   = 20261121
)

// mailbox is a Dovecot with a generated INBOX.
type mailbox struct {
	server *testdovecot.Bare
}

func (b *bench) newMailbox(ctx context.Context) (*mailbox, error) {
	server, err := testdovecot.StartBare("")
	if err != nil {
		return nil, fmt.Errorf("start Dovecot: %w", err)
	}
	box := &mailbox{server: server}
	if err := server.AddUser(userName, userPassword); err != nil {
		box.close()
		return nil, err
	}
	if _, err := server.Fill(userName, "INBOX", messages(b.mails)); err != nil {
		box.close()
		return nil, err
	}
	if _, err := readC1(ctx, server.Addr, userName, userPassword); err != nil { // warms the server's index
		box.close()
		return nil, err
	}
	return box, nil
}

// messages are the first n generated mails, whichever folder they would belong to.
func messages(n int) iter.Seq[testdovecot.Message] {
	return func(yield func(testdovecot.Message) bool) {
		for mail := range mailgen.Generate(corpusSeed, n) {
			if !yield(testdovecot.Message{Raw: mail.Raw, Date: mail.Date}) {
				return
			}
		}
	}
}

func (m *mailbox) addr() string { return m.server.Addr }

func (m *mailbox) close() { _ = m.server.Close() }

// forgetIndex makes the server read the messages again to answer for their structure. The list of UIDs stays.
func (m *mailbox) forgetIndex() error {
	files, err := filepath.Glob(filepath.Join(m.server.MailDir(userName), "dovecot.index*"))
	if err != nil {
		return fmt.Errorf("forget index: %w", err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("forget index: %w", err)
		}
	}
	return nil
}
