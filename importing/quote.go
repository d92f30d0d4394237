package importing

// openQuote finds the row whose quoted cell is not closed where it should be, and gives its line. Such a cell
// swallows the rows after it, up to the next quote or the end of the file, and a reader that takes quotes
// lightly says nothing. It is told by its end: the file ends inside of it, or it goes on over a line's end and
// holds a quote that stands alone, as the one does that opens a cell of a later row.
//
// Quotes that stand alone within one line, as in 5" pipe, are let be.
func openQuote(text string, comma byte) (line int, found bool) {
	line = 1
	for at := 0; at < len(text); {
		if text[at] != '"' {
			at, line = afterCell(text, at, line, comma)
			continue
		}
		end, lines, alone := quotedCell(text, at+1, comma)
		if end < 0 || lines > 0 && alone {
			return line, true
		}
		line += lines
		at, line = afterCell(text, end, line, comma)
	}
	return 0, false
}

// afterCell steps over the rest of a cell without quotes and what ends it.
func afterCell(text string, at, line int, comma byte) (next, nextLine int) {
	for ; at < len(text); at++ {
		switch text[at] {
		case comma:
			return at + 1, line
		case '\n':
			return at + 1, line + 1
		}
	}
	return at, line
}

// quotedCell steps over a cell from behind its opening quote to behind the closing one, which is followed by a
// comma or an end; -1 if there is none. It counts the lines' ends in it and says whether a quote stands alone.
func quotedCell(text string, at int, comma byte) (end, lines int, alone bool) {
	for ; at < len(text); at++ {
		if text[at] == '\n' {
			lines++
		}
		if text[at] != '"' {
			continue
		}
		switch {
		case at+1 == len(text) || text[at+1] == comma || text[at+1] == '\n':
			return at + 1, lines, alone
		case text[at+1] == '"':
			at++
		default:
			alone = true
		}
	}
	return -1, lines, alone
}
