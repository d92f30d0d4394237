package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// recordList is a report that lists records instead of counting them.
type recordList struct {
	items   []any // as the API gives them
	heading []string
	rows    [][]string
	numbers []string // columns that hold numbers
}

// records prints a report that is a list. Of what can be asked of numbers only the owner and the format hold for it.
func (c *reportCommand) records(a *app, report crm.Report) error {
	if c.Grain+c.Range+c.From+c.To != "" || c.By != nil || c.Channel != nil || c.Campaign != nil {
		return misused("give --owner or --format, or nothing", "%s is a list as of today, not numbers of a time", c.ID)
	}
	return a.with(streams{}, func(in *instance) error {
		read := c.contractsToRenew
		if report.ID == crm.ReportUnreplied {
			read = c.unreplied
		}
		list, err := read(a, in)
		if err != nil {
			return err
		}
		if err := c.writeRecords(a, list); err != nil {
			return err
		}
		a.notef("%s: %d", labelIn(report.Title, a.japanese(in.cfg.Load())), len(list.rows))
		return nil
	})
}

func (c *reportCommand) writeRecords(a *app, list *recordList) error {
	switch c.Format {
	case "json":
		encoder := json.NewEncoder(a.stdout)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(map[string]any{"id": c.ID, "items": list.items})
	case "csv":
		out, err := newSheet("csv", a.stdout)
		if err != nil {
			return err
		}
		for _, row := range append([][]string{list.heading}, list.rows...) {
			if err := out.Row(row); err != nil {
				return err
			}
		}
		return out.Close()
	}
	t := newTable(a.stdout, list.heading, list.numbers...)
	for _, row := range list.rows {
		t.AppendRow(cells(row))
	}
	t.Render()
	return nil
}

// contractsToRenew are the open contracts whose renewal is to be spoken of.
func (c *reportCommand) contractsToRenew(a *app, in *instance) (*recordList, error) {
	list := &recordList{items: []any{}, heading: recordHeading(a, in, "契約", "Contract", "取引先", "Account", "担当者", "Owner", "開始", "Start", "終了", "End",
		"更新の相談を始める日", "To be spoken of", "金額", "Amount", "ID", "ID")}
	list.numbers = list.heading[6:7]
	owners, err := ownerWords(a, in)
	if err != nil {
		return nil, err
	}
	today := time.Now().In(in.cfg.Load().Location).Format(time.DateOnly)
	err = pages(func(after string) ([]crm.Contract, string, error) {
		return in.store.ListNotices(a.ctx, today, after, 1000)
	}, func(k crm.Contract) error {
		if c.Owner != nil && *c.Owner != k.Owner {
			return nil
		}
		account, err := in.store.GetAccount(a.ctx, k.Account)
		if err != nil && !errors.Is(err, crm.ErrNotFound) {
			return err
		}
		list.items = append(list.items, k)
		list.rows = append(list.rows, []string{k.Name, account.Name, owners(k.Owner), k.Start, k.End, k.NoticeDay(), strconv.FormatInt(k.Amount, 10), k.ID})
		return nil
	})
	return list, err
}

// unreplied are the people whom nobody answered, the longest waiting first.
func (c *reportCommand) unreplied(a *app, in *instance) (*recordList, error) {
	list := &recordList{items: []any{}, heading: recordHeading(a, in, "いつから", "Since", "氏名", "Name", "会社名", "Company", "担当者", "Owner", "活動のID", "Activity ID", "ID", "ID")}
	owners, err := ownerWords(a, in)
	if err != nil {
		return nil, err
	}
	owner, zone := "", in.cfg.Load().Location
	if c.Owner != nil {
		if owner = *c.Owner; owner == "" {
			return nil, misused("name a rep, or leave --owner out for all", "the list of nobody's people is not kept")
		}
	}
	err = pages(func(after string) ([]crm.Listed, string, error) {
		return in.store.ListUnreplied(a.ctx, owner, after, 1000)
	}, func(row crm.Listed) error {
		p, company := &row.Person, row.Person.Company
		if p.AccountID != "" {
			account, err := in.store.GetAccount(a.ctx, p.AccountID)
			if err != nil && !errors.Is(err, crm.ErrNotFound) {
				return err
			}
			company = account.Name
		}
		list.items = append(list.items, row)
		list.rows = append(list.rows, []string{row.Standing.Unreplied.In(zone).Format("2006-01-02 15:04"), p.Name, company, owners(p.Owner), row.Standing.UnrepliedAt, p.ID})
		return nil
	})
	return list, err
}

// recordHeading picks the headings of the language out of those in Japanese and English, which take turns.
func recordHeading(a *app, in *instance, words ...string) (out []string) {
	first := 1
	if a.japanese(in.cfg.Load()) {
		first = 0
	}
	for i := first; i < len(words); i += 2 {
		out = append(out, words[i])
	}
	return out
}

// ownerWords names owners, with the addresses that --owner takes.
func ownerWords(a *app, in *instance) (func(address string) string, error) {
	users, err := in.store.ListUsers(a.ctx)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for i := range users {
		names[users[i].Email] = users[i].Name
	}
	return func(address string) string {
		if name := names[address]; name != "" {
			return name + " (" + address + ")"
		}
		return address
	}, nil
}
