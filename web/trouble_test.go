package web

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/tsunagu-crm/tsunagu/crm"
)

// troubleCodes are all codes of what can be wrong with a source, as the code names them.
func troubleCodes(t *testing.T) (codes []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "mailboxes.go", nil, parser.SkipObjectResolution)
	must(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(v.Names[0].Name, "Trouble") && len(v.Values) == 1 {
			code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			must(t, err)
			codes = append(codes, code)
		}
		return true
	})
	return codes
}

// TestEveryTroubleHasWords demands every code in words in every language, wherever one is said.
func TestEveryTroubleHasWords(t *testing.T) {
	codes := troubleCodes(t)
	if len(codes) < 14 {
		t.Errorf("only %d codes were found", len(codes))
	}
	for lang, sp := range testSpeakers(t) {
		for _, code := range codes {
			for _, family := range []string{"trouble.", "health.trouble.", "health.todo.", "wizard.try."} {
				if !sp.has(family + code) {
					t.Errorf("%s: there is no %s%s", lang, family, code)
				}
			}
		}
	}
}

// TestWhatServersSayIsRecognised holds the answers of real servers to the sentences that tell them.
func TestWhatServersSayIsRecognised(t *testing.T) {
	for said, want := range map[string]string{
		"sign in: imap: NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)":                                        TroubleSignIn,
		`refresh token: oauth2: "invalid_grant" "Token has been expired or revoked."`:                                   TroubleExpired,
		"sign in: NO [EXPIRED] Password expired":                                                                        TroubleExpired,
		"connect: tls: failed to verify certificate: x509: certificate signed by unknown authority":                     TroubleCertificate,
		"connect: tls: failed to verify certificate: x509: certificate has expired or is not yet valid":                 TroubleCertificate,
		"dial tcp: lookup imap.exmaple.co.jp on 127.0.0.53:53: no such host":                                            TroubleUnknownHost,
		"dial tcp 192.0.2.1:993: connect: connection refused":                                                           TroubleRefused,
		"read tcp 10.0.0.2:41234->192.0.2.1:993: i/o timeout":                                                           TroubleTimeout,
		"list messages: googleapi: Error 429: Too many concurrent requests for user, rateLimitExceeded":                 TroubleQuota,
		"append: NO [OVERQUOTA] Quota exceeded (mailbox for user is full)":                                              TroubleQuota,
		"select folder INBOX: NO [NONEXISTENT] Mailbox doesn't exist: INBOX":                                            TroubleMissing,
		"get calendar: googleapi: Error 404: Not Found, notFound":                                                       TroubleMissing,
		"list messages: googleapi: Error 403: Request had insufficient authentication scopes., insufficientPermissions": TroublePermission,
		"decode answer: invalid character '<' looking for beginning of value":                                           TroubleOther,
	} {
		if got := TroubleCode(said); got != want {
			t.Errorf("%q is %s, not %s", said, got, want)
		}
	}
	for state, want := range map[crm.SourceState]string{crm.SourceAuthExpired: TroubleSignIn, crm.SourceNeedsIT: TroubleSettings, crm.SourceRetrying: TroubleOther} {
		if got := troubleCodeOf(&crm.Source{State: state, Error: "the moon is full"}); got != want {
			t.Errorf("%s is %s, not %s", state, got, want)
		}
	}
	if got := troubleCodeOf(&crm.Source{State: crm.SourceAuthExpired, Error: "invalid_grant"}); got != TroubleExpired {
		t.Errorf("a revoked token is %s", got)
	}
}
