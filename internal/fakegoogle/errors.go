package fakegoogle

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// apiError is a refusal in the vendor's shape.
type apiError struct {
	status     int
	code       string // canonical code, derived from status when empty
	domain     string // "global" when empty
	reason     string
	message    string
	location   string
	retryAfter time.Duration
	details    []any
}

func badRequest(message string) apiError {
	return apiError{status: http.StatusBadRequest, reason: "badRequest", message: message}
}

func invalidArgument(message string) apiError {
	return apiError{status: http.StatusBadRequest, reason: "invalidArgument", message: message}
}

func entityNotFound() apiError {
	return apiError{status: http.StatusNotFound, reason: "notFound", message: "Requested entity was not found."}
}

func insufficientScopes(method string) apiError {
	return apiError{
		status: http.StatusForbidden, reason: "insufficientPermissions", message: "Request had insufficient authentication scopes.",
		details: []any{errorInfo("ACCESS_TOKEN_SCOPE_INSUFFICIENT", map[string]string{"method": method, "service": serviceHost(method)})},
	}
}

// serviceDisabled is what a project gets that did not switch an API on.
func serviceDisabled(method string) apiError {
	host, project := serviceHost(method), "123456789012"
	link := "https://console.developers.google.com/apis/api/" + host + "/overview?project=" + project
	return apiError{
		status: http.StatusForbidden, domain: "usageLimits", reason: "accessNotConfigured",
		message: serviceTitle(method) + " has not been used in project " + project + " before or it is disabled. Enable it by visiting " + link +
			" then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.",
		details: []any{
			errorInfo("SERVICE_DISABLED", map[string]string{
				"activationUrl": link, "consumer": "projects/" + project, "containerInfo": project,
				"service": host, "serviceTitle": serviceTitle(method),
			}),
			map[string]any{"@type": "type.googleapis.com/google.rpc.Help", "links": []any{map[string]string{
				"description": "Google developers console API activation", "url": link,
			}}},
		},
	}
}

// quotaProject is what a caller gets who may not charge the project named by its credentials.
func quotaProject(method string) apiError {
	return apiError{
		status: http.StatusForbidden, reason: "forbidden",
		message: "Caller does not have required permission to use project tsunagu-sample. Grant the caller the roles/serviceusage.serviceUsageConsumer role, or a custom role with the serviceusage.services.use permission, by visiting https://console.developers.google.com/iam-admin/iam/project?project=tsunagu-sample and then retry. Propagation of the new permission may take a few minutes.",
		details: []any{errorInfo("USER_PROJECT_DENIED", map[string]string{
			"consumer": "projects/tsunagu-sample", "containerInfo": "tsunagu-sample", "service": serviceHost(method),
		})},
	}
}

func errorInfo(reason string, metadata map[string]string) any {
	return map[string]any{
		"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com", "metadata": metadata,
	}
}

func serviceHost(method string) string {
	switch api, _, _ := strings.Cut(method, "."); api {
	case "calendar":
		return "calendar-json.googleapis.com"
	case "directory":
		return "admin.googleapis.com"
	default:
		return api + ".googleapis.com"
	}
}

func serviceTitle(method string) string {
	switch api, _, _ := strings.Cut(method, "."); api {
	case "gmail":
		return "Gmail API"
	case "calendar":
		return "Google Calendar API"
	case "forms":
		return "Google Forms API"
	case "directory":
		return "Admin SDK API"
	default:
		return "Cloud Pub/Sub API"
	}
}

func canonical(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "INVALID_ARGUMENT"
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	case http.StatusInternalServerError:
		return "INTERNAL"
	default:
		return ""
	}
}

// errorItem and errorBody fix the order of the keys.
type errorItem struct {
	Message      string `json:"message"`
	Domain       string `json:"domain"`
	Reason       string `json:"reason"`
	Location     string `json:"location,omitempty"`
	LocationType string `json:"locationType,omitempty"`
}

type errorBody struct {
	Code    int         `json:"code"`
	Message string      `json:"message"`
	Errors  []errorItem `json:"errors,omitempty"`
	Status  string      `json:"status,omitempty"`
	Details []any       `json:"details,omitempty"`
}

// fail refuses the call.
func (c *call) fail(e apiError) {
	if e.domain == "" {
		e.domain = "global"
	}
	item := errorItem{Message: e.message, Domain: e.domain, Reason: e.reason, Location: e.location}
	if e.location != "" {
		item.LocationType = "parameter"
		if e.location == "Authorization" {
			item.LocationType = "header"
		}
	}
	body := errorBody{Code: e.status, Message: e.message, Errors: []errorItem{item}, Details: e.details, Status: e.code}
	// The calendar's errors are of an older make and carry no canonical code.
	if body.Status == "" && (!strings.HasPrefix(c.method, "calendar.") || e.details != nil) {
		body.Status = canonical(e.status)
	}
	if e.retryAfter > 0 {
		c.w.Header().Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
	}
	raw, err := json.Marshal(map[string]errorBody{"error": body})
	if err != nil {
		raw = []byte(`{"error":{"code":500}}`)
	}
	c.send(e.status, "application/json; charset=UTF-8", raw)
}
