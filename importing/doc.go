// Package importing takes tables of leads, contacts and accounts in.
//
// Read reads a file: CSV in the usual Japanese encodings, separated by whatever its first line has, or the first sheet of a
// workbook. Make plans: it guesses what the columns mean (columns.go), checks every cell (record.go, life.go), finds the
// record that each row is about, in the store and among the rows before (person.go, plan.go), and says in a Report what
// would be written. Nothing is written before Apply, which stores accounts first and people after, in batches each of which
// is stored whole.
//
// A row is about the record with its key, else about the one with its address and a name that does not contradict it,
// else about the one of that name and company if one of the two has no address. What only seems to be the same record is
// reported with a score and its evidence (crm.ComparePeople), and the Policy says what becomes of it. So a file that is read
// again, or once more after it was interrupted, changes nothing that is stored already. A row changes what it says and
// nothing else: an empty cell empties a field only if that is asked for.
//
// The store is asked by address, telephone number, name and key for some rows at a time; it is never read as a whole but for
// the names and domains of its accounts.
package importing
