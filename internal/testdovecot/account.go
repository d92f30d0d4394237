package testdovecot

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// account is the system account that Dovecot runs as. Dovecot refuses to open mail as root and to run its
// login processes as root, so that root's servers run as nobody, and nobody owns their files.
type account struct {
	user, group string
	uid, gid    int
	switched    bool // it is not the account that the test runs as
}

func lookUpAccount() (account, error) {
	u, err := user.Current()
	if err != nil {
		return account{}, fmt.Errorf("look up account: %w", err)
	}
	switched := u.Uid == "0"
	if switched {
		if u, err = user.Lookup("nobody"); err != nil {
			return account{}, fmt.Errorf("look up account: %w", err)
		}
	}
	group, err := user.LookupGroupId(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("look up group: %w", err)
	}
	a := account{user: u.Username, group: group.Name, switched: switched}
	if a.uid, err = strconv.Atoi(u.Uid); err != nil {
		return account{}, fmt.Errorf("read user id: %w", err)
	}
	if a.gid, err = strconv.Atoi(u.Gid); err != nil {
		return account{}, fmt.Errorf("read group id: %w", err)
	}
	return a, nil
}

// attributes are those of a process that runs as the account.
func (a account) attributes() *syscall.SysProcAttr {
	attr := processAttributes()
	if a.switched {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// writeFile writes a file that belongs to the account.
func (a account) writeFile(path string, data []byte) error {
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return err
	}
	return a.own(path)
}

// makeDir makes one directory that belongs to the account; it may exist.
func (a account) makeDir(path string) error {
	if err := os.Mkdir(path, 0o755); err != nil && !os.IsExist(err) {
		return err
	}
	return a.own(path)
}

func (a account) own(path string) error {
	if !a.switched {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}
