package gmail

import (
	"context"
	"slices"
	"strings"
	"time"

	gmail "google.golang.org/api/gmail/v1"
	lib "google.golang.org/api/googleapi"

	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// labelsAge is how long a list of labels is believed, unless a message has one that is not on it.
const labelsAge = time.Hour

// labels are a mailbox's labels and what the settings make of them.
type labels struct {
	listed  time.Time
	names   map[string]string // of the labels made by the user, by id
	exclude []string          // ids
	include []string          // ids; with choosy set, only these
	choosy  bool
}

// hidden are the system labels of what is no mail that was sent or received for good.
func hidden() []string { return []string{"DRAFT", "SPAM", "TRASH"} }

// knowLabels lists the labels, if they are not known or too old to be believed.
func (s *source) knowLabels(ctx context.Context, history bool) error {
	if s.labels != nil && s.now().Sub(s.labels.listed) < labelsAge {
		return nil
	}
	if err := s.open(ctx); err != nil {
		return err
	}
	var list *gmail.ListLabelsResponse
	const op = "list labels"
	err := s.access.Do(ctx, op, costLabels, history, func(ctx context.Context) (err error) {
		list, err = s.service.Labels.List(me).Fields(lib.Field("labels(id,name,type)")).Context(ctx).Do()
		return err
	})
	if err != nil {
		return err
	}
	if len(list.Labels) == 0 {
		return googleapi.Misshapen(op, "labels") // every mailbox has those of the system
	}
	known := &labels{listed: s.now(), names: make(map[string]string), choosy: len(s.settings.Labels.Include) > 0}
	for _, l := range list.Labels {
		if l == nil {
			continue
		}
		if l.Type != "system" {
			known.names[l.Id] = l.Name
		}
		if among(l, s.settings.Labels.Exclude) {
			known.exclude = append(known.exclude, l.Id)
		}
		if among(l, s.settings.Labels.Include) {
			known.include = append(known.include, l.Id)
		}
	}
	s.labels = known
	return nil
}

// among says whether a label is one of those named, or nested below one.
func among(l *gmail.Label, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		name = strings.ToLower(strings.Trim(strings.TrimSpace(name), "/"))
		own := strings.ToLower(l.Name)
		return own == name || strings.HasPrefix(own, name+"/") || strings.EqualFold(l.Id, name) && l.Type == "system"
	})
}

// unknown says whether one of these ids is a label that is not on the list.
func (l *labels) unknown(ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return strings.HasPrefix(id, "Label_") && l.names[id] == "" })
}

// open says whether a message with these labels may be read at all.
func (l *labels) open(ids []string) bool {
	return !overlap(ids, hidden()) && !overlap(ids, l.exclude)
}

// chosen says whether a message with these labels is part of the source.
func (l *labels) chosen(ids []string) bool {
	return l.open(ids) && (!l.choosy || overlap(ids, l.include))
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(id string) bool { return slices.Contains(b, id) })
}

// folder is where a person would look for a message with these labels.
func (l *labels) folder(ids []string) string {
	var own []string
	for _, id := range ids {
		if name := l.names[id]; name != "" {
			own = append(own, name)
		}
	}
	switch {
	case len(own) > 0:
		return slices.Min(own)
	case slices.Contains(ids, "SENT"):
		return "SENT"
	case slices.Contains(ids, "INBOX"):
		return "INBOX"
	}
	return "All Mail"
}
