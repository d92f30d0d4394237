package mapping

import (
	_ "embed" // the lists
	"strings"
	"sync"

	"github.com/tsunagu-crm/tsunagu/crm"
)

//go:embed data/freemail.txt
var freeMailData string

//go:embed data/freemail_japan.txt
var freeMailJapanData string

//go:embed data/roles.txt
var rolesData string

//go:embed data/noreply.txt
var noReplyData string

// domainList holds domains; a true value includes those below.
type domainList map[string]bool

// builtinFreeMail is read once: it has some 14,000 entries and never changes.
var builtinFreeMail = sync.OnceValue(func() domainList {
	list := make(domainList, 15000)
	for line := range strings.Lines(freeMailData + freeMailJapanData) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			domain, below := strings.CutPrefix(line, ".")
			list[domain] = list[domain] || below
		}
	}
	return list
})

// has reports whether the list names the domain, or one above it together with those below.
func (l domainList) has(domain string) bool {
	if _, ok := l[domain]; ok {
		return true
	}
	for parent := range crm.DomainAndParents(domain) {
		if l[parent] {
			return true
		}
	}
	return false
}

// IsFreeMail reports whether a domain is on the built-in list of free and provider mail, so that it says
// nothing about a company.
func IsFreeMail(domain string) bool { return builtinFreeMail().has(domain) }

// nameList holds local parts; "*" may stand at either end of an entry.
type nameList struct {
	exact                      map[string]bool
	prefixes, suffixes, inside []string
}

func newNameList(data string, more []string) nameList {
	list := nameList{exact: map[string]bool{}}
	for line := range strings.Lines(data) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list.add(line)
		}
	}
	for _, name := range more {
		list.add(strings.ToLower(strings.TrimSpace(name)))
	}
	return list
}

func (l *nameList) add(name string) {
	switch start, end := strings.HasPrefix(name, "*"), strings.HasSuffix(name, "*"); {
	case start && end:
		l.inside = append(l.inside, strings.Trim(name, "*"))
	case start:
		l.suffixes = append(l.suffixes, name[1:])
	case end:
		l.prefixes = append(l.prefixes, name[:len(name)-1])
	default:
		l.exact[name] = true
	}
}

func (l *nameList) has(local string) bool {
	if l.exact[local] {
		return true
	}
	for _, prefix := range l.prefixes {
		if strings.HasPrefix(local, prefix) {
			return true
		}
	}
	for _, suffix := range l.suffixes {
		if strings.HasSuffix(local, suffix) {
			return true
		}
	}
	for _, part := range l.inside {
		if strings.Contains(local, part) {
			return true
		}
	}
	return false
}
