package storetest

import "testing"

// runJoining holds a store to what Joining says.
func runJoining(t *testing.T, open func(t *testing.T) Store) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, w *world)
	}{
		{"people are merged and taken apart", testMergePeople},
		{"what people changed since a merge stays", testUnmergeKeeps},
		{"merges that are refused", testMergeRefused},
		{"mapped before a merge, stored after it", testMergeRace},
		{"matched again after a merge", testRematchMerged},
		{"decided for somebody who is merged", testMergeDecision},
		{"who follows whom after a merge", testMergeSuccessor},
		{"accounts are merged and taken apart", testMergeAccounts},
		{"accounts below another are merged", testMergeTree},
		{"merges of accounts and members crossed", testMergeCrossed},
		{"a lead is converted", testConvert},
		{"a lead is converted into a contact", testConvertInto},
		{"what was changed since a conversion stays", testConvertStays},
		{"deals and tasks are merged", testMergeRecords},
		{"erase who was merged or converted", testEraseMerged},
		{"what came up after a merge goes with whom it is about", testUnmergeCaused},
		{"erase what came up because of somebody", testEraseCaused},
		{"erase names of deals", testEraseDealNames},
		{"delete whom others are part of", testDeleteJoined},
		{"undo a conversion that was won", testConvertWon},
		{"external keys and codes are of one record", testKeysAreOwn},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, open(t))
			test.run(t, w)
			Check(t, w.s)
		})
	}
	t.Run("merges and conversions in any order", func(t *testing.T) { testJoiningOrders(t, open) })
}
