package web

import "testing"

// TestEveryPageHasItsTemplates puts together all that is put together only when a page is asked for.
func TestEveryPageHasItsTemplates(t *testing.T) {
	files, err := newAssets()
	must(t, err)
	v, err := newViews(testSpeakers(t), files)
	must(t, err)
	for _, lang := range languages() {
		if len(v[lang]) < 50 {
			t.Errorf("%s has %d pages", lang, len(v[lang]))
		}
		for name, set := range v[lang] {
			page, err := set()
			if err != nil || page.Lookup("page") == nil {
				t.Errorf("%s in %s: %v", name, lang, err)
			}
		}
	}
}
