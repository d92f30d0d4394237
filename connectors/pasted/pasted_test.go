package pasted_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/connectors/pasted"
)

func TestMail(t *testing.T) {
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	item, err := pasted.Mail("\n\nFrom: 田中 太郎 <tanaka@client.example>\nTo: sato@example.co.jp\nSubject: お見積りの件\n\nよろしくお願いします。\n", now)
	if err != nil || item.Message.From[0].Address != "tanaka@client.example" || item.Message.Subject != "お見積りの件" ||
		!strings.Contains(item.Message.Text, "よろしく") || !item.Message.Date.Equal(now) || item.Key == "" {
		t.Errorf("%v %+v", err, item.Message)
	}
	for name, text := range map[string]string{"nothing": "", "no sender": "Subject: x\n\ny", "too long": "From: a@b.example\n\n" + strings.Repeat("x", pasted.MaxText)} {
		if _, err := pasted.Mail(text, now); !errors.Is(err, pasted.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestForm(t *testing.T) {
	item, err := pasted.Form("contact", "お名前：田中 太郎\nメールアドレス: tanaka@client.example\n\nお問い合わせ: 一行目\n二行目\n", time.Now())
	if err != nil || len(item.Submission.Fields) != 3 || item.Submission.Fields[0].Name != "お名前" || item.Submission.Fields[2].Values[0] != "一行目\n二行目" {
		t.Errorf("%v %+v", err, item.Submission)
	}
	for name, text := range map[string]string{"nothing": "", "no answer": "hello", "too long": "a: " + strings.Repeat("x", pasted.MaxText)} {
		if _, err := pasted.Form("contact", text, time.Now()); !errors.Is(err, pasted.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
