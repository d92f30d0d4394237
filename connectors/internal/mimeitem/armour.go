package mimeitem

import "strings"

// dropArmour takes the armour lines of inline PGP (RFC 9580, sections 6 and 7) off signed text. Of an
// encrypted message nothing is left. armoured is false if there is no armour.
func dropArmour(s string) (text string, armoured bool) {
	const (
		signed    = "-----BEGIN PGP SIGNED MESSAGE-----"
		signature = "-----BEGIN PGP SIGNATURE-----"
		sealed    = "-----BEGIN PGP MESSAGE-----"
		end       = "-----END PGP "
	)
	at := strings.Index(s, "-----BEGIN PGP ")
	if at < 0 || at > 0 && s[at-1] != '\n' {
		return s, false
	}
	before, block := s[:at], s[at:]
	switch {
	case strings.HasPrefix(block, sealed):
		_, after, _ := strings.Cut(block, end)
		_, after, _ = strings.Cut(after, "\n")
		return strings.TrimSpace(before + after), true
	case !strings.HasPrefix(block, signed):
		return s, false
	}
	_, body, ok := strings.Cut(block, "\n\n") // the Hash lines end with an empty one
	if !ok {
		return s, false
	}
	body, rest, _ := strings.Cut(body, "\n"+signature)
	_, after, _ := strings.Cut(rest, end)
	_, after, _ = strings.Cut(after, "\n")
	body = strings.TrimPrefix(strings.ReplaceAll("\n"+body, "\n- ", "\n"), "\n")
	return strings.TrimSpace(before + body + "\n" + after), true
}
