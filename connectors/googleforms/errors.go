package googleforms

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/internal/googleapi"
)

// gone says that a form, or an answer, is not there or not ours to read; other refusals concern the whole account.
func gone(err error) bool {
	var r *googleapi.Refusal
	if !errors.As(err, &r) {
		return false
	}
	known := func(reason string) bool {
		return slices.Contains([]string{"forbidden", "notFound", "PERMISSION_DENIED", "NOT_FOUND"}, reason)
	}
	foreign := func(reason string) bool { return !known(reason) }
	return r.Status == http.StatusNotFound || r.Status == http.StatusGone ||
		r.Status == http.StatusForbidden && len(r.Reasons) > 0 && !slices.ContainsFunc(r.Reasons, foreign)
}

// brokenOff says that the token of a page means nothing any more.
func brokenOff(err error) bool {
	status := googleapi.Status(err)
	return status == http.StatusBadRequest || status == http.StatusGone
}

// allGone is for a source of which nothing can be read.
func (s *source) allGone(cause error) error {
	return &connectors.Fault{Kind: connectors.Permanent, Op: "read forms", Err: fmt.Errorf("none of the forms can be read: %w", cause),
		Hint: fmt.Sprintf("Share the forms with %s as an editor, and name them by the id that stands in the address of their editor.", s.account)}
}
