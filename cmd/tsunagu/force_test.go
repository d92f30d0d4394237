package main

import (
	"context"
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
	"github.com/tsunagu-crm/tsunagu/mapping"
)

func versionsOf(t *testing.T, in *instance) []crm.MappingVersion {
	t.Helper()
	versions, err := in.store.ListMappings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return versions
}

// TestTheFileIsTakenOnce has the section of the file and saved versions follow each other.
func TestTheFileIsTakenOnce(t *testing.T) {
	in := openTest(t, t.TempDir())
	ctx := t.Context()
	steps := []struct {
		name    string
		do      func() error
		version int
		author  string
	}{
		{"the first start", func() error { return in.recordMapping(ctx) }, 1, actorCLI},
		{"another start", func() error { return in.recordMapping(ctx) }, 1, actorCLI},
		{"an admin saves", func() error { return saveText(t, in, "screen: {subjects: [社外秘]}\n") }, 2, "admin"},
		{"a start after it", func() error { return in.recordMapping(ctx) }, 2, "admin"},
		{"the file changes", func() error { return fileSays(ctx, in, mapping.Screen{Subjects: []string{"人事"}}) }, 3, actorCLI},
		{"an admin takes it back", func() error { return saveText(t, in, "screen: {subjects: [社外秘]}\n") }, 4, "admin"},
		{"the file comes to say the same", func() error { return fileSays(ctx, in, mapping.Screen{Subjects: []string{"社外秘"}}) }, 5, actorCLI},
		{"an admin saves another", func() error { return saveText(t, in, "{}\n") }, 6, "admin"},
		{"a start at last", func() error { return in.recordMapping(ctx) }, 6, "admin"},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if v := in.version(); v.Number != step.version || v.Author != step.author {
			t.Errorf("%s: version %d by %s is in force, want %d by %s", step.name, v.Number, v.Author, step.version, step.author)
		}
	}
}

func saveText(t *testing.T, in *instance, text string) error {
	t.Helper()
	d, err := newDraft(in.cfg.Load(), "test", []byte(text))
	if err != nil {
		return err
	}
	_, err = in.save(t.Context(), "admin", "", d)
	return err
}

// fileSays is a reload with another section.
func fileSays(ctx context.Context, in *instance, screen mapping.Screen) error {
	next := *in.cfg.Load()
	next.Mapping.Screen = screen
	in.cfg.Store(&next)
	return in.recordMapping(ctx)
}

// TestVersionsOfEarlierReleases has a store whose newest version holds the organisation and the sources as well.
func TestVersionsOfEarlierReleases(t *testing.T) {
	in, ctx := openTest(t, t.TempDir()), t.Context()
	old := "screen:\n    subjects:\n        - 社外秘\nmatch: {}\npeople: {}\norganization:\n    domains:\n        - example.co.jp\nsources:\n    - id: sato\n      owner: sato@example.co.jp\n"
	_, err := in.store.SaveMapping(t.Context(), crm.MappingVersion{At: time.Now(), Author: actorCLI, Comment: sectionComment, Document: old, Hash: documentHash(old)})
	if err != nil {
		t.Fatal(err)
	}
	if err := fileSays(ctx, in, mapping.Screen{Subjects: []string{"社外秘"}}); err != nil {
		t.Fatal(err)
	}
	if n := len(versionsOf(t, in)); n != 1 {
		t.Errorf("%d versions: the file did not change", n)
	}
	d, err := in.draftOf(versionsOf(t, in)[0])
	if err != nil || len(d.document.Screen.Subjects) != 1 {
		t.Errorf("as it would be saved today: %+v, %v", d, err)
	}
	if err := fileSays(ctx, in, mapping.Screen{}); err != nil || len(versionsOf(t, in)) != 2 {
		t.Errorf("%v, %d versions: the file changed", err, len(versionsOf(t, in)))
	}
}
