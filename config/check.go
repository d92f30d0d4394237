package config

import (
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/mapping"
)

var sourceID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// check says what well-formed values may not be, and puts the right ones into their final form.
func (l *loader) check(root *yaml.Node, c *Config) {
	k := checker{loader: l, root: root}
	k.organization(c)
	k.sources(c.Sources)
	k.forms(c.Forms)
	k.google(c)
	k.access(&c.Access)
	k.signIn(&c.SignIn)
	k.http(&c.HTTP)
	k.enum("store.driver", c.Store.Driver, "bolt", "postgres")
	if c.Store.Driver == "postgres" {
		k.bad("store.driver", "this version keeps its data in bolt only", "write driver: bolt, or leave the section out")
	}
	k.enum("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.enum("log.format", c.Log.Format, "text", "json")
	if len(c.Targets) > 0 {
		k.bad("targets", "this version knows no kind of target", "leave the section out")
	}
	k.mapping(c)
	c.DataDir = k.path("data_dir", c.DataDir)
	c.Secrets.KeyFile = k.path("secrets.key_file", c.Secrets.KeyFile)
	k.backup(c)
	k.places(c)
}

// checker notes mistakes by the path of the setting.
type checker struct {
	*loader
	root *yaml.Node
}

func (k *checker) bad(path, what, hint string) {
	n := nearest(k.root, path)
	if k.unset[n] || k.broken[n] {
		return // said already
	}
	k.at(n, path, what, hint)
}

// shown quotes the value at a path as it stands in the file.
func (k *checker) shown(path, value string) string {
	if n := find(k.root, path); n != nil {
		return k.quote(n)
	}
	return strconv.Quote(value)
}

func (k *checker) enum(path, value string, known ...string) {
	if !slices.Contains(known, value) {
		k.bad(path, k.shown(path, value)+" is not possible here", mapping.Suggest(value, known))
	}
}

func (k *checker) path(path, value string) string {
	if value == "" {
		k.bad(path, "the path is empty", "")
		return ""
	}
	if !filepath.IsAbs(value) {
		value = filepath.Join(k.dir, value)
	}
	return filepath.Clean(value)
}

func (k *checker) organization(c *Config) {
	o := &c.Organization
	o.ZoneFiled = find(k.root, "organization.timezone") != nil
	// Without anything to read, the set-up in the browser asks for them.
	asked := len(c.Sources) == 0 && c.Google == nil && o.Name == "" && len(o.Domains) == 0
	if strings.TrimSpace(o.Name) == "" && !asked {
		k.bad("organization.name", "the name of your organisation is missing", "name: 株式会社サンプル")
	}
	if len(o.Domains) == 0 && !asked {
		k.bad("organization.domains", "your own mail domains are missing: without them internal mail cannot be told from customers'",
			"domains: [example.co.jp]")
	}
	seen := map[string]bool{}
	for i, d := range o.Domains {
		path := fmt.Sprintf("organization.domains[%d]", i)
		ascii, hint := domain(d)
		switch {
		case hint != "":
			k.bad(path, k.shown(path, d)+" is not a domain", hint)
		case seen[ascii]:
			k.bad(path, k.shown(path, d)+" stands here twice", "delete one")
		}
		seen[ascii] = true
		o.Domains[i] = ascii
	}
	for i, a := range o.Addresses {
		o.Addresses[i] = k.address(fmt.Sprintf("organization.addresses[%d]", i), a)
	}
	loc, ok := location(o.Timezone)
	if !ok {
		k.bad("organization.timezone", k.shown("organization.timezone", o.Timezone)+" is not a time zone", "write Asia/Tokyo, or another name of the IANA database")
	}
	c.Location = loc
	k.enum("organization.locale", o.Locale, "ja", "en")
}

func (k *checker) sources(sources []Source) {
	first := map[string]int{}
	for i := range sources {
		s, path := &sources[i], fmt.Sprintf("sources[%d]", i)
		before, twice := first[s.ID]
		switch {
		case s.ID == "":
			k.bad(path+".id", "the id of the source is missing", "id: sato-mail")
		case !sourceID.MatchString(s.ID):
			k.bad(path+".id", k.shown(path+".id", s.ID)+" is not an id", "lower-case letters, digits, dot, - and _, at most 63: sato-mail")
		case s.ID == IntakeSource:
			k.bad(path+".id", "the id "+IntakeSource+" belongs to the submissions to your own forms", "choose another one")
		case twice:
			n := find(k.root, fmt.Sprintf("sources[%d].id", before))
			k.bad(path+".id", "another source has the id "+k.shown(path+".id", s.ID)+" already", fmt.Sprintf("see line %d", n.Line))
		default:
			first[s.ID] = i
		}
		if s.Owner == "" {
			k.bad(path+".owner", "the owner is missing: whose mailbox is it?", "owner: sato@example.co.jp")
		} else {
			s.Owner = k.address(path+".owner", s.Owner)
		}
		k.policy(path+".new_people", s.NewPeople)
		for j, folder := range s.ExcludeFolders {
			if strings.TrimSpace(folder) == "" {
				k.bad(fmt.Sprintf("%s.exclude_folders[%d]", path, j), "the name of the folder is empty", "")
			}
		}
		if s.Schedule != "" {
			k.schedule(path+".schedule", s.Schedule)
		}
	}
}

func (k *checker) http(h *HTTP) {
	host, port, err := net.SplitHostPort(h.Listen)
	if _, notPort := strconv.ParseUint(port, 10, 16); err != nil || notPort != nil || strings.ContainsAny(host, " /@") {
		k.bad("http.listen", k.shown("http.listen", h.Listen)+" is not a place to listen", "write host:port, such as "+DefaultListen+" or :8466 for every address of this machine")
	}
	if h.PublicURL != "" {
		u, err := url.Parse(h.PublicURL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
			k.bad("http.public_url", k.shown("http.public_url", h.PublicURL)+" is not the address of a web site", "write https://tsunagu.example.co.jp")
		}
		h.PublicURL = strings.TrimRight(h.PublicURL, "/")
	}
}
