package web

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxMailing bounds the members that one export walks over, so that an answer fits into memory and time.
const maxMailing = 200_000

// mailingCounts says who is in an export for a mailing service, and who was left out and why.
type mailingCounts struct {
	Segment  string `json:"segment"`
	Members  int    `json:"members"`
	Exported int    `json:"exported"`
	LeftOut  struct {
		NoConsent    int `json:"no_consent" doc:"consent to mailings is not known"`
		Refused      int `json:"refused" doc:"they refused mailings"`
		DoNotContact int `json:"do_not_contact" doc:"they must not be approached"`
		Left         int `json:"left" doc:"they left their company"`
		NoAddress    int `json:"no_address" doc:"no address is known"`
		BadAddress   int `json:"bad_address" doc:"no address takes mail any more"`
		Twice        int `json:"twice" doc:"the address is in the export already"`
	} `json:"left_out"`
}

// mailing gathers an export for a mailing service.
type mailing struct {
	counts mailingCounts
	seen   map[string]bool // normalised addresses
	file   bytes.Buffer
	rows   *csv.Writer
}

// exportSegment writes who of a segment may be sent a mailing. Tsunagu itself sends nobody anything.
func (s *Server) exportSegment(ctx context.Context, actor, name, format string) (*written, error) {
	if !hasSegment(s.lifecycle(), name) {
		return nil, crm.ErrNotFound
	}
	m := &mailing{seen: map[string]bool{}}
	m.counts.Segment, m.rows = name, csv.NewWriter(&m.file)
	m.file.WriteString("\ufeff") // so that a Japanese Excel opens it as it is
	m.row("email", "name", "family_name", "given_name", "kana", "company", "department", "title", "consent_at", "consent_evidence", "id")
	names, after := s.names(), ""
	for {
		list, next, err := s.store.ListSegment(ctx, name, after, 500)
		if err != nil {
			return nil, err
		}
		for _, l := range list {
			m.add(&l.Person, func() string { return companyName(ctx, names, &l.Person) })
		}
		if after = next; next == "" {
			break
		}
		if m.counts.Members >= maxMailing {
			return nil, fmt.Errorf("%w: the segment has more than %d members; make it narrower", crm.ErrRefused, maxMailing)
		}
	}
	return s.mailingAnswer(ctx, actor, m, format)
}

func (s *Server) mailingAnswer(ctx context.Context, actor string, m *mailing, format string) (*written, error) {
	counts, err := json.Marshal(m.counts)
	if err != nil {
		return nil, fmt.Errorf("write counts: %w", err)
	}
	if format == "json" {
		return &written{ContentType: "application/json", Body: counts}, nil
	}
	// Addresses leave the house here: that is written down.
	err = s.store.AppendAudit(ctx, crm.AuditRecord{At: time.Now().UTC(), Actor: actor, Action: "export segment", Object: "segment/" + m.counts.Segment, After: string(counts)})
	if err != nil {
		return nil, err
	}
	m.rows.Flush()
	return &written{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="` + m.counts.Segment + `.csv"`, Body: m.file.Bytes()}, m.rows.Error()
}

// add takes a member in, or counts why not.
func (m *mailing) add(p *crm.Person, company func() string) {
	m.counts.Members++
	out := &m.counts.LeftOut
	address, why := crm.MailingAddress(p)
	normal, _ := crm.NormalizeAddress(address)
	switch {
	case why == crm.NoMailingDoNotContact:
		out.DoNotContact++
	case why == crm.NoMailingRefused:
		out.Refused++
	case why == crm.NoMailingConsent:
		out.NoConsent++
	case why == crm.NoMailingLeft:
		out.Left++
	case why == crm.NoMailingNoAddress:
		out.NoAddress++
	case why == crm.NoMailingBadAddress:
		out.BadAddress++
	case m.seen[normal]:
		out.Twice++
	default:
		m.seen[normal] = true
		m.counts.Exported++
		at := ""
		if !p.Consent.At.IsZero() {
			at = p.Consent.At.UTC().Format(time.RFC3339)
		}
		m.row(address, p.Name, p.FamilyName, p.GivenName, p.Kana, company(), p.Department, p.Title, at, p.Consent.Evidence, p.ID)
	}
}

func (m *mailing) row(cells ...string) {
	for i := range cells {
		cells[i] = crm.GuardCell(cells[i])
	}
	_ = m.rows.Write(cells) // into memory; Error says what went wrong
}

func companyName(ctx context.Context, names *names, p *crm.Person) string {
	if p.AccountID != "" {
		return names.account(ctx, p.AccountID)
	}
	return p.Company
}
