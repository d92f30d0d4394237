package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tsunagu-crm/tsunagu/config"
	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/intake"
	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
	"github.com/tsunagu-crm/tsunagu/sync/engine"
	"github.com/tsunagu-crm/tsunagu/sync/schedule"
	"github.com/tsunagu-crm/tsunagu/web"
)

// formBook are the forms that may be posted to: those of the configuration, which says how submissions are taken, and
// those of the mapping, which says what they mean. It does not change; a reload or a new mapping makes another one.
type formBook struct {
	list []web.Form // ordered by ID
	byID map[string]web.Form
}

func newFormBook(cfg *config.Config, document mapping.Document) *formBook {
	book := &formBook{byID: map[string]web.Form{}}
	for i := range cfg.Forms {
		book.byID[cfg.Forms[i].ID] = webForm(&cfg.Forms[i])
	}
	for id, meaning := range document.Forms {
		form, known := book.byID[id]
		if !known {
			usual := config.UsualForm(id)
			form = webForm(&usual)
		}
		form.Name = meaning.Name
		if len(form.Inputs) == 0 {
			form.Inputs = mappedInputs(&meaning, &document)
		}
		book.byID[id] = form
	}
	for _, form := range book.byID {
		book.list = append(book.list, form)
	}
	slices.SortFunc(book.list, func(a, b web.Form) int { return cmp.Compare(a.ID, b.ID) })
	return book
}

func webForm(f *config.Form) web.Form {
	form := web.Form{ID: f.ID, ReturnURLs: f.ReturnURLs, Origins: f.Origins, MinFill: time.Duration(f.MinFillSeconds) * time.Second,
		PerMinute: f.RatePerMinute, PerAddress: f.RatePerAddress, HMACSecret: f.HMACSecret}
	for _, in := range f.Inputs {
		form.Inputs = append(form.Inputs, web.FormInput{Name: in.Name, Label: crm.Label{JA: in.Label, EN: in.LabelEN}, Type: in.Type, Required: in.Required, Options: in.Options})
	}
	if f.Captcha != nil {
		form.Captcha = web.Captcha(*f.Captcha)
	}
	return form
}

// liveForms are today's forms, as the web app asks for them.
type liveForms struct{ in *instance }

// Form is the form of an id; false if there is none.
func (l liveForms) Form(id string) (web.Form, bool) {
	form, ok := l.in.force.Load().forms.byID[id]
	return form, ok
}

// Forms are all of them, ordered by ID.
func (l liveForms) Forms() []web.Form { return l.in.force.Load().forms.list }

// screens says whether today's mapping keeps a submission out.
func (in *instance) screens(s crm.Submission) (crm.Reason, bool) {
	return in.mapper().ScreensSubmission(s)
}

// intakeSource is the source that reads what was posted to our own forms. It has no owner: whose an enquiry is, the
// mapping says.
func (in *instance) intakeSource(cfg *config.Config) (engine.Source, error) {
	spec, err := schedule.Parse(intake.Schedule, cfg.Location)
	if err != nil {
		return engine.Source{}, fmt.Errorf("schedule of %s: %w", config.IntakeSource, err)
	}
	return engine.Source{
		Source:   crm.Source{ID: config.IntakeSource, Kind: intake.Kind, Fingerprint: intake.Kind},
		Schedule: spec,
		Mapping:  mapping.Source{ID: config.IntakeSource},
		Open: func(context.Context) (connectors.Source, error) {
			return intake.Open(in.store, connectors.DefaultLimits()), nil
		},
	}, nil
}

// resource gives the engine the intake source when the first form appeared, and takes it away with the last.
func (in *instance) resource() error {
	if in.engine == nil {
		return nil
	}
	has := slices.ContainsFunc(in.engine.Sources(), func(s engine.Source) bool { return s.ID == config.IntakeSource })
	if has == (len(in.force.Load().forms.list) > 0) {
		return nil
	}
	sources, err := in.sources(in.cfg.Load())
	if err != nil {
		return err
	}
	in.engine.Replace(sources)
	return nil
}

// sourceIDs are the sources that are read: those of the configuration and, with forms, the intake.
func (in *instance) sourceIDs() []string {
	var ids []string
	for _, s := range in.cfg.Load().Sources {
		ids = append(ids, s.ID)
	}
	if f := in.force.Load(); f != nil && len(f.forms.list) > 0 {
		ids = append(ids, config.IntakeSource)
	}
	return ids
}
