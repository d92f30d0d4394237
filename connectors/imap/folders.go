package imap

import (
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/tsunagu-crm/tsunagu/connectors"
)

// folder is a mailbox of the server that can be opened.
type folder struct {
	name  string // UTF-8
	attrs []imap.MailboxAttr
}

func (f folder) has(use string) bool {
	return slices.ContainsFunc(f.attrs, func(a imap.MailboxAttr) bool { return strings.EqualFold(string(a), use) })
}

// uses maps the special uses that can be configured (RFC 6154) to names that servers without that extension
// give such folders.
func uses(use string) ([]string, bool) {
	switch strings.ToLower(use) {
	case `\sent`:
		return []string{"Sent", "Sent Items", "Sent Messages", "Sent Mail", "INBOX.Sent", "INBOX.Sent Items", "INBOX.Sent Messages", "[Gmail]/Sent Mail", "送信済み", "送信済みアイテム", "送信済みメール"}, true
	case `\drafts`:
		return []string{"Drafts", "INBOX.Drafts", "下書き"}, true
	case `\junk`:
		return []string{"Junk", "Spam", "Junk E-mail", "INBOX.Junk", "INBOX.Spam", "迷惑メール"}, true
	case `\trash`:
		return []string{"Trash", "Deleted Items", "Deleted Messages", "INBOX.Trash", "ごみ箱", "ゴミ箱"}, true
	case `\archive`:
		return []string{"Archive", "Archives", "INBOX.Archive", "アーカイブ"}, true
	case `\all`, `\flagged`, `\important`:
		return nil, true
	}
	return nil, false
}

func knownUse(use string) bool {
	_, ok := uses(use)
	return ok
}

// selection is what the settings choose among a server's folders.
type selection struct {
	names   []string        // in the order of the settings
	drafts  map[string]bool // those whose mail was never sent
	missing []string        // settings that match nothing
}

// choose applies folders and exclude_folders. Junk and trash are taken only if they are named themselves, so no
// pattern and no overlap brings them in.
func (s *Settings) choose(all []folder) selection {
	sel := selection{drafts: map[string]bool{}}
	excluded := map[string]bool{}
	for _, want := range s.ExcludeFolders {
		for _, f := range match(want, all) {
			excluded[f.name] = true
		}
	}
	for _, want := range s.Folders {
		found := match(want, all)
		if len(found) == 0 {
			sel.missing = append(sel.missing, want)
		}
		for _, f := range found {
			if excluded[f.name] || slices.Contains(sel.names, f.name) {
				continue
			}
			sel.names = append(sel.names, f.name)
			sel.drafts[f.name] = f.has(`\Drafts`)
		}
	}
	return sel
}

// match finds the folders that one setting means.
func match(want string, all []folder) []folder {
	var found []folder
	if !strings.HasPrefix(want, `\`) {
		for _, f := range all {
			if f.name == want || strings.EqualFold(want, "INBOX") && strings.EqualFold(f.name, "INBOX") {
				return []folder{f}
			}
		}
		return nil
	}
	for _, f := range all {
		if f.has(want) {
			found = append(found, f)
		}
	}
	if len(found) > 0 {
		return found
	}
	usual, _ := uses(want)
	for _, name := range usual {
		for _, f := range all {
			if strings.EqualFold(f.name, name) {
				return []folder{f}
			}
		}
	}
	return nil
}

// noFolderFault says that the settings match nothing at all, and what there is.
func noFolderFault(all []folder) error {
	names := make([]string, 0, len(all))
	for _, f := range all {
		names = append(names, f.name)
	}
	slices.Sort(names)
	if len(names) > 30 {
		names = append(names[:30], fmt.Sprintf("and %d more", len(names)-30))
	}
	return &connectors.Fault{Kind: connectors.Permanent, Op: "choose folders",
		Err: fmt.Errorf("none of the folders in the settings exists"), Hint: "there are: " + strings.Join(names, ", ")}
}
