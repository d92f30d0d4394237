package googleforms

import "github.com/tsunagu-crm/tsunagu/connectors"

// Kind describes the Google Forms source.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{
		Name:        "googleforms",
		Schedule:    "@every 5m",
		NewSettings: func() connectors.Settings { return &Settings{Since: "90d"} },
	}
}
