package imap

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFolderID bounds the folder's share of an external id, bytes.
const maxFolderID = 900

// folderID writes a folder's name for external ids: UTF-8 stays readable, what would be ambiguous or cannot
// be printed is percent-encoded. Of a name beyond all reason the end is replaced by a hash.
func folderID(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		r, size := utf8.DecodeRuneInString(name[i:])
		if r == utf8.RuneError && size == 1 || r == '%' || r == ';' || r == ' ' || !unicode.IsPrint(r) {
			for _, c := range []byte(name[i : i+size]) {
				fmt.Fprintf(&b, "%%%02X", c)
			}
		} else {
			b.WriteString(name[i : i+size])
		}
		i += size
	}
	id := b.String()
	if len(id) <= maxFolderID {
		return id
	}
	sum := sha256.Sum256([]byte(name))
	return strings.ToValidUTF8(id[:maxFolderID-33], "") + "~" + hex.EncodeToString(sum[:16])
}

// idPrefix starts the external ids of a folder as long as its UIDVALIDITY lasts.
func idPrefix(folder string, validity uint32) string {
	return folderID(folder) + ";UIDVALIDITY=" + strconv.FormatUint(uint64(validity), 10) + ";"
}

// externalID names a message, in the manner of RFC 5092: "INBOX;UIDVALIDITY=1;UID=2".
func externalID(folder string, validity, uid uint32) string {
	return idPrefix(folder, validity) + "UID=" + strconv.FormatUint(uint64(uid), 10)
}

// parseID takes an external id apart. folder is still encoded: it is compared with folderID, never decoded.
func parseID(id string) (folder string, validity, uid uint32, ok bool) {
	parts := strings.Split(id, ";")
	if len(parts) != 3 || parts[0] == "" {
		return "", 0, 0, false
	}
	v, okV := strings.CutPrefix(parts[1], "UIDVALIDITY=")
	u, okU := strings.CutPrefix(parts[2], "UID=")
	vn, errV := strconv.ParseUint(v, 10, 32)
	un, errU := strconv.ParseUint(u, 10, 32)
	if !okV || !okU || errV != nil || errU != nil || un == 0 {
		return "", 0, 0, false
	}
	return parts[0], uint32(vn), uint32(un), true
}
