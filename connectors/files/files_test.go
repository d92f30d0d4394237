package files

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tsunagu-crm/tsunagu/connectors"
	"github.com/tsunagu-crm/tsunagu/connectors/sourcetest"
)

// mail is a small message with a number in its subject and id.
func mail(n int) string {
	return fmt.Sprintf("Received: from mx.example.co.jp; Sat, 21 Nov 2026 10:%02d:00 +0900\r\nFrom: Taro <taro@client.co.jp>\r\nTo: sato@example.co.jp\r\n"+
		"Subject: mail %d\r\nMessage-ID: <%d@client.co.jp>\r\nDate: Sat, 21 Nov 2026 10:%02d:00 +0900\r\n\r\nText of mail %d.\r\n", n, n, n, n, n)
}

// mboxMail is the same as a message of an mbox.
func mboxMail(n int) string {
	return fmt.Sprintf("From taro@client.co.jp Sat Nov 21 01:%02d:00 2026\n", n) + strings.ReplaceAll(mail(n), "\r\n", "\n") + "\n"
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(content); err != nil {
		t.Fatal(err)
	}
}

func openSource(t *testing.T, s Settings) connectors.Source {
	t.Helper()
	source, err := s.Open(t.Context(), connectors.Env{Limits: connectors.Limits{BatchItems: 2}})
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func emlTree(t *testing.T) string {
	dir := t.TempDir()
	for i, name := range []string{"a.eml", "b.EML", "sub/c.eml", "sub/deep/100% #4.eml", "empty.eml", "notes.txt"} {
		content := mail(i)
		if name == "empty.eml" {
			content = ""
		}
		write(t, filepath.Join(dir, name), content)
	}
	return dir
}

func maildir(t *testing.T) string {
	dir := t.TempDir()
	for i, name := range []string{"cur/1.a.host:2,S", "cur/2.b.host:2,DS", "new/3.c.host", ".&kAFP4W4IMH8-/cur/4.d.host:2,", ".Sales.2026/new/5.e.host"} {
		write(t, filepath.Join(dir, name), mail(i))
	}
	for _, box := range []string{".", ".&kAFP4W4IMH8-", ".Sales.2026"} {
		for _, part := range []string{"cur", "new", "tmp"} {
			if err := os.MkdirAll(filepath.Join(dir, box, part), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(t, filepath.Join(dir, "tmp/6.f.host"), mail(6))
	return dir
}

func TestSuite(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T) string
	}{
		{"eml", emlTree},
		{"maildir", maildir},
		{"mbox", func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), "inbox")
			write(t, path, mboxMail(1)+mboxMail(2)+mboxMail(3)+mboxMail(4)+mboxMail(5))
			return path
		}},
		{"all in one tree", func(t *testing.T) string {
			dir := emlTree(t)
			write(t, filepath.Join(dir, "old/archive.mbox"), mboxMail(11)+mboxMail(12)+mboxMail(13))
			write(t, filepath.Join(dir, "old/other.mbox"), mboxMail(21))
			return dir
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := c.make(t)
			sourcetest.Run(t, func(t *testing.T) connectors.Source { return openSource(t, Settings{Path: path}) })
		})
	}
}

func drain(t *testing.T, s connectors.Source, cur connectors.Cursor) ([]string, connectors.Cursor) {
	t.Helper()
	items, next := sourcetest.Drain(t, s, cur)
	var ids []string
	for _, item := range items {
		ids = append(ids, item.ExternalID)
	}
	slices.Sort(ids)
	return ids, next
}

func TestLaterFilesAreRead(t *testing.T) {
	dir := emlTree(t)
	s := openSource(t, Settings{Path: dir})
	_, cur := drain(t, s, "")
	write(t, filepath.Join(dir, "a0.eml"), mail(30))
	old := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a0.eml"), old, old); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "zz/new.eml"), mail(31))
	got, cur := drain(t, s, cur)
	if diff := cmp.Diff([]string{"a0.eml", "zz/new.eml"}, got); diff != "" {
		t.Errorf("later files (-want +got):\n%s", diff)
	}
	if got, _ := drain(t, s, cur); len(got) != 0 {
		t.Errorf("read again: %v", got)
	}
}

