package formmail

import (
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse reads any text with each of the twenty parsers: it is read in the form's own order, or refused.
func FuzzParse(f *testing.F) {
	all := make([]Parser, 0, len(layouts()))
	for i, l := range layouts() {
		values, marked := l.example()
		text := l.render(values, 0)
		f.Add(i, text)
		if p, err := Learn(mail(text), marked); err == nil {
			all = append(all, p)
		}
	}
	f.Add(0, "お名前:\nお名前:\n\x00\xff:=")
	f.Fuzz(func(t *testing.T, i int, text string) {
		p := all[uint(i)%uint(len(all))]
		m := mail(text)
		fields, err := p.Parse(&m)
		if err != nil {
			var unread *Unread
			if !errors.As(err, &unread) || unread.Why == "" || fields != nil {
				t.Errorf("fields %v, error %#v", fields, err)
			}
			return
		}
		at := -1
		for _, field := range fields {
			next := slices.IndexFunc(p.Fields, func(f Field) bool { return f.Name == field.Name })
			if next <= at || len(field.Values) != 1 {
				t.Errorf("field %q with %d values after field %d", field.Name, len(field.Values), at)
			}
			at = next
		}
	})
}

// FuzzLearn learns from any text: what is learned reads the example again, and has no mistake.
func FuzzLearn(f *testing.F) {
	f.Add("お名前: 山田\n内容: 一\n二\n\n--\n以上", "山田", "一\n二")
	f.Add("■名前\n山田\n■内容\n一", "山田", "一")
	f.Add("┃a┃b┃\n┃c┃d┃", "b", "d")
	f.Add("a ... b\nc …… *", "b", "*")
	f.Fuzz(func(t *testing.T, text, first, second string) {
		if !utf8.ValidString(text) || !utf8.ValidString(first) || !utf8.ValidString(second) {
			return
		}
		m := mail(text)
		p, err := Learn(m, []Marked{{"first", first}, {"second", second}})
		if err != nil {
			return
		}
		fields, err := p.Parse(&m)
		if err != nil {
			t.Fatalf("the example is not read: %v", err)
		}
		got := map[string]bool{}
		for _, field := range fields {
			got[field.Name] = sameText(field.Values[0], first) && field.Name == "first" || sameText(field.Values[0], second) && field.Name == "second"
		}
		if diff := cmp.Diff(map[string]bool{"first": true, "second": true}, got); diff != "" {
			t.Error(diff)
		}
	})
}
