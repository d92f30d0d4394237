package imap

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Probe signs in and tells what there is to read.
func (s *source) Probe(ctx context.Context) (connectors.Report, error) {
	report := connectors.Report{}
	v, err := s.look(ctx, position{})
	if err != nil {
		return report, err
	}
	since, err := sinceDay(s.settings.Since, s.now())
	if err != nil {
		return report, &connectors.Fault{Kind: connectors.Permanent, Op: "read setting since", Err: err}
	}
	sess := s.sess
	protection := map[string]string{tlsImplicit: "with TLS", tlsStart: "with STARTTLS", tlsNone: "without TLS"}[s.settings.TLS]
	report.Lines = append(report.Lines,
		fmt.Sprintf("Connected to %s %s, signed in as %s (%s).", s.settings.Addr, protection, s.settings.Username, sess.how))
	for _, name := range v.names {
		if err := v.refused[name]; err != nil {
			report.Lines = append(report.Lines, fmt.Sprintf("Folder %s cannot be read: %v.", name, err))
			continue
		}
		uids, err := s.within(ctx, name, since)
		if err != nil {
			return report, err
		}
		report.Items += int64(len(uids))
		total := len(uids)
		if n := v.status[name].NumMessages; n != nil {
			total = int(*n)
		}
		report.Lines = append(report.Lines, fmt.Sprintf("Folder %s: %d of %d messages to read.", name, len(uids), total))
	}
	for _, want := range v.missing {
		report.Lines = append(report.Lines, fmt.Sprintf("Folder %s does not exist here.", want))
	}
	report.Lines = append(report.Lines, s.otherFolders(v), capabilityLine(sess.caps, s.settings.Idle))
	return report, nil
}

// otherFolders lists what is not read.
func (s *source) otherFolders(v survey) string {
	var others []string
	for _, f := range s.sess.folders {
		if !slices.Contains(v.names, f.name) {
			others = append(others, f.name)
		}
	}
	if len(others) == 0 {
		return "There are no other folders."
	}
	slices.Sort(others)
	return "Folders that are not read: " + strings.Join(others, ", ") + "."
}

// capabilityLine says which extensions are put to use.
func capabilityLine(caps imap.CapSet, idle bool) string {
	var used []string
	for _, c := range []imap.Cap{imap.CapIdle, imap.CapCondStore, imap.CapESearch, imap.CapSpecialUse, imap.CapSASLIR} {
		if caps.Has(c) && (c != imap.CapIdle || idle) {
			used = append(used, string(c))
		}
	}
	if len(used) == 0 {
		return "The server offers none of the extensions that are used."
	}
	return "Extensions used: " + strings.Join(used, ", ") + "."
}

// within lists a folder's messages from a day on.
func (s *source) within(ctx context.Context, name string, since day) ([]uint32, error) {
	sess, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer sess.guard(ctx)()
	if err := sess.examine(name); err != nil {
		return nil, s.fault(ctx, "open folder", lostUnlessRefused(err))
	}
	uids, err := sess.search(s.historyCriteria(place{Since: since}))
	if err != nil {
		return nil, s.fault(ctx, "look through folder", lostUnlessRefused(err))
	}
	return uids, nil
}

// censusStep is how many ids Census gives at a time.
const censusStep = 5000

// Census lists what is in the chosen folders since the day of the settings.
func (s *source) Census(ctx context.Context, yield func(ids []string) error) error {
	v, err := s.look(ctx, position{})
	if err != nil {
		return err
	}
	since, err := sinceDay(s.settings.Since, s.now())
	if err != nil {
		return &connectors.Fault{Kind: connectors.Permanent, Op: "read setting since", Err: err}
	}
	for _, name := range v.names {
		if err := v.refused[name]; err != nil {
			return s.fault(ctx, "look at folder "+name, err)
		}
		uids, err := s.within(ctx, name, since)
		if err != nil {
			return err
		}
		validity := s.sess.validity
		for part := range slices.Chunk(uids, censusStep) {
			ids := make([]string, 0, len(part))
			for _, uid := range part {
				ids = append(ids, externalID(name, validity, uid))
			}
			if err := yield(ids); err != nil {
				return fmt.Errorf("take ids of folder %s: %w", name, err)
			}
		}
	}
	return nil
}
