package googlecalendar

import "github.com/tsunagu-crm/tsunagu/connectors"

// Kind describes the Google Calendar source.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{
		Name:        "googlecalendar",
		Schedule:    "@every 1m",
		NewSettings: func() connectors.Settings { return &Settings{Since: "90d", Ahead: "90d"} },
	}
}
