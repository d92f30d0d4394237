// Package imap reads mailboxes over IMAP (RFC 3501, RFC 9051). It never changes one: folders are opened with
// EXAMINE, contents are read with BODY.PEEK, and nothing is stored, moved or marked.
//
// A Fetch walks like this. Every chosen folder is asked with STATUS, all in one round trip, once a second at
// most; a folder that stands as it stood costs no more. In the others UID SEARCH lists what is above the cursor;
// that mail is read first. Then comes one chunk of history, newest first, until the day named by since is reached.
//
// Reading itself has two phases (pipeline.go), in sub-ranges that overlap so that neither side waits for the
// other, also from one Fetch to the next (flow.go). First come structure (BODYSTRUCTURE), size and date of every
// message of a sub-range. Then package mimeitem says which text parts matter, and messages that want the same
// part share one command, which brings the header too. Bytes of attachments are never asked for.
//
// go-imap speaks the protocol for signing in, listing, searching and idling. FETCH answers do not pass through
// it: the connection is wrapped in a tap that frames every response, takes the FETCH answers for the
// reader of this package and keeps from go-imap what it cannot take. docs/decisions/0003-imap.md says why.
//
// Every UID that was asked for is accounted for before the cursor moves: read, gone from the server, or, when
// neither its parts nor its raw bytes can be had, an item with Err. Whatever is missing is asked for again
// in smaller ranges, over a new connection if the old one broke, until the trouble is pinned to one message.
package imap
