package web

import (
	"net/http"
	"strings"
)

// allowed lists, for the Allow field, the methods that a mux takes at a request's path, if any; rest is the
// pattern that catches what nothing else does.
func allowed(mux *http.ServeMux, r *http.Request, rest string) string {
	var methods []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		probe := *r // only its method, host and path are looked at
		probe.Method = method
		if _, pattern := mux.Handler(&probe); pattern != "" && pattern != rest {
			methods = append(methods, method)
		}
	}
	return strings.Join(methods, ", ")
}
