package crm

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

var stageName = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// CheckOpportunity says everything that is wrong with an opportunity as somebody entered it.
func CheckOpportunity(o *Opportunity) []Flaw {
	var f flawFinder
	f.deal(o.Name, o.Account, o.Contacts, o.Owner, o.Note)
	if !stageName.MatchString(string(o.Stage)) {
		f.add("stage", "段階を選んでください。", "It is no stage: a name of lower-case letters, digits and underscores.")
	}
	if o.Ends != "" && o.Ends != EndsWon && o.Ends != EndsLost {
		f.add("ends", "受注か失注のいずれかです。", "It is neither won nor lost.")
	}
	f.day("expected", o.Expected)
	f.day("closed", o.Closed)
	f.agreed(o.Start, o.End, o.Notice, o.Amount)
	f.lines(o.Lines)
	f.documents(o.Documents)
	f.custom(o.Custom)
	return f.found
}

// CheckContract is the same for a contract.
func CheckContract(c *Contract) []Flaw {
	var f flawFinder
	f.deal(c.Name, c.Account, c.Contacts, c.Owner, c.Note)
	f.needed("start", c.Start)
	f.agreed(c.Start, c.End, c.Notice, c.Amount)
	if f.day("ended", c.Ended) && c.Start != "" && c.Ended < c.Start {
		f.add("ended", fmt.Sprintf("終わった日(%s)が始まりの日(%s)より前です。", c.Ended, c.Start), fmt.Sprintf("It ended (%s) before its start (%s).", c.Ended, c.Start))
	}
	if c.Renewed != "" && c.Renewed == c.ID {
		f.add("renewed", "契約自身を後続の契約にはできません。", "A contract cannot follow itself.")
	}
	f.lines(c.Lines)
	f.documents(c.Documents)
	return f.found
}

// CheckProduct is the same for a product of the catalogue.
func CheckProduct(p *Product) []Flaw {
	var f flawFinder
	f.needed("name", p.Name)
	f.line("name", p.Name, maxRecordName)
	f.line("code", p.Code, 100)
	f.line("unit", p.Unit, 20)
	f.number("price", p.Price, maxAmount)
	return f.found
}

// deal is what opportunities and contracts have in common.
func (f *flawFinder) deal(name, account string, contacts []string, owner, note string) {
	f.needed("name", name)
	f.line("name", name, maxRecordName)
	f.needed("account", account)
	f.count("contacts", len(contacts), maxRecordLines)
	if slices.Contains(contacts, "") {
		f.add("contacts", "空の取引先責任者があります。", "One of them is empty.")
	}
	f.line("owner", owner, maxRecordName)
	f.text("note", note, maxRecordNote)
}

// agreed is what a contract says.
func (f *flawFinder) agreed(start, end string, notice int, amount int64) {
	f.span("start", start, "end", end)
	f.number("notice", int64(notice), maxNotice)
	f.number("amount", amount, maxAmount)
}

func (f *flawFinder) lines(lines []Line) {
	f.count("lines", len(lines), maxRecordLines)
	room := int64(maxAmount)
	for i, l := range lines[:min(len(lines), maxRecordLines)] {
		f.prefix = "lines." + strconv.Itoa(i) + "."
		f.needed("name", l.Name)
		f.line("name", l.Name, maxRecordName)
		f.number("quantity", l.Quantity, maxQuantity)
		f.number("price", l.Price, maxAmount)
		if l.Quantity > 0 && l.Price > 0 {
			if l.Price > room/l.Quantity {
				f.add("price", fmt.Sprintf("合計が%dを超えます。", int64(maxAmount)), fmt.Sprintf("All lines together are more than %d.", int64(maxAmount)))
				break
			}
			room -= l.Price * l.Quantity
		}
	}
	f.prefix = ""
}

func (f *flawFinder) documents(list []Document) {
	f.count("documents", len(list), maxRecordLines)
	for i, d := range list[:min(len(list), maxRecordLines)] {
		f.prefix = "documents." + strconv.Itoa(i) + "."
		if d.Kind != DocumentOrder && d.Kind != DocumentContract && d.Kind != DocumentOther {
			f.add("kind", "発注書・契約書・その他のいずれかです。", `It is none of "order", "contract" and "other".`)
		}
		f.needed("name", d.Name)
		f.line("name", d.Name, maxRecordName)
		f.link("url", d.URL)
	}
	f.prefix = ""
}

func (f *flawFinder) custom(values map[string]string) {
	f.count("custom", len(values), MaxFieldDefs)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !fieldName.MatchString(name) {
			f.add("custom", fmt.Sprintf("「%s」という項目はありません。", excerptOf(name)), fmt.Sprintf("%q cannot be the name of a field.", excerptOf(name)))
			continue
		}
		f.text("custom."+name, values[name], maxFieldText)
	}
}
