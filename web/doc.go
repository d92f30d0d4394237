// Package web is what people and programs see of Tsunagu: the pages, the JSON API, health and metrics.
//
// A request walks through four doors. The first sets the security headers, bounds the body and the time
// (guard.go). The second finds out who asks: a session cookie on pages, a bearer token on the API
// (session.go, api_auth.go). The third compares the asker's role with the one the table of routes names
// (routes.go); a route that is not in the table does not exist. Behind the fourth is the handler: it reads
// its input, asks the store once or a few times, and renders. One place turns its error into a status
// (errors.go). What strangers post to forms passes the first door only, and then the steps of its own that
// intake.go lists.
//
// Pages are plain HTML and can be read without scripts. A page that shows what arrives by itself names a
// topic; live.go tells its browser through server-sent events that something changed, and the browser
// fetches the page's fragment again and swaps it in. What the browser is told carries no content, so a
// missed or doubled event costs nothing.
//
// A sign-in with another provider leaves by a POST and comes back to a callback. What belongs to it is sealed into
// a cookie of the browser that began it (signinflow.go), so that no other browser can end it, and it ends once.
// Who a provider vouches for enters as the user of that address, in a new session (signup.go).
//
// Whatever came from outside (subjects, names, texts, reasons) is escaped by html/template and isolated in
// <bdi>, so that neither markup nor direction controls leak out of it.
package web
