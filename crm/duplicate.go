package crm

// Likeness is how much two records seem to be of one person or account.
type Likeness struct {
	Score    int      `json:"score"`    // 0 to 100
	Evidence []string `json:"evidence"` // codes with what they rest on: "address: a@example.jp", "phone: +81312345678", "name_company: 田中太郎, サンプル", "domain: …"
}

// DuplicateAt is the score from which two records are shown as possible duplicates.
const DuplicateAt = 60
