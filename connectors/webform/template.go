package webform

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// placeholder is a word in double braces.
var placeholder = regexp.MustCompile(`\{\{\s*([A-Za-z_]*)\s*\}\}`)

// placeholders gives the words in double braces of a text.
func placeholders(text string) []string {
	var out []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// fill puts words in the place of placeholders, escaped. whole is false if one of them is empty.
func fill(text string, words map[string]string, escape func(string) string) (filled string, whole bool) {
	whole = true
	filled = placeholder.ReplaceAllStringFunc(text, func(found string) string {
		word := words[placeholder.FindStringSubmatch(found)[1]]
		whole = whole && word != ""
		return escape(word)
	})
	return filled, whole
}

// inURL escapes for the path and the query of a URL alike.
func inURL(word string) string { return strings.ReplaceAll(url.QueryEscape(word), "+", "%20") }

// inJSON escapes for the inside of a JSON string.
func inJSON(word string) string {
	quoted, err := json.Marshal(word)
	if err != nil {
		return "" // cannot happen: it is a string
	}
	return string(quoted[1 : len(quoted)-1])
}

func verbatim(word string) string { return word }
