package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// rawClient speaks just enough IMAP to measure what a server can give: it throws away what it reads.
type rawClient struct {
	conn net.Conn
	r    *bufio.Reader
	tag  int
}

func dialRaw(ctx context.Context, addr, user, password string) (*rawClient, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("dial server: %w", err)
	}
	c := &rawClient{conn: conn, r: bufio.NewReaderSize(conn, 256<<10)}
	if _, err := c.r.ReadSlice('\n'); err != nil {
		return nil, fmt.Errorf("read greeting: %w", err)
	}
	for _, command := range []string{fmt.Sprintf("LOGIN %q %q", user, password), "EXAMINE INBOX"} {
		if _, err := c.run(command); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (c *rawClient) close() { _ = c.conn.Close() }

// run sends one command and reads its answer to the end. It counts the FETCH responses in it.
func (c *rawClient) run(command string) (fetched int, err error) {
	c.tag++
	tag := "a" + strconv.Itoa(c.tag)
	if _, err := io.WriteString(c.conn, tag+" "+command+"\r\n"); err != nil {
		return 0, fmt.Errorf("send command: %w", err)
	}
	atStart := true
	for {
		line, err := c.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return fetched, fmt.Errorf("read answer: %w", err)
		}
		if atStart && bytes.HasPrefix(line, []byte(tag+" ")) {
			if !bytes.HasPrefix(line, []byte(tag+" OK")) {
				return fetched, fmt.Errorf("run %s: %s", strings.Fields(command)[0], bytes.TrimSpace(line))
			}
			return fetched, nil
		}
		if atStart && bytes.HasPrefix(line, []byte("* ")) && bytes.Contains(line[:min(len(line), 32)], []byte(" FETCH ")) {
			fetched++
		}
		n, literal := literalSize(line)
		if literal {
			if _, err := c.r.Discard(n); err != nil {
				return fetched, fmt.Errorf("read literal: %w", err)
			}
		}
		atStart = !literal && err == nil
	}
}

// literalSize reads the {123} at the end of a line.
func literalSize(line []byte) (int, bool) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) == 0 || line[len(line)-1] != '}' {
		return 0, false
	}
	open := bytes.LastIndexByte(line, '{')
	if open < 0 {
		return 0, false
	}
	n, err := strconv.Atoi(string(line[open+1 : len(line)-1]))
	return n, err == nil
}

// readC1 is the limit every reader is compared with: one FETCH for the whole mailbox, bytes thrown away.
func readC1(ctx context.Context, addr, user, password string) (int, error) {
	c, err := dialRaw(ctx, addr, user, password)
	if err != nil {
		return 0, err
	}
	defer c.close()
	return c.run("FETCH 1:* (UID INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[1])")
}

// printC1 is what the bench does when it runs itself as the limit, so that the limit is a process too.
func printC1(ctx context.Context, addr string) error {
	n, err := readC1(ctx, addr, userName, userPassword)
	if err != nil {
		return err
	}
	fmt.Println(n)
	return nil
}

// readOneByOne is the slow way: one command and one round trip a message.
func readOneByOne(ctx context.Context, addr, user, password string, messages int) (int, error) {
	c, err := dialRaw(ctx, addr, user, password)
	if err != nil {
		return 0, err
	}
	defer c.close()
	total := 0
	for i := 1; i <= messages; i++ {
		n, err := c.run(fmt.Sprintf("FETCH %d (UID INTERNALDATE RFC822.SIZE BODYSTRUCTURE BODY.PEEK[HEADER] BODY.PEEK[1])", i))
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
