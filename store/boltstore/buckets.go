package boltstore

import "slices"

// The buckets, with the shape of their keys. Numbers are big-endian so that they sort; id16 is the 16 raw
// bytes of a record's id (see idOf); time is eight bytes (see timeKey). What is marked as layered is an index
// whose keys are packed into blocks (see layers.go); there, seq is as short as it can be (see appendSeq).
var (
	bucketMeta       = []byte("meta")       // name → schema version, generation, counts
	bucketSources    = []byte("sources")    // source id → source
	bucketSourceNum  = []byte("sourcenum")  // number(4) → source id; numbers are never given twice
	bucketDue        = []byte("due")        // time, source id → nothing
	bucketActivities = []byte("activities") // seq(8) → activity
	bucketActID      = []byte("actid")      // layered: first eight bytes of id16 of key, id or message, seq
	bucketTimeline   = []byte("timeline")   // layered: scope(16), class(1), time, seq; see timelineKey
	bucketRollups    = []byte("rollups")    // day 0 owner 0 kind 0 direction → count(8)
	bucketRows       = []byte("rows")       // seq(8) → ledger row
	bucketRowID      = []byte("rowid")      // source number(4), external id → seq
	bucketRowTime    = []byte("rowtime")    // verdict(1), time, seq → source number(4), reason code
	bucketRowSource  = []byte("rowsource")  // source number(4), verdict(1), time, seq → reason code
	bucketRowKey     = []byte("rowkey")     // layered: first eight bytes of the item's key, seq; rows that are not logged
	bucketRetry      = []byte("retry")      // source number(4), time, seq → nothing
	bucketPending    = []byte("pending")    // layered: hash of domain(8), hash of address(8), row seq, verdict(1)
	bucketLayers     = []byte("layers")     // name of a layered index → sizes of its layers
	bucketLate       = []byte("late")       // seq(8) → piece of late work
	bucketPeople     = []byte("people")     // id16 → person
	bucketPeopleName = []byte("peoplename") // folded name 0 id16 → kind, folded text to search in
	bucketMembers    = []byte("members")    // account id16, folded name 0 id16 → as above
	bucketAddresses  = []byte("addresses")  // normalised address 0 id16 → person as matching needs it
	bucketPhones     = []byte("phones")     // telephone number in E.164 0 id16 → nothing
	bucketNames      = []byte("names")      // hash(16) of crm.NameKey, id16 → nothing
	bucketAccounts   = []byte("accounts")   // id16 → account
	bucketAcctName   = []byte("acctname")   // folded name 0 id16 → folded text to search in
	bucketDomains    = []byte("domains")    // domain 0 id16 → account as matching needs it
	bucketDecisions  = []byte("decisions")  // normalised address → decision
	bucketErased     = []byte("erased")     // keyed hash(16) of a normalised address → time
	bucketReviews    = []byte("reviews")    // id16 → review
	bucketReviewTime = []byte("reviewtime") // state(1), time, id16 → nothing
	bucketUsers      = []byte("users")      // e-mail address → user
	bucketTokens     = []byte("tokens")     // token id → token
	bucketTokenHash  = []byte("tokenhash")  // hash → token id
	bucketSessions   = []byte("sessions")   // id → expiry, data
	bucketMappings   = []byte("mappings")   // number(8) → mapping version
	bucketAudit      = []byte("audit")      // time, seq → audit record
	bucketOutbox     = []byte("outbox")     // seq(8) → outbox row
	bucketSealed     = []byte("sealed")     // name → ciphertext

	bucketSubmissions = []byte("submissions")     // seq(8) → submission that was let in
	bucketQuarantine  = []byte("quarantine")      // seq(8) → submission that was not, or not yet
	bucketSubmission  = []byte("submission")      // id16 → seq(8) in submissions, seq(8) in quarantine; 0 for none
	bucketSubmitted   = []byte("submissionstate") // state(1), time, seq(8) → nothing; those of quarantine, and the released
)

// Names in the meta bucket.
var (
	metaFormat     = []byte("format") // "tsunagu": tells the file from other bbolt files
	metaSchema     = []byte("schema") // version(8)
	metaKeyCheck   = []byte("keycheck")
	metaGeneration = []byte("generation")
	metaPeople     = []byte("people")
	metaAccounts   = []byte("accounts")
)

func allBuckets() [][]byte {
	return slices.Concat(baseBuckets(), lifeBuckets(), recordBuckets(), joinBuckets(), findBuckets(), withheldBuckets(), handBuckets(), arrivalBuckets(), countedBuckets())
}

func baseBuckets() [][]byte {
	return [][]byte{
		bucketMeta, bucketSources, bucketSourceNum, bucketDue, bucketActivities, bucketActID, bucketTimeline,
		bucketRollups, bucketRows, bucketRowID, bucketRowTime, bucketRowSource, bucketRowKey, bucketRetry,
		bucketPending, bucketLayers, bucketLate, bucketPeople, bucketPeopleName, bucketMembers, bucketAddresses, bucketAccounts,
		bucketAcctName, bucketDomains, bucketDecisions, bucketErased, bucketReviews, bucketReviewTime, bucketUsers,
		bucketTokens, bucketTokenHash, bucketSessions, bucketMappings, bucketAudit, bucketOutbox, bucketSealed,
		bucketPhones, bucketNames, bucketSubmissions, bucketQuarantine, bucketSubmission, bucketSubmitted,
	}
}
