package fakegoogle

import (
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// directory keeps groups and who may administer.
type directory struct {
	mu     sync.RWMutex
	groups map[string][]string
	admins map[string]bool
}

func newDirectory() *directory {
	return &directory{groups: map[string][]string{}, admins: map[string]bool{}}
}

// Group makes or replaces a group of the directory. A member that is a group itself is listed as one.
func (s *Server) Group(email string, members ...string) {
	d := s.groups
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = strings.ToLower(m)
	}
	d.groups[strings.ToLower(email)] = list
}

// Admin makes a user an administrator. Before the first call everybody may read the directory, afterwards
// only administrators.
func (s *Server) Admin(email string) {
	email = s.ensureUser(email)
	s.groups.mu.Lock()
	defer s.groups.mu.Unlock()
	s.groups.admins[email] = true
}

func (c *call) administers() bool {
	d := c.server.groups
	d.mu.RLock()
	defer d.mu.RUnlock()
	if len(d.admins) > 0 && !d.admins[c.user] {
		c.fail(apiError{status: http.StatusForbidden, reason: "forbidden", message: "Not Authorized to access this resource/api"})
		return false
	}
	return true
}

type nameJSON struct {
	Full   string `json:"fullName"`
	Given  string `json:"givenName"`
	Family string `json:"familyName"`
}

type userJSON struct {
	Kind      string   `json:"kind"`
	ID        string   `json:"id"`
	ETag      string   `json:"etag"`
	Email     string   `json:"primaryEmail"`
	Name      nameJSON `json:"name"`
	Admin     bool     `json:"isAdmin"`
	Suspended bool     `json:"suspended"`
	Mailbox   bool     `json:"isMailboxSetup"`
}

func (s *Server) userJSON(email string) (userJSON, bool) {
	s.auth.mu.RLock()
	defer s.auth.mu.RUnlock()
	u := s.auth.users[email]
	if u == nil {
		return userJSON{}, false
	}
	s.groups.mu.RLock()
	defer s.groups.mu.RUnlock()
	family, given, ok := strings.Cut(u.name, " ")
	if !ok {
		given = u.name
	}
	return userJSON{
		Kind: "admin#directory#user", ID: subject(email), ETag: etag(email, u.name), Email: email,
		Name: nameJSON{u.name, given, family}, Admin: s.groups.admins[email], Suspended: u.disabled, Mailbox: true,
	}, true
}

func etag(parts ...string) string { return strconv.Quote(strconv.FormatUint(hash64(parts...), 36)) }

func (s *Server) getUser(c *call) {
	if !c.administers() {
		return
	}
	u, ok := s.userJSON(strings.ToLower(c.vars[0]))
	if !ok {
		c.fail(apiError{status: http.StatusNotFound, reason: "notFound", message: "Resource Not Found: userKey"})
		return
	}
	c.answer(u)
}

func (s *Server) listUsers(c *call) {
	domain := strings.ToLower(c.params.Get("domain"))
	if domain == "" && c.params.Get("customer") == "" {
		c.fail(badRequest("Bad Request"))
		return
	}
	if !c.administers() {
		return
	}
	s.auth.mu.RLock()
	emails := s.auth.emails()
	s.auth.mu.RUnlock()
	emails = slices.DeleteFunc(emails, func(e string) bool { return domain != "" && !strings.HasSuffix(e, "@"+domain) })
	page, next, ok := c.cut(emails, 100, 500)
	if !ok {
		return
	}
	answer := struct {
		Kind  string     `json:"kind"`
		ETag  string     `json:"etag"`
		Users []userJSON `json:"users,omitempty"`
		Next  string     `json:"nextPageToken,omitempty"`
	}{Kind: "admin#directory#users", ETag: etag(page...), Next: next}
	for _, e := range page {
		if u, ok := s.userJSON(e); ok {
			answer.Users = append(answer.Users, u)
		}
	}
	c.answer(answer)
}

// cut takes the page of a sorted list that follows the one named by the page token.
func (c *call) cut(all []string, normal, highest int) ([]string, string, bool) {
	limit, ok := c.number("maxResults", normal, highest)
	if !ok {
		return nil, "", false
	}
	question := seal(append(c.vars, c.method, c.params.Get("domain"))...)
	if token := c.params.Get("pageToken"); token != "" {
		last, ok := openToken(token, question)
		if !ok {
			c.fail(badRequest("Invalid Input: pageToken"))
			return nil, "", false
		}
		all = all[sort.Search(len(all), func(i int) bool { return all[i] > last }):]
	}
	if len(all) <= limit {
		return all, "", true
	}
	return all[:limit], sealToken(all[limit-1], question), true
}

type memberJSON struct {
	Kind   string `json:"kind"`
	ETag   string `json:"etag"`
	ID     string `json:"id"`
	Email  string `json:"email"`
	Role   string `json:"role"`
	Type   string `json:"type"`
	Status string `json:"status"`
}

func (c *call) group() ([]string, bool) {
	d := c.server.groups
	d.mu.RLock()
	defer d.mu.RUnlock()
	members, ok := d.groups[strings.ToLower(c.vars[0])]
	if !ok {
		c.fail(apiError{status: http.StatusNotFound, reason: "notFound", message: "Resource Not Found: groupKey"})
	}
	return slices.Clone(members), ok
}

func (s *Server) getGroup(c *call) {
	if !c.administers() {
		return
	}
	members, ok := c.group()
	if !ok {
		return
	}
	email := strings.ToLower(c.vars[0])
	name, _, _ := strings.Cut(email, "@")
	c.answer(map[string]any{
		"kind": "admin#directory#group", "id": subject(email), "etag": etag(members...), "email": email, "name": name,
		"directMembersCount": strconv.Itoa(len(members)), "adminCreated": true,
	})
}

func (s *Server) listMembers(c *call) {
	if !c.administers() {
		return
	}
	members, ok := c.group()
	if !ok {
		return
	}
	slices.Sort(members)
	page, next, ok := c.cut(slices.Compact(members), 200, 200)
	if !ok {
		return
	}
	answer := struct {
		Kind    string       `json:"kind"`
		ETag    string       `json:"etag"`
		Members []memberJSON `json:"members,omitempty"`
		Next    string       `json:"nextPageToken,omitempty"`
	}{Kind: "admin#directory#members", ETag: etag(page...), Next: next}
	for _, m := range page {
		answer.Members = append(answer.Members, s.member(m))
	}
	c.answer(answer)
}

func (s *Server) member(email string) memberJSON {
	m := memberJSON{
		Kind: "admin#directory#member", ETag: etag(email), ID: subject(email), Email: email, Role: "MEMBER", Type: "USER", Status: "ACTIVE",
	}
	if u, ok := s.userJSON(email); ok && u.Suspended {
		m.Status = "SUSPENDED"
	}
	s.groups.mu.RLock()
	defer s.groups.mu.RUnlock()
	if _, ok := s.groups.groups[email]; ok {
		m.Type = "GROUP"
	}
	return m
}
