package web

import (
	"regexp"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// accountSource are the ids of the sources that a connected account brings: the kind, and the account's address with
// -at- in place of @. No other source has such an id.
var accountSource = regexp.MustCompile(`^(gmail|googlecalendar|googleforms)-(.+)-at-(.+)$`)

// hashedSource is how such an id ends if the address could not stand in it as it is.
var hashedSource = regexp.MustCompile(`-[0-9a-f]{10}$`)

// ofAccount says whether a source came with a connected account, and with which: its owner.
func ofAccount(src *crm.Source) bool {
	return src.Owner != "" && strings.HasPrefix(src.ID, src.Kind+"-") && accountSource.MatchString(src.ID)
}

// nameOfSource is what people call a source: its id, but "Gmail (sato@example.co.jp)" if an account brought it.
func (sp *speaker) nameOfSource(src *crm.Source) string {
	if !ofAccount(src) {
		return src.ID
	}
	return sp.text("source.of_account", "kind", sp.label("source_kind", src.Kind), "account", src.Owner)
}

// nameOfSourceID is nameOfSource where only the id is known.
func (sp *speaker) nameOfSourceID(id string) string {
	m := accountSource.FindStringSubmatch(id)
	if m == nil || hashedSource.MatchString(id) {
		return id
	}
	return sp.nameOfSource(&crm.Source{ID: id, Kind: m[1], Owner: m[2] + "@" + m[3]})
}
