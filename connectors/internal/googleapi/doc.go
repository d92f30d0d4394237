// Package googleapi is what the sources that read from Google share: how a call is made, and what its failure
// means.
//
// Open asks the daemon's accounts for a signed-in client and wraps it: answers are bounded in size, and nothing that
// is longer comes into memory. ClientOptions hands it to the generated services of google.golang.org/api, together
// with the endpoint; Get reads JSON without one. Each call goes through Do, which first spends what the call costs of the quotas that Google
// counts (Env.Budgets), gives it a time limit, and reads the failure. When Google says that a quota is used up
// although we kept to it (others use the same project), the quota is paused for everybody and the call is made again; only when
// that fails several times, or the pause would be long, the caller sees a Fault.
//
// An answer that says that all is well is believed only if it looks like Google's: an object of JSON that does not begin with
// an error, of the kind that was asked for where the service has kinds, and with the members that it always gives (shape.go). A walk from page to
// page ends with a failure when a page comes again or there are too many (pages.go).
//
// Failures are told apart by HTTP status and by the reason that stands in the answer, in its old form
// (errors[].reason) and its new one (details[].reason of an ErrorInfo), see
// https://developers.google.com/workspace/gmail/api/guides/handle-errors. What is shown of an answer is cut short and has no
// addresses of requests in it; access tokens travel in headers, which are never shown.
package googleapi
