package web

import (
	"context"
	"regexp"
)

// recordID is how records are named in the samples of a preview.
var recordID = regexp.MustCompile(`\b[0-9a-f]{32}\b`)

// named puts names in place of the ids of accounts in a sample; one that is gone or hidden becomes an ellipsis.
func (n *names) named(ctx context.Context, sample MappingSample) MappingSample {
	name := func(id string) string {
		if said := n.account(ctx, id); said != "" {
			return said
		}
		return "…"
	}
	sample.Before, sample.After = recordID.ReplaceAllStringFunc(sample.Before, name), recordID.ReplaceAllStringFunc(sample.After, name)
	return sample
}
