package crm

import (
	"slices"
	"strings"
	"time"
)

// MaxComment is how many characters a comment may have.
const MaxComment = 10_000

// Comment is what a colleague says about a person or an account, for colleagues only. It is no fact: no activity, no export of
// activities and no number knows of it.
type Comment struct {
	ID       string    `json:"id"`      // 32 hex characters
	Kind     string    `json:"kind"`    // CommentPerson or CommentAccount
	Subject  string    `json:"subject"` // id of the person or account
	Author   string    `json:"author"`  // a user's address, or "token:…"
	Text     string    `json:"text"`    // "" once it is deleted
	Mentions []string  `json:"mentions,omitempty"`
	Seen     []string  `json:"seen,omitempty"` // those of Mentions who have looked since; sorted
	At       time.Time `json:"at"`
	Edited   time.Time `json:"edited,omitzero"`
	Deleted  time.Time `json:"deleted,omitzero"`
}

// The kinds of records that are commented on.
const (
	CommentPerson  = "person"
	CommentAccount = "account"
)

// Unseen says whether somebody is mentioned who has not looked since.
func (c *Comment) Unseen(user string) bool {
	return c.Deleted.IsZero() && slices.Contains(c.Mentions, user) && !slices.Contains(c.Seen, user)
}

// MentionsIn gives the addresses of users whom a text names with an @: "@sato" for the only user whose address begins so,
// "@sato@example.co.jp" for that one, "@佐藤" for the only user whose name begins so. Whoever is meant by nobody or by several is
// left out. The result is sorted.
func MentionsIn(text string, users []User) []string {
	var out []string
	for rest := text; ; {
		at := strings.IndexAny(rest, "@\uff20")
		if at < 0 {
			break
		}
		before := rest[:at]
		rest = strings.TrimPrefix(strings.TrimPrefix(rest[at:], "@"), "\uff20")
		if before != "" && isAddressByte(before[len(before)-1]) {
			continue // within an address
		}
		if address := mentioned(rest, users); address != "" {
			out = append(out, address)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func isAddressByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("._%+-", b) >= 0
}

// mentioned is whom the words after an @ mean. A longer name goes before a shorter one.
func mentioned(rest string, users []User) string {
	best, length, several := "", 0, false
	for i := range users {
		u := &users[i]
		if u.Disabled {
			continue
		}
		n := 0
		for _, name := range namesOfUser(u) {
			if name != "" && len(name) > n && hasWord(rest, name) {
				n = len(name)
			}
		}
		switch {
		case n == 0 || n < length:
		case n == length:
			several = true
		default:
			best, length, several = u.Email, n, false
		}
	}
	if several {
		return ""
	}
	return best
}

// namesOfUser are the words by which a user is mentioned.
func namesOfUser(u *User) []string {
	local, _, _ := strings.Cut(u.Email, "@")
	family, _, _ := strings.Cut(strings.ReplaceAll(u.Name, "\u3000", " "), " ")
	return []string{u.Email, local, u.Name, family}
}

// hasWord says whether a text begins with a word, which ends there unless it is Japanese: "@佐藤さん" names 佐藤.
func hasWord(text, word string) bool {
	if len(text) < len(word) || !strings.EqualFold(text[:len(word)], word) {
		return false
	}
	rest := text[len(word):]
	if rest == "" || word[len(word)-1] >= 0x80 {
		return true
	}
	ends := rest[0] == '.' && (len(rest) == 1 || !isAddressByte(rest[1]))
	return ends || rest[0] != '@' && !isAddressByte(rest[0])
}
