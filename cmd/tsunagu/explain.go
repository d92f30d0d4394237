package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

type explainCommand struct {
	ID string `arg:"" name:"activity-or-item" help:"Id or key of an activity, or the id of an item as export ledger shows it, alone or as SOURCE/ID."`
}

// Run tells in prose what became of an item, and why.
func (c *explainCommand) Run(a *app) error {
	return a.with(streams{}, func(in *instance) error {
		e := explainer{app: a, store: in.store, zone: in.cfg.Load().Location, ja: a.japanese(in.cfg.Load())}
		entries, err := c.entries(a.ctx, in)
		if err != nil {
			return err
		}
		ids := []string{c.ID}
		for _, entry := range entries {
			if entry.Activity != "" && !slices.Contains(ids, entry.Activity) {
				ids = append(ids, entry.Activity)
			}
		}
		told := map[string]bool{}
		for _, id := range ids {
			activity, err := in.store.GetActivity(a.ctx, id)
			if errors.Is(err, crm.ErrNotFound) || told[activity.ID] {
				continue
			}
			if err != nil {
				return fmt.Errorf("read activity: %w", err)
			}
			told[activity.ID] = true
			rows, err := in.store.FindEntries(a.ctx, activity.ID)
			if err != nil {
				return fmt.Errorf("read ledger: %w", err)
			}
			if err := e.activity(activity, rows); err != nil {
				return err
			}
		}
		for _, entry := range entries {
			if entry.Verdict != crm.Logged {
				told[entry.ExternalID] = true
				e.entry(entry)
			}
		}
		if len(told) == 0 {
			return failed("`tsunagu export ledger` lists every item that was seen", "nothing has the id %s", c.ID)
		}
		return nil
	})
}

// entries finds the ledger rows that an id means. An item's id may follow that of its source and a slash,
// since two sources can have items with the same id.
func (c *explainCommand) entries(ctx context.Context, in *instance) ([]crm.Entry, error) {
	if source, id, ok := strings.Cut(c.ID, "/"); ok {
		entry, err := in.store.GetEntry(ctx, source, id)
		if err == nil {
			return []crm.Entry{entry}, nil
		}
		if !errors.Is(err, crm.ErrNotFound) {
			return nil, fmt.Errorf("read ledger: %w", err)
		}
	}
	entries, err := in.store.FindEntries(ctx, c.ID)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return nil, fmt.Errorf("read ledger: %w", err)
	}
	return entries, nil
}

// explainer writes prose in one language.
type explainer struct {
	*app
	store explainStore
	zone  *time.Location
	ja    bool
}

type explainStore interface {
	GetPerson(ctx context.Context, id string) (crm.Person, error)
	GetAccount(ctx context.Context, id string) (crm.Account, error)
	GetReview(ctx context.Context, id string) (crm.Review, error)
}

// line prints one of two sentences.
func (e explainer) line(en, ja string, args ...any) {
	if e.ja {
		en = ja
	}
	e.sayf(en, args...)
}

// either chooses a word.
func (e explainer) either(en, ja string) string {
	if e.ja {
		return ja
	}
	return en
}

func (e explainer) moment(t time.Time) string { return t.In(e.zone).Format("2006-01-02 15:04") }

func (e explainer) activity(a crm.Activity, entries []crm.Entry) error {
	e.line("\"%s\", %s, %s", "「%s」 %s %s", oneLine(a.Subject), e.moment(a.Time), e.direction(a.Direction))
	people, first, err := e.names(a)
	if err != nil {
		return err
	}
	e.line("Logged for: %s", "活動として記録した相手: %s", strings.Join(people, e.either(", ", "、")))
	e.sayf("%s", e.rule(a.Match))
	for _, r := range a.Match.RunnersUp {
		e.line("%s (%s) might have been meant as well, by %s: %s.", "候補には %s(%s)もありました。根拠は%s(%s)です。",
			r.Name, r.Kind, e.ruleName(r.Rule), r.Evidence)
	}
	for _, o := range a.Observed {
		e.line("It was seen in %s (%s), owner %s, as %s.", "%s(%s)で見つかりました。担当者 %s、ID %s。", o.Source, o.Folder, o.Owner, o.ExternalID)
	}
	e.late(entries, first)
	e.asked(a)
	if a.Version > 1 {
		e.line("This is version %d of it.", "これは %d 番目の版です。", a.Version)
	}
	return nil
}

