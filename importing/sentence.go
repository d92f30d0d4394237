package importing

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Sentence is something that is said of a file, a row or a cell: a code with what it is about, so that each reader can be
// told in their own language. The zero Sentence says nothing.
type Sentence struct {
	Code string   `json:"code"`
	Args []string `json:"args,omitempty"`
}

// sentence makes a Sentence of a code that english knows.
func sentence(code string, args ...any) Sentence {
	s := Sentence{Code: code}
	for _, a := range args {
		s.Args = append(s.Args, fmt.Sprint(a))
	}
	return s
}

// Codes are all codes that a Sentence can have, sorted.
func Codes() []string { return slices.Sorted(maps.Keys(english())) }

// String is the sentence in English, as the command line and the API say it.
func (s Sentence) String() string {
	pairs := make([]string, 0, 2*len(s.Args))
	for i, a := range s.Args {
		pairs = append(pairs, "{"+strconv.Itoa(i+1)+"}", a)
	}
	text, known := english()[s.Code]
	if !known {
		return s.Code
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// english are the sentences. {1} is the first of Args.
func english() map[string]string {
	return map[string]string{ //nolint:gosec // sentences, no credentials
		// Of a file
		"bad_field":        "the column {1} cannot become {2}",
		"no_column":        "the file has no column {1}",
		"heading_twice":    "the heading {1} stands over column {2} and over column {3}",
		"book_broken":      "the workbook cannot be read: it is damaged, or only a part of one",
		"book_big":         "the workbook is larger than {1} MiB when it is unpacked",
		"part_packed":      "{1} in the workbook cannot be unpacked; nothing was read",
		"part_broken":      "{1} in the workbook cannot be read ({2}); nothing was read",
		"part_row_broken":  "row {1} cannot be read ({2}), nor what is behind it; nothing was read",
		"file_big":         "the file is larger than {1} MiB",
		"file_xls":         "this is an old .xls workbook, or one with a password",
		"file_charset":     "the file cannot be read as {1}",
		"line_charset":     "line {1} is neither UTF-8 nor Shift_JIS",
		"file_no_text":     "the file is not text",
		"quote_open":       "row {1} opens a quote that is not closed in it, so the rows after it cannot be told apart",
		"file_no_csv":      "the file is not CSV: {1}",
		"book_unreadable":  "the workbook cannot be read: {1}",
		"book_no_sheet":    "the workbook has no sheet",
		"sheet_unreadable": "the sheet {1} cannot be read: {2}",
		"row_unreadable":   "row {1} cannot be read: {2}",
		"many_columns":     "row {1} has more than {2} columns",
		"many_rows":        "the file has more than {1} rows",
		"file_empty":       "the file is empty",
		"bad_kind":         "{1} is no kind of record",
		"bad_policy":       "{1} is no policy for duplicates",
		"no_name_column":   "no column holds a name or an address",

		// Of a row that is left out
		"consent_word":      "{1} is neither yes nor no",
		"no_date":           "{1} is no date",
		"date_ahead":        "{1} has not come yet, or is before 1970",
		"word_retired":      "{1} is retired",
		"word_unknown":      "{1} is not known; there are {2}",
		"reason_needed":     "the status {1} needs a reason",
		"cells_many":        "it has {1} cells, and the heading has {2}: is a separator in a cell without quotes?",
		"no_name":           "it has neither a name nor an address",
		"cell_long":         "a cell is longer than {1} characters",
		"no_company":        "it has no company name",
		"no_domain":         "{1} is not a domain",
		"no_address":        "{1} is not a mail address",
		"key_address":       "the key {1} is that of {2}, and its address is somebody else's",
		"key_person":        "the key {1} is that of {2}; if that is this person, name the column with --key",
		"key_account":       "the key {1} is that of {2}; if that is this account, name the column with --key",
		"nothing_to_tell":   "it has neither an address nor a company nor a telephone number to tell {1} from others of that name",
		"own_address":       "{1} belongs to your own organisation",
		"erased":            "the owner of {1} was erased on request and is not taken in again",
		"addresses_of_many": "its addresses belong to {1} different people",
		"people_same":       "{1} people have this name and address",
		"people_share":      "{1} people share its address, and it has no name",
		"accounts_same":     "several accounts have this name",
		"own_domain":        "{1} is your own domain",
		"free_mail":         "{1} is free mail, which tells nothing about a company",
		"domain_taken":      "another account has the domain {1}",

		// Of a row that is about somebody who is there, or may be
		"dup_row_person":      "row {1} is the same person as row {2} ({3}): joined",
		"dup_row_account":     "row {1} is the same account as row {2} ({3}): joined",
		"dup_stored":          "row {1} is {2}, who is stored already",
		"dup_stored_left":     "row {1} is {2}, who is stored already: left out",
		"dup_account":         "row {1} is {2}, which is stored already",
		"dup_account_left":    "row {1} is {2}, which is stored already: left out",
		"dup_account_like":    "row {1} may be {2} (score {3}; {4}): kept apart, look at both",
		"dup_other_name":      "row {1} has the address of {2} and another name ({3}): kept apart, mail of both is asked about",
		"dup_name_apart":      "row {1} may be {2} (same name and company): kept apart, look at both; score {3}, {4}",
		"dup_name_left":       "row {1} may be {2} (same name and company): left out; score {3}, {4}",
		"dup_name_held":       "row {1} may be {2} (same name and company): not written before it is decided (--duplicates update or create); score {3}, {4}",
		"dup_namephone_apart": "row {1} may be {2} (same name and telephone number): kept apart, look at both; score {3}, {4}",
		"dup_namephone_left":  "row {1} may be {2} (same name and telephone number): left out; score {3}, {4}",
		"dup_namephone_held":  "row {1} may be {2} (same name and telephone number): not written before it is decided (--duplicates update or create); score {3}, {4}",
		"dup_phone_apart":     "row {1} may be {2} (same telephone number {5}): kept apart, look at both; score {3}, {4}",
		"dup_phone_left":      "row {1} may be {2} (same telephone number {5}): left out; score {3}, {4}",
		"dup_phone_held":      "row {1} may be {2} (same telephone number {5}): not written before it is decided (--duplicates update or create); score {3}, {4}",
		"decided_skip":        "row {1} is left out, as was decided",

		// Of rows that are taken all the same
		"names_missing":    "no column holds people's names, so their addresses stand in the place of names",
		"kind_stays":       "who is stored as a {1} stays one",
		"custom_unread":    "{1}, so it is not set",
		"cell_fault":       "the column {1} holds the error {2} instead of a value, which is taken for an empty cell",
		"owner_no_user":    "{1} is set as the owner, but is nobody who works with this system",
		"owner_no_address": "{1} is not an address of a rep, so no owner is set",
		"accounts_called":  "several accounts are called {1}, so none is set",
		"parent_unknown":   "there is no account {1}, so no parent is set",
		"parent_circle":    "{1} would be above itself as a parent, so no parent is set",

		// What to do about a file
		"todo_fields":      "the fields are {1}",
		"todo_columns":     "the columns are {1}",
		"todo_rename":      "name the two columns differently, or take one out",
		"todo_copy":        "copy or save it anew",
		"todo_list_or_csv": "take out what is no list of people, or save it as CSV",
		"todo_save_book":   saveAnew,
		"todo_split":       "split it",
		"todo_xlsx_or_csv": "save it as .xlsx or CSV",
		"todo_utf8":        "save it as UTF-8",
		"todo_is_table":    "is it a CSV or XLSX file?",
		"todo_quote":       "close it, or write a quote that belongs to the text twice; nothing was read",
		"todo_quotes":      "look at the quotes of that line",
		"todo_no_password": "save it anew as .xlsx, without a password",
		"todo_xlsx":        "save it anew as .xlsx",
		"todo_is_people":   "is it a list of people?",
		"todo_heading":     "the first row must name the columns",
		"todo_kind":        "say leads, contacts or accounts",
		"todo_policy":      "say ask, skip, update or create",
		"todo_name_column": "name a column 氏名, 会社名 or メールアドレス, or name, company or email",
	}
}
