package crm

import (
	"reflect"
	"slices"
	"time"
)

// ContractID is the ID of the contract that an opportunity makes.
func ContractID(opportunity string) string { return DerivedID("contract", opportunity) }

// MakesContract reports whether an opportunity is won and says from when its contract runs.
func (o *Opportunity) MakesContract() bool { return o.Won() && o.Start != "" }

// ContractOf is the contract that an opportunity makes: everything that was agreed is carried over.
func ContractOf(o *Opportunity, at time.Time) Contract {
	return Contract{ID: ContractID(o.ID), Name: o.Name, Account: o.Account, Opportunity: o.ID, Contacts: slices.Clone(o.Contacts),
		Owner: o.Owner, Start: o.Start, End: o.End, Notice: o.Notice, Amount: o.Amount, Lines: slices.Clone(o.Lines),
		Documents: slices.Clone(o.Documents), Touch: o.Touch, Created: at.UTC(), Updated: at.UTC()}
}

// CarryContract makes a contract follow its opportunity, which was before and is after: a field that says what the
// opportunity said follows it, one that somebody changed in the contract stays. Documents that came to the opportunity are
// added. It says whether the contract changed.
func CarryContract(c Contract, before, after *Opportunity, at time.Time) (Contract, bool) {
	was, is := ContractOf(before, at), ContractOf(after, at)
	out := c
	out.Name = carry(c.Name, was.Name, is.Name)
	out.Account = carry(c.Account, was.Account, is.Account)
	out.Owner = carry(c.Owner, was.Owner, is.Owner)
	out.Start = carry(c.Start, was.Start, is.Start)
	if out.Start == "" {
		out.Start = c.Start // a contract has one
	}
	out.End = carry(c.End, was.End, is.End)
	out.Notice = carry(c.Notice, was.Notice, is.Notice)
	out.Touch = carry(c.Touch, was.Touch, is.Touch)
	out.Contacts = carryList(c.Contacts, was.Contacts, is.Contacts)
	out.Documents = carryList(c.Documents, was.Documents, is.Documents)
	if slices.Equal(c.Lines, was.Lines) && (len(c.Lines) > 0 || c.Amount == was.Amount) { // an amount and its lines go together
		out.Lines = slices.Clone(is.Lines)
		out.Amount = carry(c.Amount, was.Amount, is.Amount)
	}
	if out.End != "" && out.End < out.Start { // somebody changed one of the two: they stay together
		out.Start, out.End = c.Start, c.End
	}
	if sameContract(c, out) {
		return c, false
	}
	out.Updated = at.UTC()
	return out, true
}

func carry[T comparable](c, was, is T) T {
	if c == was {
		return is
	}
	return c
}

// carryList follows as a whole while nobody changed the contract's; else what is new in the opportunity is added.
func carryList[T comparable](c, was, is []T) []T {
	if slices.Equal(c, was) {
		return slices.Clone(is)
	}
	out := slices.Clone(c)
	for _, one := range is {
		if !slices.Contains(was, one) && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	return out
}

// ContractUntouched reports whether a contract says what its opportunity says and nothing more: nobody changed it.
func ContractUntouched(c Contract, o *Opportunity) bool {
	return sameContract(c, ContractOf(o, c.Created))
}

// sameContract compares all that a contract says, not when it was stored.
func sameContract(a, b Contract) bool {
	for _, c := range []*Contract{&a, &b} {
		c.Created, c.Updated = time.Time{}, time.Time{}
		c.Contacts, c.Lines, c.Documents = orNil(c.Contacts), orNil(c.Lines), orNil(c.Documents)
	}
	return reflect.DeepEqual(a, b)
}

func orNil[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return list
}

// Open reports whether a contract runs on: nobody ended it and none followed.
func (c *Contract) Open() bool { return c.Ended == "" && c.Renewed == "" }

// NoticeDay is the day from which the renewal of a contract is to be spoken of: Notice days before End. "" if it has no end.
func (c *Contract) NoticeDay() string {
	end, err := time.Parse(time.DateOnly, c.End)
	if err != nil {
		return ""
	}
	return end.AddDate(0, 0, -c.Notice).Format(time.DateOnly)
}

// NextContract is after as it is to be stored when it takes the place of before, nil for a new one.
func NextContract(before *Contract, after Contract, at time.Time) Contract {
	var was Contract
	if before != nil {
		was = *before
		after.Opportunity = was.Opportunity
	}
	if len(after.Lines) > 0 {
		after.Amount = SumLines(after.Lines)
	}
	after.Created, after.Updated = createdAt(was.Created, after.Created, at.UTC()), at.UTC()
	return after
}
