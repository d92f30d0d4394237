package crm

import "strings"

// GuardCell keeps a spreadsheet from running a cell of a table that it opens (OWASP, CSV injection; CWE-1236) by an apostrophe
// before it. What begins a formula does: = + - @, their full-width look-alikes, which a Japanese Excel takes for the same, and
// |; so does what spreadsheets step over before they look: tabs, line ends and byte order marks. A number less than zero is a
// number and stays one. A plus is never of a number of ours but of a telephone number, whose plus a spreadsheet would drop.
func GuardCell(cell string) string {
	if !opensFormula(cell) || isNegative(cell) {
		return cell
	}
	return "'" + cell
}

// UnguardCell takes off the apostrophe that GuardCell, or a spreadsheet, put before a cell.
func UnguardCell(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && opensFormula(rest) {
		return rest
	}
	return cell
}

func opensFormula(cell string) bool {
	return strings.IndexAny(cell, "=+-@|\t\r\n\uFEFF＝＋－＠") == 0
}

// isNegative says whether a cell is a number such as -12 or -0.5.
func isNegative(cell string) bool {
	whole, part, point := strings.Cut(strings.TrimPrefix(cell, "-"), ".")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return cell != "" && cell[0] == '-' && digits(whole) && (!point || digits(part))
}
