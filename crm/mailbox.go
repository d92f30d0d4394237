package crm

// Mailbox is a name and an address as they stand in a header (RFC 5322 mailbox).
type Mailbox struct {
	Name    string `json:"name,omitempty"`  // decoded; "" if there is none
	Address string `json:"email,omitempty"` // local@domain as written, without angle brackets; "" if it was unreadable
}
