package mapping

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/publicsuffix"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping/life"
)

// Mapper applies one state of the mapping. But for a count of failures it does not change, and may be used by several goroutines.
type Mapper struct {
	ownDomains   map[string]bool
	ownAddresses map[string]bool // normalised
	freeMail     domainList      // beside the built-in list
	roles        nameList
	noReply      nameList
	byDomain     bool
	newPeople    Policy

	noAddresses []addressPattern // what is kept out
	noDomains   []string
	noSubjects  []subjectPattern
	noFolders   []folderPattern
	noClasses   map[crm.Class]bool         // nil for the default
	sources     map[string][]folderPattern // kept out of single sources
	private     string                     // what becomes of private events: PrivateSkip …

	location  *time.Location // of the organisation's days; nil means UTC
	forms     map[string]*formRules
	mailForms []string // ids of the forms that have mails, sorted
	fields    map[crm.ActivityKind]*kindRules
	custom    map[crm.FieldTarget]map[string]crm.FieldDef
	tests     []Test
	life      *life.Rules
	missed    atomic.Int64 // rules that failed on an item

	hash string
}

// New prepares a mapping. The sources are those of the configuration: their owners belong to the
// organisation, and Screens knows their excluded folders. Every mistake is reported, with paths such as
// "organization.domains[0]" and "mapping.screen.subjects[1]"; the Mapper is nil if there is one.
func New(org Organization, doc Document, sources ...Source) (*Mapper, []connectors.Problem) {
	var problems []connectors.Problem
	m := &Mapper{
		ownDomains:   map[string]bool{},
		ownAddresses: map[string]bool{},
		freeMail:     domainList{},
		noReply:      newNameList(noReplyData, nil),
		roles:        newNameList(rolesData, doc.Match.RoleNames),
		byDomain:     doc.Match.Domain == nil || *doc.Match.Domain,
		newPeople:    doc.People.New,
		sources:      map[string][]folderPattern{},
	}
	m.setOrganization(org, &problems)
	m.setDocument(doc, &problems)
	m.setRules(org, doc, &problems)
	m.setLife(org, doc, &problems)
	m.tests, m.location = doc.Tests, org.Location
	for i, source := range sources {
		m.addSource(fmt.Sprintf("sources[%d]", i), source, &problems)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	m.hash = hash(m, doc, sources)
	return m, nil
}

// Hash changes when the organisation, the document, or a source's owner or folders change: what was logged
// must then be screened again. The lifecycle section does not count: what follows from what is logged has a hash of
// its own (Life), and what is logged stays.
func (m *Mapper) Hash() string { return m.hash }

// IsOwn reports whether an address belongs to the organisation: by its domain, among the addresses of its
// people, or as the owner of a source. Something that is no address does not.
func (m *Mapper) IsOwn(written string) bool {
	normal, ok := crm.NormalizeAddress(written)
	return ok && m.isOwn(normal, crm.AddressDomain(normal))
}

func (m *Mapper) isOwn(normal, domain string) bool {
	if m.ownAddresses[normal] {
		return true
	}
	for d := range crm.DomainAndParents(domain) {
		if m.ownDomains[d] {
			return true
		}
	}
	return false
}

// Own is all by which somebody belongs to the organisation, sorted: its domains, and the normalised addresses
// of its people and of the sources' owners.
func (m *Mapper) Own() []string {
	own := make([]string, 0, len(m.ownDomains)+len(m.ownAddresses))
	for domain := range m.ownDomains {
		own = append(own, domain)
	}
	for address := range m.ownAddresses {
		own = append(own, address)
	}
	slices.Sort(own)
	return own
}

func (m *Mapper) setOrganization(org Organization, problems *[]connectors.Problem) {
	for _, domain := range compile("organization.domains", org.Domains, ownDomain, problems) {
		m.ownDomains[domain] = true
	}
	for _, address := range compile("organization.addresses", org.Addresses, normalAddress, problems) {
		m.ownAddresses[address] = true
	}
}

func (m *Mapper) setDocument(doc Document, problems *[]connectors.Problem) {
	m.noAddresses = compile("mapping.screen.addresses", doc.Screen.Addresses, newAddressPattern, problems)
	m.noDomains = compile("mapping.screen.domains", doc.Screen.Domains, normalDomain, problems)
	m.noSubjects = compile("mapping.screen.subjects", doc.Screen.Subjects, newSubjectPattern, problems)
	m.noFolders = compile("mapping.screen.folders", doc.Screen.Folders, newFolderPattern, problems)
	for _, domain := range compile("mapping.match.free_mail", doc.Match.FreeMail, normalDomain, problems) {
		m.freeMail[domain] = true
	}
	compile("mapping.match.role_names", doc.Match.RoleNames, func(s string) (string, error) { return s, nil }, problems)
	if doc.Screen.Classes != nil {
		m.noClasses = map[crm.Class]bool{}
	}
	for i, class := range doc.Screen.Classes {
		if !slices.Contains(classes(), class) {
			*problems = append(*problems, connectors.Problem{
				Path: fmt.Sprintf("mapping.screen.classes[%d]", i), What: fmt.Sprintf("%q is not a class of mail", class),
				Hint: fmt.Sprintf("write one of %v", classes()),
			})
		}
		m.noClasses[class] = true
	}
	checkPolicy("mapping.people.new", doc.People.New, problems)
	m.setMeetings(doc.Meetings, problems)
}

func (m *Mapper) setMeetings(rules Meetings, problems *[]connectors.Problem) {
	m.private = cmp.Or(rules.Private, PrivateSkip)
	if !slices.Contains(privateRules(), m.private) {
		*problems = append(*problems, connectors.Problem{
			Path: "mapping.meetings.private", What: fmt.Sprintf("%q is no rule for private events", rules.Private),
			Hint: cmp.Or(Suggest(rules.Private, privateRules()), "write one of "+strings.Join(privateRules(), ", ")),
		})
	}
}

func (m *Mapper) addSource(path string, source Source, problems *[]connectors.Problem) {
	checkPolicy(path+".new_people", source.NewPeople, problems)
	if source.Owner != "" {
		owner, err := normalAddress(source.Owner)
		if err != nil {
			*problems = append(*problems, connectors.Problem{Path: path + ".owner", What: err.Error(), Hint: "write the rep's mail address"})
		}
		m.ownAddresses[owner] = true
	}
	m.sources[source.ID] = compile(path+".exclude_folders", source.ExcludeFolders, newFolderPattern, problems)
}

func checkPolicy(path string, p Policy, problems *[]connectors.Problem) {
	if !p.Valid() {
		*problems = append(*problems, connectors.Problem{
			Path: path, What: fmt.Sprintf("%q is not a policy for new people", p), Hint: fmt.Sprintf("write one of %v", Policies()),
		})
	}
}

func classes() []crm.Class {
	return []crm.Class{crm.ClassPersonal, crm.ClassAutoReply, crm.ClassBounce, crm.ClassBulk, crm.ClassInvitation, crm.ClassFormNotification}
}

func normalAddress(text string) (string, error) {
	normal, ok := crm.NormalizeAddress(text)
	if !ok {
		return "", fmt.Errorf("%q is not an address", text)
	}
	return normal, nil
}

func normalDomain(text string) (string, error) {
	domain, ok := crm.NormalizeDomain(text)
	if !ok {
		return "", fmt.Errorf("%q is not a domain", text)
	}
	return domain, nil
}

// ownDomain refuses domains that strangers have too: their mail would count as internal and be lost.
func ownDomain(text string) (string, error) {
	domain, err := normalDomain(text)
	switch {
	case err != nil:
		return "", err
	case IsFreeMail(domain):
		return "", fmt.Errorf("%s is a domain of free mail, everybody there would count as internal; list your people's addresses under addresses", domain)
	case isPublicSuffix(domain):
		return "", fmt.Errorf("companies have their domains below %s, all of them would count as internal", domain)
	}
	return domain, nil
}

// isPublicSuffix reports domains such as co.jp, below which anybody can have one. A single label like
// "localdomain" that no registry runs is not one.
func isPublicSuffix(domain string) bool {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	return icann && suffix == domain
}

func hash(m *Mapper, doc Document, sources []Source) string {
	doc.Lifecycle = life.Document{}
	folders := map[string][]string{}
	for _, source := range sources {
		folders[source.ID] = source.ExcludeFolders
	}
	state, err := json.Marshal(struct {
		Own      []string
		Document Document
		Folders  map[string][]string
	}{m.Own(), doc, folders})
	if err != nil { // strings, lists and maps of strings cannot fail
		panic(err)
	}
	sum := sha256.Sum256(state)
	return hex.EncodeToString(sum[:])
}
