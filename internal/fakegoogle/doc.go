// Package fakegoogle is a Google that fits in one process: sign-in, Gmail, Calendar, Forms, the directory and
// Pub/Sub behind one [http.Handler]. The tests run against it, and so does `tsunagu demo`; it is therefore
// part of the product, needs no network and answers the same way on every run.
//
// It behaves rather than replays. Mailboxes keep a history whose ids grow with gaps and which can expire;
// calendars keep every version of a series, so that a sync token says what changed since, and forgets on
// demand; forms keep answers in the order of their last submission. A request travels one way: the route
// table (methods.txt, taken from the vendor's discovery documents) names its method; a failure that was
// asked for is played; the bearer token gives the user and the scopes, which must be among those the method
// accepts; the quota window of the user and of the project admits its units or refuses; the handler answers.
// Every call is logged with the method's discovery id. Methods that write are never carried out: they are
// refused with insufficient permission and stay in the log.
//
// Nothing here is random. Ids come from counters and hashes of the names involved; only the signing keys are
// fresh for each server. Time is Options.Now everywhere, also in the Date header of the answers.
package fakegoogle
