package web

import (
	"testing"
	"time"
)

// TestEveryPageHasItsTemplates puts together all that is put together only when a page is asked for.
func TestEveryPageHasItsTemplates(t *testing.T) {
	speakers, err := newSpeakers(time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	files, err := newAssets()
	if err != nil {
		t.Fatal(err)
	}
	v, err := newViews(speakers, files)
	if err != nil {
		t.Fatal(err)
	}
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
