package importing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// step is how many rows are looked up at a time, and batch how many records are written: in a big store nearly each record
// is on pages of its own, so that many at once save little more than waiting for the disk.
const (
	step  = 1000
	batch = 4000
)

// Columns says what Make would take the columns of a table for.
func Columns(s *Sheet, o Options) (Report, error) {
	_, r, err := understand(s, o)
	return r, err
}

// understand finds out what the columns mean and what the table holds.
func understand(s *Sheet, o Options) ([]Field, Report, error) {
	columns := Guess(s.heading)
	r := Report{How: s.how, Kind: o.Kind, Guessed: o.Kind == "", Rows: len(s.rows)}
	if r.Guessed {
		r.Kind = s.guessKind(columns)
	}
	if !slices.Contains([]string{"leads", "contacts", "accounts"}, r.Kind) {
		return nil, r, problem("todo_kind", "bad_kind", strconv.Quote(r.Kind))
	}
	s.custom = o.Custom
	s.declare(columns, r.Kind)
	if err := s.override(columns, o, r.Kind); err != nil {
		return nil, r, err
	}
	if err := s.twice(columns); err != nil {
		return nil, r, err
	}
	for i, h := range s.heading {
		r.Columns = append(r.Columns, Column{h, columns[i]})
	}
	return columns, r, nil
}

// Make plans the import of a table. The error is a Problem of the whole table, or the store's; what is wrong with single rows
// is in the Report.
func Make(ctx context.Context, store Store, s *Sheet, o Options) (*Plan, error) {
	if !slices.Contains([]Policy{"", Ask, Skip, Update, Create}, o.Duplicates) {
		return nil, problem("todo_policy", "bad_policy", strconv.Quote(string(o.Duplicates)))
	}
	columns, report, err := understand(s, o)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(columns, func(f Field) bool {
		return f == fieldName || f == fieldFamily || f == fieldAddress || report.Kind == "accounts" && f == fieldCompany
	}) {
		return nil, problem("todo_name_column", "no_name_column")
	}
	p, err := newPlan(ctx, store, o)
	if err != nil {
		return nil, err
	}
	p.report, p.kind, p.explicit = report, report.Kind, o.Key != "" || mapsKey(o)
	done := 0
	for rows := range slices.Chunk(s.rows, step) {
		p.told(done, len(s.rows))
		done += len(rows)
		if err := p.addRows(s.records(s.whole(rows, p), columns), p.kind); err != nil {
			return nil, err
		}
	}
	return p, p.tieParents()
}

func mapsKey(o Options) bool {
	for _, name := range o.Map {
		if f, ok := fieldNamed(name, nil); ok && f == fieldKey {
			return true
		}
	}
	return false
}

// whole leaves the rows that have no cell too many. One that is too short has been cut by a spreadsheet; one that is too
// long was parted at a separator that belongs to a cell, so that nobody knows what its cells mean.
func (s *Sheet) whole(rows []sheetRow, p *Plan) []sheetRow {
	out := make([]sheetRow, 0, len(rows))
	for _, row := range rows {
		n := len(row.cells)
		for n > len(s.heading) && row.cells[n-1] == "" {
			n--
		}
		if n > len(s.heading) {
			p.refuse(record{number: row.number}, "cells_many", n, len(s.heading))
			continue
		}
		s.noteFaults(row, p)
		out = append(out, row)
	}
	return out
}

// noteFaults says which cells of a row hold an error instead of a value.
func (s *Sheet) noteFaults(row sheetRow, p *Plan) {
	for i, h := range s.heading {
		if fault := row.broken[i]; fault != "" && i < len(p.report.Columns) && p.report.Columns[i].Field != "" {
			p.notes.add(sentence("cell_fault", h, fault), row.number)
		}
	}
}

// Written says how much of a plan was stored.
type Written struct {
	Accounts int `json:"accounts"`
	People   int `json:"people"`
}

// Apply stores what is new or changed, accounts first, each in the order of their IDs: records that are written together lie
// together in a big store then, and so do those of whom something follows. A record that is there is changed as it is by then,
// in what the file says of it: what rules or somebody changed since it was read stays. If the store fails in the middle, the error says
// how many records are in; the same file read again finds those and goes on with the rest.
func (p *Plan) Apply(ctx context.Context, actor string) (w Written, err error) {
	var accounts []crm.Amendment[crm.Account]
	for _, id := range p.firms {
		if x := p.accounts[id]; x.changed() {
			x.record.Updated = p.now
			accounts = append(accounts, crm.Amendment[crm.Account]{Was: x.before, Is: x.record})
		}
	}
	slices.SortFunc(accounts, func(a, b crm.Amendment[crm.Account]) int { return cmp.Compare(a.Is.ID, b.Is.ID) })
	var people []crm.Amendment[crm.Person]
	for _, id := range p.order {
		if x := p.people[id]; x.changed() {
			x.record.Updated = p.now
			people = append(people, crm.Amendment[crm.Person]{Was: x.before, Is: x.record})
		}
	}
	slices.SortFunc(people, func(a, b crm.Amendment[crm.Person]) int { return cmp.Compare(a.Is.ID, b.Is.ID) })
	failed := func(err error) error {
		return fmt.Errorf("%d of %d accounts and %d of %d people are written; import the file again to go on: %w", w.Accounts, len(accounts), w.People, len(people), err)
	}
	for part := range slices.Chunk(accounts, batch) {
		p.told(w.Accounts, len(accounts)+len(people))
		if err := store(ctx, actor, part, p.store.ChangeAccounts); err != nil {
			return w, failed(fmt.Errorf("write accounts: %w", err))
		}
		w.Accounts += len(part)
	}
	for part := range slices.Chunk(people, batch) {
		p.told(w.Accounts+w.People, len(accounts)+len(people))
		if err := store(ctx, actor, part, p.store.ChangePeople); err != nil {
			return w, failed(fmt.Errorf("write people: %w", err))
		}
		w.People += len(part)
	}
	return w, nil
}

func store[T any](ctx context.Context, actor string, part []T, save func(context.Context, string, []T) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return save(ctx, actor, part)
}
