package testdovecot

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// AddUser adds an account. It has INBOX, Sent, Drafts, Junk, Trash, 送信済み and 送信済み/お客様; all but
// INBOX and the Japanese ones carry their special use (RFC 6154).
func (b *Bare) AddUser(name, password string) error {
	if strings.ContainsAny(name+password, ":\n") {
		return errors.New("add user: a name or password with a colon or a line break cannot be stored")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	f, err := os.OpenFile(b.layout.users(), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("add user: %w", err)
	}
	if _, err := fmt.Fprintf(f, "%s:{PLAIN}%s::::::\n", strings.ToLower(name), password); err != nil {
		_ = f.Close()
		return fmt.Errorf("add user: %w", err)
	}
	b.passwords[strings.ToLower(name)] = password
	return f.Close()
}

// ChangePassword gives an account another password. Whoever is signed in stays so until Restart.
func (b *Bare) ChangePassword(name, password string) error {
	if strings.ContainsAny(password, ":\n") {
		return errors.New("change password: one with a colon or a line break cannot be stored")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	name = strings.ToLower(name)
	before, known := b.passwords[name]
	if !known {
		return fmt.Errorf("change password: there is no account %s", name)
	}
	raw, err := os.ReadFile(b.layout.users())
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	text := strings.Replace(string(raw), fmt.Sprintf("%s:{PLAIN}%s:", name, before), fmt.Sprintf("%s:{PLAIN}%s:", name, password), 1)
	if err := os.WriteFile(b.layout.users(), []byte(text), 0o600); err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	b.passwords[name] = password
	return nil
}

// Append puts a message into a folder by IMAP APPEND, byte for byte. A zero date means now; the folder is
// made if it is not there.
func (b *Bare) Append(name, folder string, raw []byte, date time.Time, flags ...string) (err error) {
	c, err := b.signIn(name)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := c.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("close connection: %w", cerr)
		}
	}()
	if err := c.Create(folder, nil).Wait(); err != nil && !alreadyExists(err) {
		return fmt.Errorf("create folder %s: %w", folder, err)
	}
	options := &imap.AppendOptions{Time: date}
	for _, f := range flags {
		options.Flags = append(options.Flags, imap.Flag(f))
	}
	cmd := c.Append(folder, int64(len(raw)), options)
	if _, err := cmd.Write(raw); err != nil {
		return fmt.Errorf("append message: %w", err)
	}
	if err := cmd.Close(); err != nil {
		return fmt.Errorf("append message: %w", err)
	}
	if _, err := cmd.Wait(); err != nil {
		return fmt.Errorf("append message: %w", err)
	}
	return nil
}

func (b *Bare) signIn(name string) (*imapclient.Client, error) {
	b.mu.Lock()
	password, ok := b.passwords[strings.ToLower(name)]
	b.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("sign in: no user %s", name)
	}
	c, err := imapclient.DialInsecure(b.Addr, nil)
	if err != nil {
		return nil, fmt.Errorf("dial imap: %w", err)
	}
	if err := c.Login(name, password).Wait(); err != nil {
		_ = c.Close()
		return nil, fmt.Errorf("sign in %s: %w", name, err)
	}
	return c, nil
}

// alreadyExists recognises the answer to CREATE for a folder that is there, INBOX among them.
func alreadyExists(err error) bool {
	var e *imap.Error
	return errors.As(err, &e) && (e.Code == imap.ResponseCodeAlreadyExists || e.Code == imap.ResponseCodeCannot)
}
