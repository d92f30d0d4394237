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
		{TroubleExpired, []string{"invalid_grant", "expired or revoked", "token has been revoked", "token expired", "token has expired", "[expired]"}},
		{TroubleSignIn, []string{"authenticationfailed", "invalid credentials", "authentication failed", "login failed", "unauthorized", "401"}},
		{TroublePermission, []string{"permission", "forbidden", "403", "not granted", "noperm"}},
		{TroubleMissing, []string{"nonexistent", "does not exist", "doesn't exist", "no such mailbox", "not found", "404"}},
	} {
		for _, sign := range t.signs {
			if strings.Contains(text, sign) {
				return t.code
			}
		}
	}
	return TroubleOther
}

// troubleCodeOf is the code of what is wrong with a source; "" if nothing is. Its state was told from what the server answered,
// and weighs more than the words of the answer.
func troubleCodeOf(src *crm.Source) string {
	if src.Error == "" {
		return ""
	}
	code := TroubleCode(src.Error)
	switch {
	case src.State == crm.SourceAuthExpired && code != TroubleExpired:
		return TroubleSignIn
	case src.State == crm.SourceNeedsIT && code == TroubleOther:
		return TroubleSettings
	}
	return code
}

// troubleOf says in a sentence what is wrong with a source; "" if nothing is. What was said in English stays a detail.
func (sp *speaker) troubleOf(src *crm.Source) string {
	if code := troubleCodeOf(src); code != "" {
		return sp.text("trouble." + code)
	}
	return ""
}
