package web

import "testing"

func TestSamplesNameAccounts(t *testing.T) {
	f := newFixture(t)
	got := f.server.names().named(t.Context(), MappingSample{Before: "accounts “”", After: "accounts “" + f.client.ID + " 0123456789abcdef0123456789abcdef”"})
	if got.Before != "accounts “”" || got.After != "accounts “株式会社クライアント …”" {
		t.Errorf("%+v", got)
	}
}
