package webform

import (
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// Settings are the settings of a webform source. What is left out is the recipe's, or the default.
type Settings struct {
	Recipe string `yaml:"recipe" json:"recipe"` // name of a preset: see Recipes
	Form   string `yaml:"form" json:"form"`     // id of the form in the mapping

	URL     string            `yaml:"url" json:"url"`       // may hold {{since}}, {{after}}, {{cursor}}, {{page}}, {{offset}}, {{size}}
	Method  string            `yaml:"method" json:"method"` // GET or POST
	Headers map[string]string `yaml:"headers" json:"-"`     // names are no secret, values may be
	Query   map[string]string `yaml:"query" json:"-"`       // like URL; a parameter whose value is empty is left out
	Body    string            `yaml:"body" json:"-"`        // of a POST; JSON unless Headers say otherwise
	Bearer  string            `yaml:"bearer" json:"-" secret:"true"`
	Basic   *Basic            `yaml:"basic" json:"basic"`

	Format    string `yaml:"format" json:"format"`       // json or csv
	Charset   string `yaml:"charset" json:"charset"`     // auto, utf-8, shift_jis or euc-jp
	Delimiter string `yaml:"delimiter" json:"delimiter"` // of CSV: one character, or tab

	List       string            `yaml:"list" json:"list"`               // path to the rows; "" for the whole answer
	ID         string            `yaml:"id" json:"id"`                   // path in a row to the response id; "" for a hash of the row
	Time       string            `yaml:"time" json:"time"`               // path in a row to when it was sent
	Updated    string            `yaml:"updated" json:"updated"`         // path in a row to when it was last edited
	TimeFormat string            `yaml:"time_format" json:"time_format"` // auto, unix, unix_ms or a layout of Go such as 2006/01/02 15:04
	TimeZone   string            `yaml:"time_zone" json:"time_zone"`     // of times without one: Asia/Tokyo; UTC if left out
	Fields     []Field           `yaml:"fields" json:"fields"`           // none for everything in the row
	Skip       []string          `yaml:"skip" json:"skip"`               // names that are left out of everything
	Answers    *Answers          `yaml:"answers" json:"answers"`         // rows that list their answers one by one
	Touch      map[string]string `yaml:"touch" json:"touch"`             // campaign, channel, source, medium, term, content, referrer, landing: paths in a row

	Cursor  Place  `yaml:"cursor" json:"cursor"`
	Paging  Paging `yaml:"paging" json:"paging"`
	ItemURL string `yaml:"item_url" json:"item_url"` // of a single row, with {{id}}; "" to look for it in the list
	Item    string `yaml:"item" json:"item"`         // path to the row in the answer of ItemURL

	Allow    []string `yaml:"allow" json:"allow"`         // blocks of addresses or host:port that may be reached although they are not public
	CAFile   string   `yaml:"ca_file" json:"ca_file"`     // PEM file with a private certificate authority
	Proxy    string   `yaml:"proxy" json:"-"`             // URL; may hold a password
	Timeout  string   `yaml:"timeout" json:"timeout"`     // of one request with its answer: 30s
	MaxBytes int64    `yaml:"max_bytes" json:"max_bytes"` // of one answer
	MaxItems int      `yaml:"max_items" json:"max_items"` // that are kept in mind
	MaxPages int      `yaml:"max_pages" json:"max_pages"` // of one walk
}

// Basic is a user name and a password (RFC 7617).
type Basic struct {
	Username string `yaml:"username" json:"username"`
	Password string `yaml:"password" json:"-"`
}

// Field names one field of the submission.
type Field struct {
	Path  string `yaml:"path" json:"path"`   // in a row
	Name  string `yaml:"name" json:"name"`   // "" for the path
	Label string `yaml:"label" json:"label"` // the question as people read it
}

// Answers describes rows that hold a list of answers instead of named fields.
type Answers struct {
	List  string   `yaml:"list" json:"list"`   // path in a row to the answers
	Name  string   `yaml:"name" json:"name"`   // path in an answer to the field's name
	Label string   `yaml:"label" json:"label"` // path in an answer to the question; "" if only the name is there
	Value []string `yaml:"value" json:"value"` // paths in an answer; the first that is there counts
}

// Place is how the next walk starts where the last one ended.
type Place struct {
	By      string `yaml:"by" json:"by"`           // all, time or id
	Format  string `yaml:"format" json:"format"`   // of {{since}}: rfc3339, unix, unix_ms, date, datetime or a layout of Go
	Overlap string `yaml:"overlap" json:"overlap"` // how far before the mark: 10m
	Start   string `yaml:"start" json:"start"`     // 90d, 2026-01-31 or all: older rows are left alone
}

// Paging is how the pages of a list are asked for.
type Paging struct {
	By          string `yaml:"by" json:"by"`                     // none, page, offset, token, url or link (RFC 8288)
	First       *int   `yaml:"first" json:"first"`               // number of the first page; 1 if left out
	Size        int    `yaml:"size" json:"size"`                 // rows of a page: {{size}}
	Next        string `yaml:"next" json:"next"`                 // path in the answer to the next token or URL
	Pages       string `yaml:"pages" json:"pages"`               // path in the answer to the number of pages
	PagesHeader string `yaml:"pages_header" json:"pages_header"` // header with the number of pages
	Total       string `yaml:"total" json:"total"`               // path in the answer to the number of rows
	TotalHeader string `yaml:"total_header" json:"total_header"` // header with the number of rows
	More        string `yaml:"more" json:"more"`                 // path in the answer: false on the last page
}

// The words of the settings.
const (
	formatJSON = "json"
	formatCSV  = "csv"

	byAll  = "all"
	byTime = "time"
	byID   = "id"

	pageNone   = "none"
	pageNumber = "page"
	pageOffset = "offset"
	pageToken  = "token"
	pageURL    = "url"
	pageLink   = "link"
)

const (
	defaultMaxItems = 100_000
	defaultMaxPages = 10_000
	defaultOverlap  = 10 * time.Minute

	keepRows = 5000 // are kept in mind behind a mark; twenty bytes each
)

// Kind describes the webform source.
func Kind() connectors.SourceKind {
	return connectors.SourceKind{
		Name:        "webform",
		Schedule:    "@every 5m",
		NewSettings: func() connectors.Settings { return &Settings{} },
	}
}

// Secrets names the headers that may hold a secret, and whatever else may.
func (s *Settings) Secrets() []string {
	out := []string{"bearer", "proxy"}
	for name := range s.Headers {
		if !openHeader(name) {
			out = append(out, "headers."+name)
		}
	}
	for name := range s.Query {
		if secretName(name) {
			out = append(out, "query."+name)
		}
	}
	return out
}
