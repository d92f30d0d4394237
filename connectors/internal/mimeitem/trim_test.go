package mimeitem

import "testing"

func TestTrim(t *testing.T) {
	sig := "━━━━━━━━━━\nクライアント商事株式会社\n田中 太郎\nTEL: 03-1234-5678\n━━━━━━━━━━"
	for _, c := range []struct{ name, in, want string }{
		{"nothing to cut", "こんにちは。\n\nよろしく。", "こんにちは。\n\nよろしく。"},
		{"original message ja", "承知しました。\n\n-----元のメッセージ-----\n差出人: 佐藤\n件名: x\n\n本文", "承知しました。"},
		{"original message en", "Fine.\n\n-----Original Message-----\nFrom: Sato\nSubject: x\n\nbody", "Fine."},
		{"japanese attribution", "承知しました。\n\n2026年11月21日(土) 10:00 田中 <a@b.jp>:\n> 本文\n> です", "承知しました。"},
		{"full-width attribution", "承知しました。\n\n2026年11月21日(土) 10:00 田中 <a@b.jp>:\n\n> 本文", "承知しました。"},
		{"wrapped attribution", "承知しました。\n\n2026年11月21日(土) 10:00 田中 太郎\n<tanaka@client.co.jp>:\n> 本文", "承知しました。"},
		{"attribution without marks", "承知しました。\n\n2026/11/21 10:00、田中 <a@b.jp>のメール:\n本文です\n二行目", "承知しました。"},
		{"thunderbird ja", "了解です\n\n(2026/11/21 10:00), 田中 wrote:\n> 本文", "了解です"},
		{"on wrote", "Yes.\n\nOn Sat, Nov 21, 2026 at 10:00 AM Taro <a@b.jp> wrote:\n> body\n\n> more", "Yes."},
		{"on wrote, wrapped", "Yes.\n\nOn Sat, Nov 21, 2026 at 10:00 AM Taro Tanaka\n<a@b.jp> wrote:\n\n> body", "Yes."},
		{"outlook block ja", "了解しました。\n\n________________________________\n差出人: 田中 <a@b.jp>\n送信日時: 2026年11月21日 10:00\n宛先: 佐藤\n件名: 見積\n\n本文", "了解しました。"},
		{"outlook block en", "OK\n\nFrom: Taro <a@b.jp>\nSent: Saturday, November 21, 2026 10:00 AM\nTo: Sato\nSubject: Quote\n\nbody", "OK"},
		{"outlook block full-width", "了解しました。\n\n差出人:田中\n日時:2026/11/21\n宛先:佐藤\n件名:見積\n\n本文", "了解しました。"},
		{"iphone", "了解です\n\niPhoneから送信", "了解です"},
		{"iphone before a quote", "了解です\n\niPhoneから送信\n\n2026/11/21 10:00、田中 <a@b.jp>のメール:\n\n> 本文", "了解です"},
		{"iphone after a quote", "了解です\n\n> 本文\n\nSent from my iPhone", "了解です"},
		{"outlook for ios", "OK\n\nGet Outlook for iOS<https://aka.ms/o0ukef>", "OK"},
		{"delimiter", "OK\n\n-- \nTaro\nClient Inc.", "OK"},
		{"framed", "お世話になります。\n\n以上、よろしくお願いいたします。\n\n" + sig, "お世話になります。\n\n以上、よろしくお願いいたします。"},
		{"framed in ascii", "Hello\n\n=====================\nClient Inc. Taro\nTEL 03-1\n---------------------\nhttps://client.jp\n=====================", "Hello"},
		{"framed, open below", "Hello\n\n*********\nTaro Tanaka\nmail: a@b.jp", "Hello"},
		{"a rule in the text stays", "日程\n----------\n11/21 10:00\n11/22 11:00\n----------\nご確認ください。", "日程\n----------\n11/21 10:00\n11/22 11:00\n----------\nご確認ください。"},
		{"framed text and framed signature", "予定:\n■■■■■\n11/21\n■■■■■\nよろしく。\n\n" + sig, "予定:\n■■■■■\n11/21\n■■■■■\nよろしく。"},
		{"signature above the quote", "OK\n\n" + sig + "\n\n-----Original Message-----\nFrom: x", "OK"},
		{"inline answers stay", "> 納期は?\n来週です。\n\n> 価格は?\n100円です。\n\n> 以上\n> よろしく", "> 納期は?\n来週です。\n\n> 価格は?\n100円です。"},
		{"answer below", "On Sat, Nov 21, 2026, Taro wrote:\n> body\n> more\n\nMy answer.", "My answer."},
		{"bare forward", "---------- Forwarded message ---------\nFrom: Taro\nDate: x\nSubject: y\n\nbody", "---------- Forwarded message ---------\nFrom: Taro\nDate: x\nSubject: y\n\nbody"},
		{"forward with a word", "FYI\n\n---------- Forwarded message ---------\nFrom: Taro\n\nbody", "FYI"},
		{"all quote", "> a\n> b", "> a\n> b"},
		{"only a signature", sig, sig},
		{"from is a word", "From: is a word here.\nNothing else.", "From: is a word here.\nNothing else."},
		{"a date with a colon is no quote", "開催日時:\n2026年11月21日(土) 10:00 集合:\n駅前", "開催日時:\n2026年11月21日(土) 10:00 集合:\n駅前"},
		{"sent from is a sentence", "東京支店から送信", "東京支店から送信"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := trim(c.in); got != c.want {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
		})
	}
}