func TestLaterFilesComeBeforeHistory(t *testing.T) {
	dir := emlTree(t)
	s := openSource(t, Settings{Path: dir})
	first, err := s.Fetch(t.Context(), "")
	if err != nil || !first.Backfill || !first.More || first.Progress.Total != 5 || first.Progress.Done != 2 {
		t.Fatalf("first fetch: %+v, %v", first, err)
	}
	write(t, filepath.Join(dir, "0.eml"), mail(30))
	second, err := s.Fetch(t.Context(), first.Next)
	if err != nil || len(second.Items) == 0 || second.Items[0].ExternalID != "0.eml" {
		t.Errorf("second fetch starts with %+v, %v", second.Items, err)
	}
}

func TestMaildirNames(t *testing.T) {
	dir := maildir(t)
	s := openSource(t, Settings{Path: dir, Format: formatMaildir})
	items, cur := sourcetest.Drain(t, s, "")
	got := make(map[string]string)
	for _, item := range items {
		got[item.ExternalID] = fmt.Sprintf("%s draft=%v", item.Folder, item.Draft)
	}
	want := map[string]string{"1.a.host": "INBOX draft=false", "2.b.host": "INBOX draft=true", "3.c.host": "INBOX draft=false",
		".&kAFP4W4IMH8-/4.d.host": "送信済み draft=false", ".Sales.2026/5.e.host": "Sales/2026 draft=false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if err := os.Rename(filepath.Join(dir, "new/3.c.host"), filepath.Join(dir, "cur/3.c.host:2,S")); err != nil {
		t.Fatal(err)
	}
	moved, _ := drain(t, s, cur)
	if extra := slices.DeleteFunc(moved, func(id string) bool { return id == "3.c.host" }); len(extra) != 0 {
		t.Errorf("a change of flags brings new ids %v", extra)
	}
}

func TestTrashedMailIsNotRead(t *testing.T) {
	dir := maildir(t)
	write(t, filepath.Join(dir, "cur/7.g.host:2,ST"), mail(7))
	s := openSource(t, Settings{Path: dir, Format: formatMaildir})
	ids, cur := drain(t, s, "")
	if slices.Contains(ids, "7.g.host") || len(ids) != 5 {
		t.Errorf("got %v", ids)
	}
	if items, err := s.(connectors.Getter).Get(t.Context(), []string{"7.g.host"}); err != nil || len(items) != 0 {
		t.Errorf("Get gives %+v, %v", items, err)
	}
	if err := os.Rename(filepath.Join(dir, "cur/7.g.host:2,ST"), filepath.Join(dir, "cur/7.g.host:2,S")); err != nil {
		t.Fatal(err)
	}
	if ids, _ = drain(t, s, cur); !slices.Contains(ids, "7.g.host") {
		t.Errorf("taken out of the trash: got %v", ids)
	}
}

// TestFlagsChangeAfterListing has messages renamed between their listing and their reading.
func TestFlagsChangeAfterListing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "cur/1.a:2,T"), mail(1))
	write(t, filepath.Join(dir, "cur/2.b:2,D"), mail(2))
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	s := new(source)
	if item, ok := s.item(root, &entry{id: "1.a", path: "new/1.a"}); ok {
		t.Errorf("a trashed message was read: %+v", item)
	}
	if item, ok := s.item(root, &entry{id: "2.b", path: "cur/2.b:2,S"}); !ok || !item.Draft {
		t.Errorf("a message that became a draft: %+v, %v", item, ok)
	}
}

func TestMboxGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box.mbox")
	write(t, path, mboxMail(1)+mboxMail(2))
	s := openSource(t, Settings{Path: path})
	before, cur := drain(t, s, "")
	appendTo(t, path, mboxMail(3)+mboxMail(4))
	added, cur := drain(t, openSource(t, Settings{Path: path}), cur)
	if len(before) != 2 || len(added) != 2 {
		t.Errorf("got %v, then %v", before, added)
	}
	again, _ := drain(t, s, "")
	if all := append(before, added...); len(again) != 4 || !slices.Contains(again, all[0]) || !slices.Contains(again, all[1]) {
		t.Errorf("ids changed from %v to %v", all, again)
	}
	write(t, path, mboxMail(2)+mboxMail(5))
	rewritten, _ := drain(t, s, cur)
	if len(rewritten) != 2 {
		t.Errorf("after a rewrite: %v", rewritten)
	}
}

func TestMboxLastMessageHalfWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box.mbox")
	write(t, path, mboxMail(1)+strings.TrimRight(mboxMail(2), "\n"))
	s := openSource(t, Settings{Path: path})
	_, cur := drain(t, s, "")
	appendTo(t, path, " And the end of it.\n\n")
	items, _ := sourcetest.Drain(t, s, cur)
	if len(items) != 1 || !strings.HasSuffix(items[0].Message.Text, "And the end of it.") {
		t.Errorf("got %+v", items)
	}
}

func TestMboxFromLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "box.mbox")
	body := "From here on\n\nFrom now on we ship at noon.\n>From the start\n>>From quoted\nFrom a@b.jp Sat Nov 21 10:00:00 2026\nlast line\n\n"
	write(t, path, "From a@b.jp Sat Nov 21 10:00:00 2026\nSubject: 1\nMessage-ID: <1@b.jp>\n\n"+body+mboxMail(2))
	items, _ := sourcetest.Drain(t, openSource(t, Settings{Path: path}), "")
	if len(items) != 2 {
		t.Fatalf("got %d messages, want 2", len(items))
	}
	want := "From here on\n\nFrom now on we ship at noon.\nFrom the start\n>From quoted\nFrom a@b.jp Sat Nov 21 10:00:00 2026\nlast line"
	for _, item := range items {
		if item.Message.Subject == "1" && item.Message.FullText != want {
			t.Errorf("got text %q", item.Message.FullText)
		}
	}
}

func TestSince(t *testing.T) {
	dir := emlTree(t)
	write(t, filepath.Join(dir, "old.eml"), strings.ReplaceAll(mail(40), "2026", "2019"))
	write(t, filepath.Join(dir, "old.mbox"), strings.ReplaceAll(mboxMail(41), "2026", "2019")+mboxMail(42))
	s := openSource(t, Settings{Path: dir, Since: "2020-01-01"})
	ids, _ := drain(t, s, "")
	if len(ids) != 6 || slices.Contains(ids, "old.eml") {
		t.Errorf("got %v", ids)
	}
}

func TestLinksOutOfTheTree(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.eml"), mail(50))
	dir := emlTree(t)
	for from, to := range map[string]string{"link.eml": filepath.Join(outside, "secret.eml"), "linked": outside, "inside.eml": "a.eml"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	ids, _ := drain(t, openSource(t, Settings{Path: dir}), "")
	if slices.Contains(ids, "link.eml") || slices.Contains(ids, "linked/secret.eml") || !slices.Contains(ids, "inside.eml") {
		t.Errorf("got %v", ids)
	}
}

func TestMissingPath(t *testing.T) {
	_, err := openSource(t, Settings{Path: filepath.Join(t.TempDir(), "none")}).Fetch(t.Context(), "")
	if f := connectors.Classify(err); f == nil || f.Kind != connectors.Permanent || f.Hint == "" {
		t.Errorf("got %v", err)
	}
}

func TestProbe(t *testing.T) {
	report, err := openSource(t, Settings{Path: emlTree(t)}).(connectors.Prober).Probe(t.Context())
	if err != nil || report.Items != 5 || len(report.Lines) == 0 {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestCheck(t *testing.T) {
	problems := (&Settings{Format: "pst", Since: "soon"}).Check()
	var paths []string
	for _, p := range problems {
		paths = append(paths, p.Path)
	}
	if diff := cmp.Diff([]string{"path", "format", "since"}, paths); diff != "" {
		t.Error(diff)
	}
	if problems := Kind().NewSettings().Check(); len(problems) != 1 {
		t.Errorf("the defaults have problems beside the path: %v", problems)
	}
}
