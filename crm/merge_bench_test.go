package crm_test

import (
	"testing"
	"time"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// BenchmarkMerge is what every new activity costs, which is merged with itself, and what a second view of one costs.
func BenchmarkMerge(b *testing.B) {
	received := crm.Activity{
		ID: "a", Key: "a", Kind: crm.KindEmail, Direction: crm.DirectionIn, Time: time.Unix(1_700_000_000, 0), Subject: "Re: 見積もり", Text: "本文",
		People: []crm.Participant{
			{Kind: crm.Contact, ID: "p1", Name: "田中 一郎", Address: "tanaka@client.example", Role: crm.RoleFrom},
			{Name: "佐藤", Address: "sato@example.co.jp", Role: crm.RoleTo, Internal: true},
			{Address: "kato@example.co.jp", Role: crm.RoleCc, Internal: true},
			{Address: "mori@client.example", Role: crm.RoleCc},
		},
		Accounts: []string{"a1", "a2"}, Owners: []string{"sato@example.co.jp"},
		Observed: []crm.Observation{{Source: "a", ExternalID: "1", Owner: "sato@example.co.jp"}},
	}
	sent := received
	sent.Direction, sent.Owners = crm.DirectionOut, []string{"kato@example.co.jp"}
	sent.Observed = []crm.Observation{{Source: "b", ExternalID: "7", Owner: "kato@example.co.jp"}}
	sent.People = append([]crm.Participant{{Address: "boss@example.co.jp", Role: crm.RoleBcc, Internal: true}}, received.People...)
	for name, other := range map[string]crm.Activity{"itself": received, "second view": sent} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				crm.Merge(received, other)
			}
		})
	}
}
