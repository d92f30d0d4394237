package web

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// queryDays refuses days of a query that are none. Names and values come in turn; "" is no day and fine.
func queryDays(pairs ...string) error {
	var bad []error
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if !crm.IsDay(pairs[i+1]) {
			bad = append(bad, &huma.ErrorDetail{Location: "query." + pairs[i], Message: "this is not a day such as 2026-11-21", Value: shown(pairs[i+1])})
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return huma.NewError(http.StatusUnprocessableEntity, "a day of the query cannot be read", bad...)
}
