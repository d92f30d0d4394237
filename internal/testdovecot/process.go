package testdovecot

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// errMissing says what to do when Dovecot is not there.
var errMissing = errors.New("dovecot is not installed: run scripts/install-test-deps")

// lookPath finds a program; the folders of system daemons are not on every user's PATH.
func lookPath(name string) (string, error) {
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/bin/" + name, "/usr/local/sbin/" + name} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path, nil
		}
	}
	return "", errMissing
}

func dovecotPath() (string, error) { return lookPath("dovecot") }

// process is one run of Dovecot's master process, which ends its children when it ends.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{} // closed when the master has ended
	err   error         // of Wait; read after ended
}

func startProcess(l layout, a account) (*process, error) {
	path, err := dovecotPath()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(path, "-F", "-c", l.config()), ended: make(chan struct{})}
	p.cmd.Dir = l.dir
	p.cmd.SysProcAttr = a.attributes()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start process: %w", err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// awaitGreeting returns once the server greets an IMAP client.
func (p *process) awaitGreeting(addr string, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	retry := time.NewTicker(15 * time.Millisecond)
	defer retry.Stop()
	for {
		if greets(addr) {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("await greeting: none within %s", limit)
		}
		select {
		case <-p.ended:
			return fmt.Errorf("await greeting: dovecot ended: %w", p.err)
		case <-retry.C:
		}
	}
}

func greets(addr string) bool {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	line, err := bufio.NewReader(conn).ReadString('\n') // to its end, so that closing does not reset the connection
	return err == nil && strings.HasPrefix(line, "* OK")
}

// stop asks the master to end, and after ten seconds kills it with all its children.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		<-p.ended // it had ended by itself
		return nil
	}
	kill := time.NewTimer(10 * time.Second)
	defer kill.Stop()
	select {
	case <-p.ended:
	case <-kill.C:
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // the master leads a process group of its own
		<-p.ended
		return errors.New("stop dovecot: it had to be killed")
	}
	return nil
}

// freePorts finds ports that nobody listens on at this moment.
func freePorts() (ports, error) {
	var found [3]int
	for i := range found {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return ports{}, fmt.Errorf("find free port: %w", err)
		}
		defer l.Close() // all are held until all are found, so that they differ
		found[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports{IMAP: found[0], IMAPS: found[1], LMTP: found[2]}, nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
