package web

import (
	"strings"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// TroubleCode finds in what a server, a connector or the network said which sentence tells it; TroubleOther if none does.
func TroubleCode(text string) string {
	text = strings.ToLower(text)
	for _, t := range []struct {
		code  string
		signs []string
	}{
		{TroubleCertificate, []string{"x509", "certificate", "tls: "}},
		{TroubleUnknownHost, []string{"no such host", "server misbehaving", "lookup "}},
		{TroubleRefused, []string{"connection refused", "no route to host", "network is unreachable"}},
		{TroubleTimeout, []string{"timeout", "timed out", "deadline exceeded"}},
		{TroubleDisk, []string{"no space left", "disk is full", "store is full"}},
		{TroubleQuota, []string{"quota", "too many requests", "rate limit", "429", "overquota", "throttl"}},
		{TroubleSignIn, []string{"authenticationfailed", "invalid credentials", "authentication failed", "login failed", "unauthorized", "invalid_grant", "401"}},
		{TroublePermission, []string{"permission", "forbidden", "403", "not granted", "noperm"}},
	} {
		for _, sign := range t.signs {
			if strings.Contains(text, sign) {
				return t.code
			}
		}
	}
	return TroubleOther
}

// troubleOf says in a sentence what is wrong with a source; "" if nothing is. What was said in English stays a detail.
func (sp *speaker) troubleOf(src *crm.Source) string {
	if src.Error == "" {
		return ""
	}
	code := TroubleCode(src.Error)
	switch {
	case src.State == crm.SourceAuthExpired:
		code = TroubleSignIn
	case src.State == crm.SourceNeedsIT && code == TroubleOther:
		code = TroubleSettings
	}
	return sp.text("trouble." + code)
}
