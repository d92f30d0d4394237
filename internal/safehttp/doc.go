// Package safehttp makes HTTP clients for addresses that a person wrote down and that may lead astray: a
// polled form endpoint, a page that redirects, a name whose answer changes. It is the guard against
// server-side request forgery and against answers that never end.
//
// Each name is resolved here, each of its addresses is judged, and the very address that was judged is
// dialled, so that a second answer of the name service has no say; the socket is judged once more when it is
// made. Addresses that are not of the public internet are refused: loopback, private, shared (CGNAT),
// link-local with the metadata services of clouds, multicast, documentation and other reserved ones, also
// where they stand inside an IPv6 address (mapped, NAT64, 6to4, Teredo). Who needs one allows it by name.
//
// Redirects are few, never lead from https to http, and lose every header that could hold a secret when they
// lead elsewhere. Certificates are always verified. The environment names no proxy. An exchange has one time
// limit for all of it and one size limit that holds on the wire and after decompression.
package safehttp
