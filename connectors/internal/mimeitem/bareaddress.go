package mimeitem

import "strings"

// bareAddress cleans the inside of angle brackets; "" if it is no address.
func bareAddress(s string) string {
	s = strings.TrimSpace(s)
	if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if strings.HasPrefix(s, "@") {
		if at := strings.IndexByte(s, ':'); at >= 0 {
			s = s[at+1:]
		}
	}
	if strings.HasPrefix(s, `"`) {
		if end := strings.LastIndex(s, `"@`); end > 0 && dotAtom(s[1:end]) {
			s = s[1:end] + s[end+1:]
		}
	}
	if !strings.HasPrefix(s, `"`) {
		s = strings.Trim(s, "'<>\"()[],;: \t")
		if strings.ContainsAny(s, " \t") {
			s = strings.Join(strings.Fields(s), "")
		}
	}
	s = strings.TrimRight(s, ".")
	at := strings.LastIndexByte(s, '@')
	if at <= 0 || at == len(s)-1 || len(s) > maxAddress || strings.Contains(s, "=?") || !isClean(s) {
		return ""
	}
	return s
}

// splitBare finds the address in text that has no angle brackets: "Taro taro@client.co.jp", "a @ b.jp".
func splitBare(text string) (name, address string) {
	if strings.IndexByte(text, '@') < 0 {
		return text, ""
	}
	if strings.HasPrefix(text, `"`) || !strings.ContainsAny(text, " \t") {
		return "", bareAddress(text)
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, " @", "@"), "@ ", "@")
	fields := strings.Fields(text)
	for i, word := range fields {
		if address = bareAddress(word); address != "" {
			rest := append(append([]string(nil), fields[:i]...), fields[i+1:]...)
			return strings.Trim(strings.Join(rest, " "), "[]<>"), address
		}
	}
	return text, ""
}
