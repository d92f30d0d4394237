package crm

// Question asks the directory about all addresses, domains and messages of a batch at once, so that one
// look-up serves a batch.
type Question struct {
	Addresses []string // normalised (NormalizeAddress)
	Domains   []string // registrable domains and their subdomains as they occur, lower-case ASCII
	Messages  []Key    // of the messages that items answer or refer to, and of meetings; a mail that is part of a meeting (Activity.Messages) leads to the meeting
	Phones    []string // E.164
	Names     []string // NameKey of a person's name and company
}

// Answer holds what is known. What is not in a map is not known.
type Answer struct {
	Generation uint64 // counts changes of people, accounts and decisions; see Commit
	Addresses  map[string]AddressAnswer
	Domains    map[string][]AccountRef // a subdomain is answered with its parent's account
	Messages   map[Key]MessageAnswer
	Phones     map[string][]PersonRef // ordered by ID; Address is the person's main one, "" for none
	Names      map[string][]PersonRef // likewise
}

// AddressAnswer is what is known of one normalised address.
type AddressAnswer struct {
	People   []PersonRef // ordered by ID
	Decision *Decision   // nil if nobody decided about the address
	Erased   bool        // its owner asked to be forgotten
	Unasked  bool        // it was another one of somebody who asked to be forgotten: nobody is asked who it is
}

// Decision is what a person said about an address in a review.
type Decision struct {
	Review string // id
	Person string // id; "" if dismissed: nobody wants this address
	By     string
}

// MessageAnswer is the activity that a message became.
type MessageAnswer struct {
	Activity string
	Thread   string        // of that activity
	People   []Participant // the outside people on it that are known
	Accounts []string
}
