// Package mimeitem turns e-mail into items, whatever state its bytes are in. It is shared by every source
// that reads mail.
//
// A message arrives in one of two ways. A source that can ask for parts (IMAP) passes the message's structure
// to Plan, fetches the few text parts that Plan names, and hands header, structure and parts to FromParts. A
// source that has the whole message (files, Gmail) calls FromRaw, which splits it into the same header,
// structure and parts and then walks the same way, so that one mail gives one item however it was read.
//
// The walk: readHeader finds the known fields in one go; choose decides which parts are the text, which are
// attachments, and whether all is wrapped in something unreadable; each text part loses its transfer
// encoding (transfer.go), then its charset (charset.go, guessing where the label is missing or lies), then
// its HTML or format=flowed dress; classify says what sort of mail it is, and trim cuts quoted replies and
// the signature off what is shown. Nothing here fails: dirty bytes give something readable, and only an
// empty message has an error. What comes in is bounded: depth, number of parts, bytes of header, number of
// recipients, bytes of text; every step is linear in what remains.
package mimeitem
