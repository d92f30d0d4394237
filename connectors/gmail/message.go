package gmail

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	gmail "google.golang.org/api/gmail/v1"
	lib "google.golang.org/api/googleapi"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// Bounds of answers, bytes.
const (
	wholeLimit  = 3 << 20  // of a message asked for whole; what is larger is asked for in the parsed form
	answerLimit = 24 << 20 // of any other answer
)

// got is a message as it was found.
type got struct {
	id     string
	gone   bool // it is not there, or it may not be read
	labels []string
	at     time.Time
	item   connectors.Item
	poison error // why it could not be read, if that is its own fault
}

// size is about how much memory the item takes, bytes.
func (g *got) size() int64 {
	size := int64(1 << 10)
	if m := g.item.Message; m != nil {
		size += int64(len(m.Text) + len(m.FullText))
	}
	return size
}

// get reads one message. With peek its labels are looked at before anything else of it.
func (s *source) get(ctx context.Context, id string, history, peek bool) (got, error) {
	g := got{id: id, gone: true}
	if !validID(id) {
		return g, nil
	}
	if peek && len(s.labels.exclude) > 0 {
		m, err := s.ask(ctx, s.service, id, "minimal", "id,labelIds", history)
		if m == nil || err != nil || !s.labels.open(m.LabelIds) {
			return g, err
		}
	}
	m, err := s.ask(ctx, s.whole, id, "raw", "id,labelIds,internalDate,sizeEstimate,raw", history)
	if m != nil {
		return s.fromWhole(m, id), nil
	}
	if !unreadable(err) {
		return g, err
	}
	m, fullErr := s.ask(ctx, s.service, id, "full", "", history)
	switch {
	case m != nil:
		return s.fromParsed(ctx, m, id, history)
	case unreadable(fullErr):
		g.gone, g.poison = false, fullErr
		g.item = connectors.Item{ExternalID: id, Kind: crm.KindEmail, Err: fullErr}
		return g, nil
	}
	return g, fullErr
}

// ask makes one call for a message; nil without an error if it is gone.
func (s *source) ask(ctx context.Context, service *gmail.UsersService, id, format, fields string, history bool) (m *gmail.Message, err error) {
	err = s.access.Do(ctx, "get message", costGet, history, func(ctx context.Context) (err error) {
		call := service.Messages.Get(me, id).Format(format)
		if fields != "" {
			call.Fields(lib.Field(fields))
		}
		m, err = call.Context(ctx).Do()
		return err
	})
	if err == nil && m.Id == "" {
		return nil, googleapi.Misshapen("get message", "id")
	}
	if err == nil {
		return m, nil
	}
	if googleapi.Status(err) == http.StatusNotFound || googleapi.Refused(err, http.StatusBadRequest, "invalidArgument", "badRequest", "invalid") {
		return nil, nil
	}
	return nil, err
}

// unreadable says whether an error is about the message: too large, senseless, or the server stumbles over it.
func unreadable(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.Is(err, googleapi.ErrTooLarge) || errors.As(err, &syntax) || errors.As(err, &kind) || googleapi.Odd(err) ||
		googleapi.Status(err) == http.StatusInternalServerError
}

// fromWhole makes an item of a whole message.
func (s *source) fromWhole(m *gmail.Message, id string) got {
	g := s.begin(m, id)
	if g.gone {
		return g
	}
	raw, err := decodeBase64(m.Raw)
	if err != nil {
		g.item.Err = fmt.Errorf("decode message: %w", err)
		return g
	}
	m.Raw = ""
	g.item = mimeitem.FromRaw(s.envelope(m, id), raw, s.env.Limits.TextBytes)
	return g
}

// begin looks at what does not depend on the form.
func (s *source) begin(m *gmail.Message, id string) got {
	g := got{id: id, labels: m.LabelIds, at: internalDate(m), gone: !s.labels.open(m.LabelIds)}
	g.item = connectors.Item{ExternalID: id, Kind: crm.KindEmail, Folder: s.labels.folder(m.LabelIds), Received: g.at, Size: m.SizeEstimate}
	return g
}

func (s *source) envelope(m *gmail.Message, id string) mimeitem.Envelope {
	return mimeitem.Envelope{ExternalID: id, Folder: s.labels.folder(m.LabelIds), Received: time.UnixMilli(m.InternalDate).UTC()}
}

// internalDate is when Gmail got a message; 1970 if it says that this was in a year in which there is no mail.
func internalDate(m *gmail.Message) time.Time {
	t := time.UnixMilli(m.InternalDate).UTC()
	if !mimeitem.CanBe(t) {
		return time.Unix(0, 0).UTC()
	}
	return t
}

// decodeBase64 reads the alphabet for URLs, with padding or without (RFC 4648 section 5).
func decodeBase64(text string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
}

// validID says whether text can be a message's id.
func validID(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}
