package crm

// SearchQuery looks for people and accounts by words of their names, kana, companies, addresses, telephone numbers and
// domains, whole, at their beginning or inside, without regard to width, case or kana (Fold).
type SearchQuery struct {
	Query string // all words must be found in a record; at most 16 count
	Kind  string // "lead", "contact", "account"; "" for all
	Limit int    // 0 means 20, at most 100
	// Seen says whether whoever asks may see a hit; what they may not see is passed over, and others are looked for in its
	// place. It must not ask the store. nil means that everything may be seen.
	Seen func(*Hit) bool
}

// Hit is one record that was found. Hits are ordered by rank: what begins with the query first, then what has a word that
// begins with it, then the rest; alike ones by folded name, then ID.
type Hit struct {
	Kind    string   `json:"kind"` // lead, contact or account
	ID      string   `json:"id"`
	Person  *Person  `json:"person,omitempty"`
	Account *Account `json:"account,omitempty"`
}

// Found is what a search gives.
type Found struct {
	Hits []Hit `json:"hits"`
	More bool  `json:"more"` // there are more than Limit: the best of those that were looked at are given
}
