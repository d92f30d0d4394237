package main

import (
	"fmt"
	"strings"
)

// diffContext is how many lines that are the same stand around a change.
const diffContext = 3

// maxDiffCells bounds the table of a comparison; of what is larger only beginning and end are compared.
const maxDiffCells = 4_000_000

// lineDiff shows in the unified format how one text becomes another; "" if they are the same.
func lineDiff(fromName, toName, from, to string) string {
	if from == to {
		return ""
	}
	edits := editScript(textLines(from), textLines(to))
	var b strings.Builder
	fmt.Fprintf(&b, "--- %s\n+++ %s\n", fromName, toName)
	for start := 0; start < len(edits); {
		if edits[start].op == ' ' {
			start++
			continue
		}
		end, same := start, 0
		for i := start; i < len(edits) && same <= 2*diffContext; i++ {
			if same++; edits[i].op != ' ' {
				same, end = 0, i+1
			}
		}
		writeHunk(&b, edits, max(0, start-diffContext), min(len(edits), end+diffContext))
		start = end
	}
	return b.String()
}

func textLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// edit is a line that is kept (' '), left out ('-') or put in ('+').
type edit struct {
	op   byte
	line string
}

func writeHunk(b *strings.Builder, edits []edit, start, end int) {
	fromLine, toLine, fromCount, toCount := 1, 1, 0, 0
	for i, e := range edits[:end] {
		in := i >= start
		if e.op != '+' {
			if in {
				fromCount++
			} else {
				fromLine++
			}
		}
		if e.op != '-' {
			if in {
				toCount++
			} else {
				toLine++
			}
		}
	}
	if fromCount == 0 {
		fromLine--
	}
	if toCount == 0 {
		toLine--
	}
	fmt.Fprintf(b, "@@ -%d,%d +%d,%d @@\n", fromLine, fromCount, toLine, toCount)
	for _, e := range edits[start:end] {
		fmt.Fprintf(b, "%c%s\n", e.op, e.line)
	}
}

// editScript keeps a longest common subsequence of the lines.
func editScript(from, to []string) []edit {
	var script []edit
	for len(from) > 0 && len(to) > 0 && from[0] == to[0] {
		script = append(script, edit{' ', from[0]})
		from, to = from[1:], to[1:]
	}
	var tail []edit
	for len(from) > 0 && len(to) > 0 && from[len(from)-1] == to[len(to)-1] {
		tail = append([]edit{{' ', from[len(from)-1]}}, tail...)
		from, to = from[:len(from)-1], to[:len(to)-1]
	}
	return append(append(script, middle(from, to)...), tail...)
}

func middle(from, to []string) []edit {
	common := make([][]int32, len(from)+1)
	if large := (len(from)+1)*(len(to)+1) > maxDiffCells; !large {
		for i := range common {
			common[i] = make([]int32, len(to)+1)
		}
		for i := len(from) - 1; i >= 0; i-- {
			for j := len(to) - 1; j >= 0; j-- {
				if from[i] == to[j] {
					common[i][j] = common[i+1][j+1] + 1
				} else {
					common[i][j] = max(common[i+1][j], common[i][j+1])
				}
			}
		}
	}
	var script []edit
	i, j := 0, 0
	for i < len(from) && j < len(to) && common[i] != nil {
		switch {
		case from[i] == to[j]:
			script = append(script, edit{' ', from[i]})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			script = append(script, edit{'-', from[i]})
			i++
		default:
			script = append(script, edit{'+', to[j]})
			j++
		}
	}
	for ; i < len(from); i++ {
		script = append(script, edit{'-', from[i]})
	}
	for ; j < len(to); j++ {
		script = append(script, edit{'+', to[j]})
	}
	return script
}
