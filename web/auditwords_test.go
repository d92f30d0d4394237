package web

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TestAuditIsBounded holds how much a record may have looked up, whatever it holds.
func TestAuditIsBounded(t *testing.T) {
	f := newFixture(t)
	words := &auditor{s: f.server, say: testSpeakers(t)["en"], names: f.server.names(), known: map[string]link{}}
	ids := []string{f.tanaka.ID}
	for i := range 49 {
		ids = append(ids, crm.DerivedID("person", strconv.Itoa(i)))
	}
	if got := words.value(t.Context(), "activity", "people", strings.Join(ids, ", ")).Name; !strings.HasPrefix(got, "田中 太郎, "+ids[1]) || !strings.HasSuffix(got, ids[9]+", 40 more") {
		t.Errorf("fifty people are %q", got)
	}
	if len(words.known) != shownRecords {
		t.Errorf("%d records were looked up", len(words.known))
	}
	after := map[string]string{}
	for i := range 100 {
		after[fmt.Sprintf("f%03d.person", i)] = crm.DerivedID("field", strconv.Itoa(i))
	}
	clear(words.known)
	if list, more := words.changes(t.Context(), "person", nil, after); len(list) != shownChanges || more != 70 || len(words.known) != shownChanges {
		t.Errorf("%d changes and %d more, %d looked up", len(list), more, len(words.known))
	}
	if got := auditFields("12345678901234567890123456789012"); got[""] != "12345678901234567890123456789012" {
		t.Errorf("an identifier of digits is %q", got)
	}
}
