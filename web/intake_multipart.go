package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// parseMultipart reads multipart/form-data (RFC 7578). Of a file its name and size are kept, not its bytes.
func (a *arrival) parseMultipart(body []byte, boundary string) error {
	broken := &intakeError{status: http.StatusBadRequest, key: "intake.broken"}
	if boundary == "" {
		return broken
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken
		case n >= maxFields:
			return &intakeError{status: http.StatusRequestEntityTooLarge, key: "intake.too_many_fields"}
		}
		name := part.FormName()
		if file, sent := fileName(part); sent {
			size, err := io.Copy(io.Discard, part)
			if err != nil {
				return broken
			}
			if file == "" && size == 0 {
				continue // nothing was chosen
			}
			err = a.add(name, file+" ("+strconv.FormatInt(size, 10)+" bytes)")
			if err != nil {
				return err
			}
			continue
		}
		value, err := io.ReadAll(io.LimitReader(part, maxFieldValue+1))
		if err != nil {
			return broken
		}
		if err := a.add(name, string(value)); err != nil {
			return err
		}
	}
}

// fileName is the name of a part's file without its folder; sent is false for a part that is no file.
func fileName(part *multipart.Part) (name string, sent bool) {
	header := part.Header.Get("Content-Disposition")
	name = part.FileName()
	if name == "" && !strings.Contains(strings.ToLower(header), "filename") {
		return "", false
	}
	if at := strings.LastIndexAny(name, `/\`); at >= 0 {
		// The second byte of a Shift_JIS character may look like a backslash; what is cut off then is the
		// start of a name.
		name = name[at+1:]
	}
	return name, true
}
