package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// exportPage is how many records are held at a time.
const exportPage = 500

type exportStore interface {
	ListActivities(ctx context.Context, f crm.ActivityFilter) ([]crm.Activity, string, error)
	ListEntries(ctx context.Context, f crm.LedgerFilter) ([]crm.Entry, string, error)
	ListPeople(ctx context.Context, f crm.PeopleFilter) ([]crm.Person, string, error)
	ListAccounts(ctx context.Context, f crm.AccountFilter) ([]crm.Account, string, error)
	GetAccount(ctx context.Context, id string) (crm.Account, error)
}

// pages calls list for page after page and each for every record.
func pages[T any](list func(after string) ([]T, string, error), each func(T) error) error {
	for after := ""; ; {
		page, next, err := list(after)
		if err != nil {
			return err
		}
		for _, record := range page {
			if err := each(record); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		after = next
	}
}

// activities are written newest first.
func (x *exporter) activities() error {
	columns := [][2]string{{"time", "日時"}, {"kind", "種別"}, {"direction", "方向"}, {"subject", "件名"}, {"people", "相手"}, {"accounts", "取引先"},
		{"owners", "担当者"}, {"text", "本文"}, {"attachments", "添付ファイル"}, {"rule", "結び付けの規則"}, {"evidence", "根拠"}, {"id", "ID"},
		{"form", "フォーム"}, {"form_fields", "入力内容"}, {"product", "商品"}, {"campaign", "キャンペーン"}, {"channel", "流入経路"},
		{"by", "記録者"}, {"call_result", "架電結果"}, {"call_note", "所感"}, {"next_when", "次アクション日"}, {"next_whom", "次アクション相手"}, {"next_what", "次アクション"}}
	err := x.heading(append(columns, x.customHeadings(x.custom[crm.OnActivity])...))
	if err != nil {
		return err
	}
	var tied []crm.Activity // of the same moment
	write := func() error {
		slices.SortFunc(tied, func(a, b crm.Activity) int { return strings.Compare(a.ID, b.ID) })
		for _, a := range tied {
			if err := x.row(crm.ExportActivity(a), func() ([]string, error) { return x.activityCells(a) }); err != nil {
				return err
			}
		}
		tied = tied[:0]
		return nil
	}
	err = pages(func(after string) ([]crm.Activity, string, error) {
		return x.store.ListActivities(x.ctx, crm.ActivityFilter{Since: x.since, After: after, Limit: exportPage})
	}, func(a crm.Activity) error {
		if len(tied) > 0 && (!tied[0].Time.Equal(a.Time) || len(tied) == maxTied) {
			if err := write(); err != nil {
				return err
			}
		}
		tied = append(tied, a)
		return nil
	})
	return errors.Join(err, write())
}

// maxTied bounds how many activities of one moment are put in the order of their ids, which does not depend on when
// each was stored.
const maxTied = 5000

func (x *exporter) activityCells(a crm.Activity) ([]string, error) {
	var people, accounts, files []string
	for _, p := range a.People {
		if !p.Internal {
			people = append(people, shownParty(p))
		}
	}
	for _, id := range a.Accounts {
		name, err := x.accountName(id)
		if err != nil {
			return nil, err
		}
		accounts = append(accounts, name)
	}
	for _, f := range a.Attachments {
		files = append(files, f.Name)
	}
	row := []string{x.time(a.Time), string(a.Kind), string(a.Direction), a.Subject, strings.Join(people, "; "), strings.Join(accounts, "; "),
		strings.Join(a.Owners, "; "), a.Text, strings.Join(files, "; "), string(a.Match.Rule), a.Match.Evidence, a.ID,
		a.Form, sentFields(a.Fields), a.Product, a.Touch.Campaign, a.Touch.Channel, a.By}
	row = append(row, saidCells(a)...)
	return append(row, x.customCells(x.custom[crm.OnActivity], a.Custom)...), nil
}

// saidCells are what a person said of a call or of a meeting: its result, what they think of it, and what is next.
func saidCells(a crm.Activity) []string {
	var result, note string
	var next crm.NextAction
	switch {
	case a.Call != nil:
		result, note, next = a.Call.Result, a.Call.Note, a.Call.Next
	case a.Outcome != nil:
		note, next = a.Outcome.Note, a.Outcome.Next
	}
	return []string{result, note, next.When, next.Whom, next.What}
}

// shownParty is a participant's name and address. Who sent a form may have given no address.
func shownParty(p crm.Participant) string {
	if p.Address == "" {
		return p.Name
	}
	return strings.TrimSpace(p.Name + " <" + p.Address + ">")
}

// accountName keeps the names met lately, a bounded number of them.
func (x *exporter) accountName(id string) (string, error) {
	if name, ok := x.accounts[id]; ok {
		return name, nil
	}
	account, err := x.store.GetAccount(x.ctx, id)
	if err != nil && !errors.Is(err, crm.ErrNotFound) {
		return "", fmt.Errorf("read account: %w", err)
	}
	if x.accounts == nil || len(x.accounts) >= 10_000 {
		x.accounts = map[string]string{}
	}
	x.accounts[id] = first(account.Name, id)
	return x.accounts[id], nil
}

// ledger rows are written newest first; --since ends the walk early.
func (x *exporter) ledger() error {
	err := x.heading([][2]string{{"source", "取得元"}, {"external_id", "取得元での ID"}, {"key", "キー"}, {"seen_at", "発見日時"}, {"item_time", "日時"},
		{"verdict", "判定"}, {"reason", "理由"}, {"activity", "活動"}})
	if err != nil {
		return err
	}
	err = pages(func(after string) ([]crm.Entry, string, error) {
		return x.store.ListEntries(x.ctx, crm.LedgerFilter{After: after, Limit: exportPage})
	}, func(e crm.Entry) error {
		if e.SeenAt.Before(x.since) {
			return crm.ErrStop
		}
		return x.row(crm.ExportEntry(e), func() ([]string, error) {
			return []string{e.Source, e.ExternalID, string(e.Key), x.time(e.SeenAt), x.time(e.ItemTime), string(e.Verdict), string(e.Reason), e.Activity}, nil
		})
	})
	if errors.Is(err, crm.ErrStop) {
		return nil
	}
	return err
}

// people are written by name. Their columns are those that import reads.
func (x *exporter) people(what string) error {
	kind := crm.Contact
	if what == "leads" {
		kind = crm.Lead
	}
	columns := [][2]string{{"company", "会社名"}, {"name", "氏名"}, {"family_name", "姓"}, {"given_name", "名"}, {"kana", "フリガナ"}, {"department", "部署"},
		{"title", "役職"}, {"email", "メールアドレス"}, {"phone", "電話番号"}, {"owner", "担当者"}, {"created", "登録日時"}, {"updated", "更新日時"}, {"id", "ID"}, {"status", "ステータス"}}
	if kind == crm.Contact {
		columns = columns[:len(columns)-1]
	}
	defs := x.custom[crm.FieldTarget(kind)]
	if err := x.heading(append(slices.Clip(columns), x.customHeadings(defs)...)); err != nil {
		return err
	}
	return pages(func(after string) ([]crm.Person, string, error) {
		return x.store.ListPeople(x.ctx, crm.PeopleFilter{Kind: kind, After: after, Limit: exportPage})
	}, func(p crm.Person) error {
		if p.Updated.Before(x.since) {
			return nil
		}
		return x.row(p, func() ([]string, error) {
			company := p.Company
			if p.AccountID != "" {
				name, err := x.accountName(p.AccountID)
				if err != nil {
					return nil, err
				}
				company = name
			}
			row := []string{company, p.Name, p.FamilyName, p.GivenName, p.Kana, p.Department, p.Title, strings.Join(p.Emails, "; "), phones(p.Phones), p.Owner,
				x.time(p.Created), x.time(p.Updated), p.ID, string(p.Status)}
			return append(row[:len(columns):len(columns)], x.customCells(defs, p.Custom)...), nil
		})
	})
}

func phones(list []crm.Phone) string {
	numbers := make([]string, len(list))
	for i, p := range list {
		numbers[i] = p.Number
	}
	return strings.Join(numbers, "; ")
}

// allAccounts are written by name.
func (x *exporter) allAccounts() error {
	columns := [][2]string{{"company", "会社名"}, {"kana", "フリガナ"}, {"domains", "ドメイン"}, {"phone", "電話番号"}, {"owner", "担当者"},
		{"created", "登録日時"}, {"updated", "更新日時"}, {"id", "ID"}}
	defs := x.custom[crm.OnAccount]
	err := x.heading(append(columns, x.customHeadings(defs)...))
	if err != nil {
		return err
	}
	return pages(func(after string) ([]crm.Account, string, error) {
		return x.store.ListAccounts(x.ctx, crm.AccountFilter{After: after, Limit: exportPage})
	}, func(a crm.Account) error {
		if a.Updated.Before(x.since) {
			return nil
		}
		return x.row(a, func() ([]string, error) {
			row := []string{a.Name, a.Kana, strings.Join(a.Domains, "; "), phones(a.Phones), a.Owner, x.time(a.Created), x.time(a.Updated), a.ID}
			return append(row, x.customCells(defs, a.Custom)...), nil
		})
	})
}
