package mapping

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
)

// maxPattern is the longest pattern, in bytes.
const maxPattern = 1000

// addressPattern is an excluded address.
type addressPattern struct {
	text   string // as the admin wrote it
	glob   string // with "*", else ""
	exact  string // canonical
	normal string // "" if the pattern has a tag of its own and so means just that address
}

func newAddressPattern(text string) (addressPattern, error) {
	if strings.Contains(text, "*") {
		return addressPattern{text: text, glob: strings.ToLower(strings.TrimSpace(text))}, nil
	}
	normal, ok := crm.NormalizeAddress(text)
	if !ok {
		return addressPattern{}, fmt.Errorf("%q is not an address", text)
	}
	p := addressPattern{text: text, exact: crm.CanonicalAddress(text), normal: normal}
	if strings.LastIndexByte(crm.AddressLocal(text), '+') > 0 {
		p.normal = ""
	}
	return p, nil
}

func (p *addressPattern) matches(a *address) bool {
	if p.glob != "" {
		return glob(p.glob, a.canonical) || glob(p.glob, a.normal)
	}
	return p.exact == a.canonical || p.normal == a.normal
}

// subjectPattern is an excluded subject: folded words, or a regular expression.
type subjectPattern struct {
	text   string
	words  string
	regexp *regexp.Regexp
}

func newSubjectPattern(text string) (subjectPattern, error) {
	if len(text) > 2 && text[0] == '/' && text[len(text)-1] == '/' {
		re, err := regexp.Compile(text[1 : len(text)-1])
		if err != nil {
			return subjectPattern{}, fmt.Errorf("%q is not a regular expression: %w", text, err)
		}
		return subjectPattern{text: text, regexp: re}, nil
	}
	words := fold(text)
	if words == "" {
		return subjectPattern{}, fmt.Errorf("%q would match every subject", text)
	}
	return subjectPattern{text: text, words: words}, nil
}

// matches takes a subject as it is, as people see it, and folded.
func (p *subjectPattern) matches(subject, seen, folded string) bool {
	if p.regexp != nil {
		return p.regexp.MatchString(seen) || p.regexp.MatchString(subject)
	}
	return strings.Contains(folded, p.words)
}

// folderPattern is an excluded folder with all below it, folded.
type folderPattern struct{ text, folded string }

func newFolderPattern(text string) (folderPattern, error) {
	folded := strings.Trim(fold(text), "/")
	if folded == "" {
		return folderPattern{}, fmt.Errorf("%q names no folder", text)
	}
	return folderPattern{text: text, folded: folded}, nil
}

// matches takes a folded folder. Servers part the levels of a hierarchy by "/" or ".".
func (p *folderPattern) matches(folder string) bool {
	return glob(p.folded, folder) || glob(p.folded+"/*", folder) || glob(p.folded+".*", folder)
}

// compile makes patterns of texts and reports each that cannot be one.
func compile[P any](path string, texts []string, parse func(string) (P, error), problems *[]connectors.Problem) []P {
	var patterns []P
	for i, text := range texts {
		var what string
		if len(text) > maxPattern {
			what = fmt.Sprintf("the pattern is longer than %d bytes", maxPattern)
		} else if strings.TrimSpace(text) == "" {
			what = "the pattern is empty"
		} else if p, err := parse(text); err != nil {
			what = err.Error()
		} else {
			patterns = append(patterns, p)
			continue
		}
		*problems = append(*problems, connectors.Problem{Path: fmt.Sprintf("%s[%d]", path, i), What: what, Hint: patternHint(path)})
	}
	return patterns
}

func patternHint(path string) string {
	switch path[strings.LastIndexByte(path, '.')+1:] {
	case "addresses":
		return `write an address such as news@example.com, or a pattern such as *@example.com`
	case "domains", "free_mail":
		return `write a domain such as example.com`
	case "subjects":
		return `write words of the subject, or a regular expression between slashes: /^\[secret\]/`
	default:
		return `write a name as your mail program shows it`
	}
}

// glob reports whether s matches the pattern, in which "*" stands for any run of characters.
func glob(pattern, s string) bool {
	first, rest, ok := strings.Cut(pattern, "*")
	if !ok {
		return pattern == s
	}
	s, ok = strings.CutPrefix(s, first)
	if !ok {
		return false
	}
	for {
		part, more, ok := strings.Cut(rest, "*")
		if !ok {
			return strings.HasSuffix(s, part)
		}
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s, rest = s[at+len(part):], more
	}
}
