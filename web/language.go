package web

import (
	"embed"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"

	"github.com/tsunagu-crm/tsunagu/crm"
)

//go:embed i18n/*.yaml
var i18nFiles embed.FS

// languages are the languages that there is a catalogue for. The first is the one of last resort.
func languages() []string { return []string{"ja", "en"} }

// speaker says things in one language. It is made once per language and shared.
type speaker struct {
	lang     string
	messages map[string]message
	hints    map[string]message // what connectors advise and tell, in their English: shared by all
	zone     *time.Location
}

// message is a sentence of the catalogue, cut at its {placeholders}: literal, name, literal, name, literal.
type message []string

func newSpeakers(zone *time.Location) (map[string]*speaker, error) {
	speakers := map[string]*speaker{}
	for _, lang := range languages() {
		texts, err := readCatalogue(lang)
		if err != nil {
			return nil, err
		}
		sp := &speaker{lang: lang, messages: make(map[string]message, len(texts)), zone: zone}
		for key, text := range texts {
			sp.messages[key] = cutMessage(text)
		}
		speakers[lang] = sp
	}
	hints := map[string]message{}
	for key, m := range speakers["en"].messages {
		if strings.HasPrefix(key, hintKeys) || strings.HasPrefix(key, noteKeys) {
			hints[key] = m
		}
	}
	for _, sp := range speakers {
		sp.hints = hints
	}
	return speakers, nil
}

// readCatalogue joins what a language says: LANG.yaml, and AREA.LANG.yaml for each part of the app. No key stands twice.
func readCatalogue(lang string) (map[string]string, error) {
	files, err := fs.Glob(i18nFiles, "i18n/*"+lang+".yaml")
	if err != nil {
		return nil, fmt.Errorf("list catalogues: %w", err)
	}
	texts := map[string]string{}
	for _, file := range files {
		raw, err := i18nFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read catalogue: %w", err)
		}
		var some map[string]string
		if err := yaml.Unmarshal(raw, &some); err != nil {
			return nil, fmt.Errorf("read catalogue %s: %w", file, err)
		}
		for key, text := range some {
			if _, twice := texts[key]; twice {
				return nil, fmt.Errorf("read catalogue %s: %s stands in another one, too", file, key)
			}
			texts[key] = text
		}
	}
	return texts, nil
}

func cutMessage(text string) message {
	var m message
	for {
		before, rest, ok := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return append(m, text)
		}
		m = append(m, before, name)
		text = after
	}
}

// has says whether the catalogue has a key.
func (sp *speaker) has(key string) bool { _, ok := sp.messages[key]; return ok }

// text is the sentence with its placeholders replaced by args, which are name and value in turn. A number
// called n picks key.one where the language has it. An unknown key speaks for itself, so that it is seen.
func (sp *speaker) text(key string, args ...any) string {
	m := sp.pick(key, args)
	if len(m) == 1 {
		return m[0]
	}
	var b strings.Builder
	for i, part := range m {
		if i%2 == 0 {
			b.WriteString(part)
		} else {
			b.WriteString(argument(part, args))
		}
	}
	return b.String()
}

// html is text for a page: each value is escaped and isolated, so that it is only ever a value.
func (sp *speaker) html(key string, args ...any) template.HTML {
	var b strings.Builder
	for i, part := range sp.pick(key, args) {
		if i%2 == 0 {
			b.WriteString(html.EscapeString(part))
			continue
		}
		b.WriteString("<bdi>")
		b.WriteString(html.EscapeString(argument(part, args)))
		b.WriteString("</bdi>")
	}
	return template.HTML(b.String()) //nolint:gosec // every value is escaped above
}

func (sp *speaker) pick(key string, args []any) message {
	if argument("n", args) == "1" {
		if m, ok := sp.messages[key+".one"]; ok {
			return m
		}
	}
	if m, ok := sp.messages[key]; ok {
		return m
	}
	return message{key}
}

func argument(name string, args []any) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		switch v := args[i+1].(type) {
		case string:
			return v
		case int:
			return group(int64(v))
		case int64:
			return group(v)
		default:
			return fmt.Sprint(v)
		}
	}
	return ""
}

// group writes a number with a comma every three digits, as both languages do.
func group(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// speakerFor chooses the language: ?lang=, which somebody asked for just now, else the user's own, else what
// the browser asks for, else the organisation's.
func (s *Server) speakerFor(r *http.Request, user crm.User) *speaker {
	if sp, ok := s.speakers[r.URL.Query().Get("lang")]; ok {
		return sp
	}
	if sp, ok := s.speakers[user.Locale]; ok {
		return sp
	}
	if tags, _, err := language.ParseAcceptLanguage(r.Header.Get("Accept-Language")); err == nil && len(tags) > 0 {
		// The tag that Match returns may carry extensions; its index is what names a catalogue.
		if _, index, confidence := s.matcher.Match(tags...); confidence >= language.High {
			return s.speakers[languages()[index]]
		}
	}
	if sp, ok := s.speakers[s.cfg.Organization.Locale]; ok {
		return sp
	}
	return s.speakers[languages()[0]]
}

func newMatcher() language.Matcher {
	var tags []language.Tag
	for _, lang := range languages() {
		tags = append(tags, language.Make(lang))
	}
	return language.NewMatcher(tags)
}
