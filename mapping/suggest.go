package mapping

import "github.com/tsunagu-crm/tsunagu/mapping/expr"

// Suggest is the hint for a word that is not among the known ones: the nearest of them, or all; "" if none are known.
func Suggest(word string, known []string) string { return expr.Suggest(word, known) }

func nearest(word string, known []string) string { return expr.Nearest(word, known) }
