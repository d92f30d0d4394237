// Command bench measures Tsunagu beside its peers and prints each figure with its target.
//
// Everything runs on this machine: a real Dovecot serves a generated mailbox, and each contender is a process
// of its own that reads it, so that wall time, CPU and peak memory come from the operating system. A round
// runs every contender once, one after the other; the rounds are repeated and medians are reported with the
// least and the greatest value, since absolute numbers only tell the order of magnitude: what counts are
// ratios taken in one run. Contenders that are not installed are named as missing, not left out silently.
//
//	go run ./cmd/bench                 all sections
//	go run ./cmd/bench -only ingest    one of them
//	go run ./cmd/bench -rounds 1 -mails 2000 -stored 200000     a quick look
package main
