package gmail

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	gmail "google.golang.org/api/gmail/v1"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/mimeitem"
)

// maxDepth bounds how deep parts are followed.
const maxDepth = 40

// fromParsed makes an item of a message in the parsed form. Text parts come with the answer; those that mailers
// attach, and that are wanted, are asked for one by one.
func (s *source) fromParsed(ctx context.Context, m *gmail.Message, id string, history bool) (got, error) {
	g := s.begin(m, id)
	if g.gone {
		return g, nil
	}
	if m.Payload == nil {
		m.Payload = &gmail.MessagePart{}
	}
	p := parsed{bodies: make(map[*mimeitem.Part]*gmail.MessagePartBody)}
	root := p.part(m.Payload, 0)
	mimeitem.Number(root)
	byPath := make(map[string]*gmail.MessagePartBody, len(p.bodies))
	for part, body := range p.bodies {
		byPath[part.Path] = body
	}
	var bodies []mimeitem.Body
	for _, want := range mimeitem.Plan(root, s.env.Limits.TextBytes) {
		body := byPath[want.Path]
		if body == nil {
			continue
		}
		data, err := s.data(ctx, id, body, history)
		if err != nil {
			return g, err
		}
		cut := int64(len(data)) > want.Size
		if cut {
			data = data[:want.Size]
		}
		bodies = append(bodies, mimeitem.Body{Path: want.Path, Data: data, Cut: cut})
	}
	env := s.envelope(m, id)
	env.Size = m.SizeEstimate
	g.item = mimeitem.FromParts(env, headerBlock(m.Payload.Headers), root, bodies, s.env.Limits.TextBytes)
	return g, nil
}

// data gives the content of a part.
func (s *source) data(ctx context.Context, id string, body *gmail.MessagePartBody, history bool) ([]byte, error) {
	if body.Data == "" && body.AttachmentId != "" {
		err := s.access.Do(ctx, "get part of message", costAttachment, history, func(ctx context.Context) (err error) {
			body, err = s.service.Messages.Attachments.Get(me, id, body.AttachmentId).Context(ctx).Do()
			return err
		})
		if unreadable(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	data, err := decodeBase64(body.Data)
	if err != nil {
		return nil, nil //nolint:nilerr // a part that cannot be decoded is empty
	}
	return data, nil
}

// parsed turns Gmail's parts into ours.
type parsed struct {
	bodies map[*mimeitem.Part]*gmail.MessagePartBody
}

func (p *parsed) part(from *gmail.MessagePart, depth int) *mimeitem.Part {
	part := mimeitem.Describe(headerBlock(from.Headers))
	if from.MimeType != "" {
		part.Type = strings.ToLower(from.MimeType)
	}
	if body := from.Body; body != nil {
		part.Size = transferred(body.Size, part.Encoding)
		p.bodies[part] = body
		if body.Data != "" {
			p.asText(part, body)
		}
	}
	part.Encoding = "8bit" // Gmail has decoded it
	if depth < maxDepth {
		for _, child := range from.Parts {
			if child != nil {
				part.Children = append(part.Children, p.part(child, depth+1))
			}
		}
	}
	if len(from.Parts) > 0 && strings.HasPrefix(part.Type, "message/") && from.Parts[0] != nil {
		part.Subject = headerValue(from.Parts[0].Headers, "Subject")
	}
	return part
}

// asText notices what Gmail did to a text: often it is in UTF-8 whatever its label says.
func (p *parsed) asText(part *mimeitem.Part, body *gmail.MessagePartBody) {
	data, err := decodeBase64(body.Data)
	if err != nil {
		return
	}
	part.Size = int64(len(data))
	if !utf8.Valid(data) || !bytes.ContainsFunc(data, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return
	}
	if part.Params == nil {
		part.Params = make(map[string]string, 1)
	}
	part.Params["charset"] = "utf-8"
}

// transferred guesses how long a part was on its way: base64 in lines of 76.
func transferred(size int64, encoding string) int64 {
	if encoding != "base64" {
		return size
	}
	encoded := (size + 2) / 3 * 4
	return encoded + max(encoded-1, 0)/76*2
}

// headerBlock writes header fields as they stand in a message.
func headerBlock(headers []*gmail.MessagePartHeader) []byte {
	var b bytes.Buffer
	for _, h := range headers {
		if h == nil || h.Name == "" || strings.ContainsAny(h.Name, ": \r\n") {
			continue
		}
		b.WriteString(h.Name)
		b.WriteString(": ")
		b.WriteString(strings.NewReplacer("\r", " ", "\n", " ").Replace(h.Value))
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func headerValue(headers []*gmail.MessagePartHeader, name string) string {
	i := slices.IndexFunc(headers, func(h *gmail.MessagePartHeader) bool { return h != nil && strings.EqualFold(h.Name, name) })
	if i < 0 {
		return ""
	}
	return headers[i].Value
}
