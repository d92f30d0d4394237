// Package e2e drives the real binary against real peers: Dovecot, Chromium, a proxy that cuts and stalls. It
// knows of Tsunagu only what a user knows: the command line, the configuration file and the web pages. It
// holds nothing but tests.
package e2e