// asked says about whom on it a review is open.
func (e explainer) asked(a crm.Activity) {
	if a.By != "" {
		return
	}
	for _, address := range a.Unknown() {
		for _, kind := range []crm.ReviewKind{crm.ReviewAmbiguous, crm.ReviewNewContact} {
			if r, err := e.store.GetReview(e.ctx, crm.ReviewID(kind, address)); err == nil && r.State == crm.ReviewOpen {
				e.line("Who %s is, is still asked: decide in the web app under reviews.", "%s が誰であるかは、まだ確認中です。ウェブアプリの要確認で決めてください。", address)
			}
		}
	}
}

// late says whether the item was logged only after it was seen: the one it is logged for became known later. Why
// it was not logged at first, the ledger does not keep: nobody on it may have been known, or it was unreadable.
func (e explainer) late(entries []crm.Entry, known time.Time) {
	for _, entry := range entries {
		if entry.Verdict == crm.Logged && known.After(entry.SeenAt) {
			e.line("It was logged late: it was first seen on %s, and who it is logged for was added on %s.",
				"後から記録されました。最初に見つかったのは %s、相手が登録されたのは %s です。", e.moment(entry.SeenAt), e.moment(known))
			return
		}
	}
}

// names gives the names of the people and accounts of an activity, and when the first of them became known.
func (e explainer) names(a crm.Activity) (names []string, known time.Time, err error) {
	note := func(name string, created time.Time) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
		if known.IsZero() || created.Before(known) {
			known = created
		}
	}
	for _, p := range a.People {
		if p.ID == "" {
			continue
		}
		person, err := e.store.GetPerson(e.ctx, p.ID)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, known, fmt.Errorf("read person: %w", err)
		}
		note(fmt.Sprintf("%s <%s>", person.Name, p.Address), person.Created)
	}
	for _, id := range a.Accounts {
		account, err := e.store.GetAccount(e.ctx, id)
		if errors.Is(err, crm.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, known, fmt.Errorf("read account: %w", err)
		}
		note(account.Name, account.Created)
	}
	if len(names) == 0 {
		names = []string{e.either("nobody who is still known", "登録の残っていない相手")}
	}
	return names, known, nil
}

func (e explainer) direction(d crm.Direction) string {
	switch d {
	case crm.DirectionIn:
		return e.either("received", "受信")
	case crm.DirectionOut:
		return e.either("sent", "送信")
	case crm.DirectionInternal:
		return e.either("internal", "社内")
	}
	return e.either("without direction", "方向なし")
}

// entry says why an item was not logged.
func (e explainer) entry(x crm.Entry) {
	e.line("%s in %s was seen on %s and is not logged.", "%s(取得元 %s)は %s に見つかりましたが、記録していません。", x.ExternalID, x.Source, e.moment(x.SeenAt))
	e.sayf("%s", e.reason(x))
	if x.Verdict == crm.Failed && !x.NextTry.IsZero() {
		e.line("It was tried "+counted(x.Attempts, "time", "times")+"; the next try is at %[2]s.", "%d 回試しました。次は %s に試します。", x.Attempts, e.moment(x.NextTry))
	}
	if x.Retired {
		e.line("The source no longer knows it by this id.", "取得元では、この ID はもう使われていません。")
	}
}

func (e explainer) reason(x crm.Entry) string {
	code, detail, _ := strings.Cut(string(x.Reason), ": ")
	sentences, known := e.reasons()[code]
	if !known {
		return string(x.Reason)
	}
	if detail == "" {
		return sentences
	}
	return sentences + " (" + detail + ")"
}
