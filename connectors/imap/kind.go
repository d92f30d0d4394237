package imap

import "github.com/tsunagu-crm/tsunagu/connectors"

// Kind describes the IMAP source.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{
		Name:     "imap",
		Schedule: "@every 1m",
		NewSettings: func() connectors.Settings {
			return &Settings{TLS: tlsImplicit, Auth: authAuto, Folders: []string{"INBOX", `\Sent`}, Since: "90d", Idle: true}
		},
	}
}
