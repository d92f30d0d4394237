package mimeitem

import (
	"bytes"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// messageIDs reads the ids of an In-Reply-To or References value, oldest first. Of more than limit the first
// one, which names the conversation, and the last ones are kept. Text around the ids is skipped; a value
// without angle brackets is read as ids between spaces.
func messageIDs(v []byte, limit int) []string {
	if len(v) == 0 {
		return nil
	}
	out := make([]string, 0, min(bytes.Count(v, []byte{'@'}), limit+1)+1)
	add := func(raw []byte) {
		id := cutString(cleanLine(crm.NormalizeMessageID(string(raw))), maxMessageID)
		if id == "" {
			return
		}
		if len(out) == limit {
			copy(out[1:], out[2:])
			out = out[:limit-1]
		}
		out = append(out, id)
	}
	if bytes.IndexByte(v, '<') < 0 {
		for _, word := range bytes.Fields(v) {
			if bytes.IndexByte(word, '@') > 0 {
				add(word)
			}
		}
		return out
	}
	for {
		start := bytes.IndexByte(v, '<')
		if start < 0 {
			return out
		}
		v = v[start+1:]
		end := bytes.IndexAny(v, "><")
		if end < 0 {
			add(v)
			return out
		}
		add(v[:end])
		v = v[end:]
	}
}
