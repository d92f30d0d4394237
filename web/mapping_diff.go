package web

import (
	"strconv"
	"strings"
)

// The limits of a comparison of two documents.
const (
	diffAround = 3         // lines that are the same, around a change
	maxDiff    = 4_000_000 // cells of the table; of what is larger only beginning and end are compared
)

// diffRow is a line of a comparison: added ("+"), taken out ("-"), the same (" "), or left out (Skipped).
type diffRow struct {
	Op       string
	Old, New string // numbers of the line; "" where it is not
	Text     string
	Skipped  bool
}

// diffRows compares two documents line by line and gives the changes with what stands around them.
func diffRows(from, to string) []diffRow {
	all := diffLines(splitLines(from), splitLines(to))
	var rows []diffRow
	last := -1 // of the changes so far, in all
	next := func(i int) int {
		for ; i < len(all) && all[i].Op == " "; i++ {
			continue
		}
		return i
	}
	for i := range all {
		if all[i].Op != " " {
			last = i
		}
		near := last >= 0 && i-last <= diffAround || next(i)-i <= diffAround && next(i) < len(all)
		switch {
		case near:
			rows = append(rows, all[i])
		case len(rows) > 0 && !rows[len(rows)-1].Skipped:
			rows = append(rows, diffRow{Op: " ", Skipped: true})
		}
	}
	for len(rows) > 0 && rows[len(rows)-1].Skipped {
		rows = rows[:len(rows)-1]
	}
	return rows
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}

// diffLines finds the longest common subsequence between what is the same at both ends.
func diffLines(a, b []string) []diffRow {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var rows []diffRow
	i, j := 0, 0
	put := func(op string) {
		row := diffRow{Op: op}
		if op != "+" {
			row.Text, row.Old = a[i], strconv.Itoa(i+1)
			i++
		}
		if op != "-" {
			row.Text, row.New = b[j], strconv.Itoa(j+1)
			j++
		}
		rows = append(rows, row)
	}
	for range head {
		put(" ")
	}
	n, m := len(a)-head-tail, len(b)-head-tail
	var common [][]int32
	if n*m <= maxDiff {
		common = commonLengths(a[head:head+n], b[head:head+m])
	}
	for i < head+n || j < head+m {
		x, y := i-head, j-head
		switch {
		case x < n && y < m && a[i] == b[j]:
			put(" ")
		case y == m || x < n && (common == nil || common[x+1][y] >= common[x][y+1]):
			put("-")
		default:
			put("+")
		}
	}
	for range tail {
		put(" ")
	}
	return rows
}

// commonLengths is the length of the longest common subsequence of what follows each pair of places.
func commonLengths(a, b []string) [][]int32 {
	table := make([][]int32, len(a)+1)
	for i := range table {
		table[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				table[i][j] = table[i+1][j+1] + 1
			} else {
				table[i][j] = max(table[i+1][j], table[i][j+1])
			}
		}
	}
	return table
}
