package expr

import (
	"strings"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// japaneseFunctions level the ways in which one thing is written in Japanese.
func japaneseFunctions() []function {
	return []function{
		textToText("narrow", folds, narrow),
		textToText("wide", folds, func(s string) string { return width.Widen.String(s) }),
		textToText("katakana", folds, func(s string) string { return strings.Map(toKatakana, composed(s)) }),
		textToText("hiragana", folds, func(s string) string { return strings.Map(toHiragana, composed(s)) }),
		textToText("fold", folds, crm.Fold),
		textToText("company", heavy, func(s string) string { return crm.NormalizeCompany(s).Base }),
		textToText("company_form", heavy, func(s string) string { return crm.NormalizeCompany(s).Form }),
		textToText("branch", heavy, func(s string) string { return crm.NormalizeCompany(s).Branch }),
	}
}

// narrow makes Latin letters, digits and signs half-width, and katakana full-width, as people read them best.
func narrow(s string) string { return norm.NFC.String(width.Fold.String(s)) }

// composed makes half-width kana full-width with their sound marks joined.
func composed(s string) string {
	if !strings.ContainsFunc(s, isHalfKana) {
		return norm.NFC.String(s)
	}
	var b strings.Builder
	for _, r := range s {
		if isHalfKana(r) {
			b.WriteString(width.Fold.String(string(r)))
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

func isHalfKana(r rune) bool { return r >= '｡' && r <= 'ﾟ' }

// toKatakana moves hiragana and its iteration marks to katakana, which lies 0x60 further on.
func toKatakana(r rune) rune {
	if r >= 'ぁ' && r <= 'ゖ' || r == 'ゝ' || r == 'ゞ' {
		return r + 'ァ' - 'ぁ'
	}
	return r
}

func toHiragana(r rune) rune {
	if r >= 'ァ' && r <= 'ヶ' || r == 'ヽ' || r == 'ヾ' {
		return r - 'ァ' + 'ぁ'
	}
	return r
}
