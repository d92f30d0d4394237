package boltstore

func recordBuckets() [][]byte { return nil }
