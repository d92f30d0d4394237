package boltstore

func joinBuckets() [][]byte { return nil }
