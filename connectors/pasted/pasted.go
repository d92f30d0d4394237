// Package pasted reads one item that somebody pasted into a page: the source text of a mail, or what a person copied of one
// (From:, To:, Subject:, an empty line, the words), or the answers of a form, one "question: answer" a line.
package pasted

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// MaxText bounds what may be pasted, in bytes; maxAnswers the answers of a form.
const (
	MaxText    = 256 << 10
	maxAnswers = 200
)

// ErrUnreadable means that what was pasted is neither.
var ErrUnreadable = errors.New("what was pasted cannot be read")

// externalID names the item; nothing of it is stored.
const externalID = "pasted"

// Mail reads a mail. Without a date it is of now.
func Mail(text string, now time.Time) (connectors.Item, error) {
	if len(text) > MaxText {
		return connectors.Item{}, fmt.Errorf("read pasted mail of %d bytes: %w", len(text), ErrUnreadable)
	}
	raw := bytes.TrimLeft([]byte(text), "\uFEFF \t\r\n")
	item := mimeitem.FromRaw(mimeitem.Envelope{ExternalID: externalID, Received: now}, raw, MaxText)
	if item.Err != nil || item.Message == nil || len(item.Message.From) == 0 {
		return connectors.Item{}, fmt.Errorf("read pasted mail: it has no line From: %w", ErrUnreadable)
	}
	if item.Message.Date.IsZero() {
		item.Message.Date = now.UTC()
	}
	if item.Key == "" {
		item.Key = crm.Key(crm.DerivedID("pasted", text))
	}
	return item, nil
}

// Form reads the answers of a form.
func Form(form, text string, now time.Time) (connectors.Item, error) {
	if len(text) > MaxText {
		return connectors.Item{}, fmt.Errorf("read pasted answers of %d bytes: %w", len(text), ErrUnreadable)
	}
	sub := &crm.Submission{ID: crm.DerivedID("pasted", form, text), Form: form, At: now.UTC(), State: crm.SubmissionAccepted, Version: 1}
	for line := range strings.Lines(strings.ReplaceAll(text, "：", ":")) {
		line = strings.TrimSpace(line)
		label, value, ok := strings.Cut(line, ":")
		label, value = strings.TrimSpace(label), strings.TrimSpace(value)
		last := len(sub.Fields) - 1
		switch {
		case line == "":
		case ok && label != "" && !strings.HasPrefix(value, "//") && len(sub.Fields) < maxAnswers:
			sub.Fields = append(sub.Fields, crm.FormField{Name: label, Label: label, Values: []string{value}})
		case last >= 0: // the answer goes on
			sub.Fields[last].Values[0] = strings.TrimSpace(sub.Fields[last].Values[0] + "\n" + line)
		}
	}
	if len(sub.Fields) == 0 {
		return connectors.Item{}, fmt.Errorf("read pasted answers: no line is “question: answer”: %w", ErrUnreadable)
	}
	return connectors.Item{ExternalID: externalID, Key: crm.SubmissionKey(*sub), Kind: crm.KindForm, Received: now.UTC(), Submission: sub}, nil
}
