package googlecalendar

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

func TestCheck(t *testing.T) {
	good, ok := Kind().NewSettings().(*Settings)
	if !ok {
		t.Fatal("the kind has other settings")
	}
	good.Account = sato
	if problems := good.Check(); len(problems) != 0 {
		t.Errorf("good settings: %v", problems)
	}
	if _, err := good.Open(t.Context(), connectors.Env{}); connectors.Classify(err).Kind != connectors.Permanent {
		t.Errorf("without accounts: %v", err)
	}
	bad := Settings{Since: "soon", Ahead: "9999d", Calendars: Calendars{Include: []string{"x", " "}, Exclude: []string{""}}}
	var paths []string
	for _, p := range bad.Check() {
		paths = append(paths, p.Path)
	}
	if diff := cmp.Diff([]string{"account", "since", "ahead", "calendars.include[1]", "calendars.exclude[0]"}, paths); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if good.Fingerprint() == bad.Fingerprint() {
		t.Error("the fingerprint does not follow the settings")
	}
}
