// Package oauth signs in at Google, Microsoft and whoever else speaks OAuth 2.0, and keeps what was granted alive.
//
// A sign-in is one of three flows. In the browser: Begin gives the address to send somebody to and a Flow to keep
// meanwhile, Finish takes what the browser came back with (RFC 6749 section 4.1, with PKCE S256 of RFC 7636, a state
// that must come back, a nonce that must stand in the ID token, and the issuer of RFC 9207 if the provider sends it).
// On a terminal: a Listener receives the answer of the browser on a port of 127.0.0.1 (RFC 8252). Without a browser:
// Device and Poll (RFC 8628). Who signed in says the ID token (Identity), checked with the provider's keys. What was
// granted may be less than what was asked for: Missing compares them.
//
// Afterwards a Keeper, one for each account, hands out access tokens. However many sources share an account, one
// refresh is under way at most; it starts a minute before the token ends. A provider may rotate the refresh token with
// every use, and then the old one is dead. Therefore the new one is stored before anything is done with the access token
// that came with it; if it cannot be stored the answer is not used, and storing is tried again before the next
// refresh. What remains is the moment between the provider's rotation and our write: a machine that loses its power
// then has a refresh token that was used. Most providers accept it once more for some time; where they do not,
// somebody must sign in again, and that is what the error says.
//
// Transport signs requests with a Keeper's tokens, sends them to the provider's own hosts only, and answers a 401 with
// one refresh and one repetition.
//
// Tokens, codes and secrets stand in no error, no log line and no String of this package: requests to the provider
// carry them in bodies, errors name the host alone, and what a provider says is searched for them before it is shown.
package oauth
