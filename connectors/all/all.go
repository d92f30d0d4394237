// Package all knows every kind of source. It is the one place where a connector is added.
package all

import (
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/caldav"
	"github.com/tsunagu-crm/tsunagu/connectors/files"
	"github.com/tsunagu-crm/tsunagu/connectors/gmail"
	"github.com/tsunagu-crm/tsunagu/connectors/googlecalendar"
	"github.com/tsunagu-crm/tsunagu/connectors/googleforms"
	"github.com/tsunagu-crm/tsunagu/connectors/imap"
	"github.com/tsunagu-crm/tsunagu/connectors/webform"
)

// Kinds gives the kinds of source by name.
func Kinds() map[string]connectors.SourceKind {
	kinds := map[string]connectors.SourceKind{}
	for _, kind := range []connectors.SourceKind{imap.Kind(), files.Kind(), webform.Kind(), caldav.Kind(),
		gmail.Kind(), googlecalendar.Kind(), googleforms.Kind()} {
		kinds[kind.Name] = kind
	}
	return kinds
}
