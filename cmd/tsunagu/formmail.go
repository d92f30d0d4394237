package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/files"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/mapping/formmail"
)

type formMailCommand struct {
	Learn formMailLearnCommand `cmd:"" help:"Make the part of a mapping that reads a form's notification mails, from one example."`
	Test  formMailTestCommand  `cmd:"" help:"Read notification mails with a mapping, and print what they say."`
}

type formMailLearnCommand struct {
	Form  string   `arg:"" help:"Id that the form has, or gets, in the mapping."`
	File  string   `arg:"" help:"The example: an .eml file."`
	Field []string `short:"f" sep:"none" placeholder:"NAME=VALUE" required:"" help:"A field and its value as it stands in the example, whole; once for each field. NAME= for a field that is empty there and whose label is NAME."`
}

// Run prints the piece of YAML that belongs into the mapping.
func (c *formMailLearnCommand) Run(a *app) error {
	marked := make([]formmail.Marked, len(c.Field))
	for i, text := range c.Field {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return misused("write --field email=tanaka@client.example", "%q is no NAME=VALUE", text)
		}
		marked[i] = formmail.Marked{Name: name, Value: strings.ReplaceAll(value, `\n`, "\n")}
	}
	example, err := readMail(a.ctx, c.File)
	if err != nil {
		return err
	}
	parser, err := formmail.Learn(*example, marked)
	if err != nil {
		return failed("give each value as it stands in the mail, and all fields that the form has", "%s: %v", c.File, err)
	}
	text, err := yaml.Marshal(map[string]any{"forms": map[string]any{c.Form: map[string]any{"mail": parser}}})
	if err != nil {
		return fmt.Errorf("write parser: %w", err)
	}
	a.sayf("%s", strings.TrimRight(string(text), "\n"))
	a.notef("Put this into the mapping, then try it on more mails: tsunagu form-mail test MAPPING %s FILE…", c.Form)
	return nil
}

type formMailTestCommand struct {
	Mapping string   `arg:"" help:"Mapping document, or the piece that learn printed."`
	Form    string   `arg:"" help:"Id of the form in it."`
	Files   []string `arg:"" help:"Mails: .eml files."`
}

// Run reads every mail; it fails if one of them cannot be read.
func (c *formMailTestCommand) Run(a *app) error {
	cfg, err := a.load()
	if err != nil {
		return err
	}
	d, err := a.readDraft(cfg, c.Mapping)
	if err != nil {
		return err
	}
	parser, err := parserOf(d.document, c.Mapping, c.Form)
	if err != nil {
		return err
	}
	unread := 0
	for _, file := range c.Files {
		mail, err := readMail(a.ctx, file)
		if err != nil {
			return err
		}
		fields, why := tryParser(parser, mail)
		if why != "" {
			unread++
			a.sayf("%s: not read: %s", file, why)
			continue
		}
		a.sayf("%s:", file)
		for _, f := range fields {
			a.sayf("  %s: %s", f.Name, strings.ReplaceAll(strings.Join(f.Values, "; "), "\n", "\n    "))
		}
	}
	if unread > 0 {
		return failed("mark the fields in another example, or mend the parser by hand (docs/mapping.md)", "%s could not be read", counted(unread, "mail", "mails"))
	}
	return nil
}

func parserOf(d mapping.Document, file, form string) (*formmail.Parser, error) {
	f, ok := d.Forms[form]
	if !ok {
		return nil, misused("", "%s has no form %s", file, form)
	}
	if f.Mail == nil {
		return nil, misused("make one with `tsunagu form-mail learn`", "the form %s in %s does not say how its mails are read (mail)", form, file)
	}
	return f.Mail, nil
}

// tryParser gives what a mail says, or why it does not.
func tryParser(p *formmail.Parser, mail *connectors.Message) (fields []crm.FormField, why string) {
	if !p.Matches(mail) {
		return nil, "sender or subject are those of another mail"
	}
	fields, err := p.Parse(mail)
	if err != nil {
		return nil, err.Error()
	}
	return fields, ""
}

// readMail reads an .eml file as the files source does.
func readMail(ctx context.Context, path string) (*connectors.Message, error) {
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return nil, misused("name an .eml file", "%s cannot be read", path)
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	settings, ok := files.Kind().NewSettings().(*files.Settings)
	if !ok {
		return nil, failed("", "the files source has other settings")
	}
	settings.Path, settings.Format = absolute, "eml"
	src, err := settings.Open(ctx, connectors.Env{ID: "example"})
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	batch, err := src.Fetch(ctx, "")
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, err)
	case len(batch.Items) != 1 || batch.Items[0].Err != nil || batch.Items[0].Message == nil:
		return nil, failed("", "%s is no mail", path)
	}
	return batch.Items[0].Message, nil
}
