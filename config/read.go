package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode/utf8"
)

// maxFile bounds the configuration file: a thousand sources take about 300 KiB.
const maxFile = 4 << 20

// read gives the file's text and mode, or the one problem why there is none.
func read(path string) ([]byte, fs.FileMode, *Problem) {
	bad := func(what, hint string) ([]byte, fs.FileMode, *Problem) {
		return nil, 0, &Problem{File: path, What: what, Hint: hint}
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return bad("there is no such file", "`tsunagu init` writes one; -c FILE or TSUNAGU_CONFIG names another")
	case errors.Is(err, fs.ErrPermission):
		return bad("the file may not be read by this user", "change its owner or mode")
	case err != nil:
		return bad("the file cannot be opened: "+cause(err), "")
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return bad("the file cannot be read: "+cause(err), "")
	}
	if info.IsDir() {
		return bad("this is a folder, not a file", "name the file in it: "+strings.TrimRight(path, "/")+"/tsunagu.yaml")
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return bad("the file cannot be read: "+cause(err), "")
	}
	if len(data) > maxFile {
		return bad(fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), "is it the right file?")
	}
	data, problem := text(path, data)
	return data, info.Mode(), problem
}

// text checks that data is UTF-8 and takes a byte order mark off.
func text(path string, data []byte) ([]byte, *Problem) {
	if bytes.HasPrefix(data, []byte{0xFE, 0xFF}) || bytes.HasPrefix(data, []byte{0xFF, 0xFE}) {
		return nil, &Problem{File: path, What: "the file is UTF-16", Hint: "save it as UTF-8"}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &Problem{File: path, What: "the file is empty", Hint: "`tsunagu init` in an empty folder writes one to start from"}
	}
	for n, line := range bytes.Split(data, []byte("\n")) {
		if p := badByte(line); p != nil {
			p.File, p.Line = path, n+1
			return nil, p
		}
	}
	return data, nil
}

func badByte(line []byte) *Problem {
	if at := bytes.IndexByte(line, 0); at >= 0 {
		return &Problem{Column: utf8.RuneCount(line[:at]) + 1, What: "the file holds a NUL byte", Hint: "is it a text file?"}
	}
	for at := 0; at < len(line); {
		r, size := utf8.DecodeRune(line[at:])
		if r == utf8.RuneError && size == 1 {
			return &Problem{Column: utf8.RuneCount(line[:at]) + 1, What: "the file is not UTF-8", Hint: "save it as UTF-8; is it Shift_JIS?"}
		}
		at += size
	}
	return nil
}

// cause is an error of the operating system without the path, which the message names already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
