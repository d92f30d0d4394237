package testdovecot

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/template"
)

// layout names the files of one server. Unix socket paths may have 107 bytes, so the names are short.
type layout struct{ dir string }

func (l layout) config() string      { return filepath.Join(l.dir, "dovecot.conf") }
func (l layout) oauthConfig() string { return filepath.Join(l.dir, "oauth2.conf") }
func (l layout) users() string       { return filepath.Join(l.dir, "users") }
func (l layout) log() string         { return filepath.Join(l.dir, "dovecot.log") }
func (l layout) run() string         { return filepath.Join(l.dir, "run") }
func (l layout) ca() string          { return filepath.Join(l.dir, "ca.pem") }
func (l layout) cert() string        { return filepath.Join(l.dir, "cert.pem") }
func (l layout) key() string         { return filepath.Join(l.dir, "key.pem") }
func (l layout) home(name string) string {
	return filepath.Join(l.dir, "mail", strings.ToLower(name))
}

// ports are the loopback ports of one server.
type ports struct{ IMAP, IMAPS, LMTP int }

const configText = `# Written by the test harness.
base_dir = {{.Run}}
state_dir = {{.Dir}}/state
log_path = {{.Log}}
protocols = imap lmtp
listen = 127.0.0.1
ssl = yes
ssl_cert = <{{.Cert}}
ssl_key = <{{.Key}}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
default_internal_user = {{.User}}
default_internal_group = {{.Group}}
default_login_user = {{.User}}
default_vsz_limit = 1G
default_client_limit = {{.Clients}}
first_valid_uid = 0
mail_location = maildir:{{.Dir}}/mail/%Lu
mail_fsync = never
mail_max_userip_connections = {{.Connections}}
lda_mailbox_autocreate = yes
service anvil {
  chroot =
  client_limit = {{.Clients}}
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
service auth {
  client_limit = {{.Clients}}
}
service imap {
  process_limit = {{.Connections}}
}
service imap-login {
  chroot =
  service_count = 0
  process_min_avail = 1
  client_limit = {{.Connections}}
  inet_listener imap {
    port = {{.Ports.IMAP}}
  }
  inet_listener imaps {
    port = {{.Ports.IMAPS}}
    ssl = yes
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = {{.Ports.LMTP}}
  }
}
passdb {
  driver = passwd-file
  mechanisms = none plain login
  args = scheme=PLAIN {{.Users}}
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {{.OAuth}}
}
userdb {
  driver = passwd-file
  args = {{.Users}}
  default_fields = uid={{.UID}} gid={{.GID}} home={{.Dir}}/mail/%Lu
}
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    special_use = \Sent
    auto = subscribe
  }
  mailbox Drafts {
    special_use = \Drafts
    auto = subscribe
  }
  mailbox Junk {
    special_use = \Junk
    auto = subscribe
  }
  mailbox Trash {
    special_use = \Trash
    auto = subscribe
  }
  mailbox 送信済み {
    auto = subscribe
  }
  mailbox 送信済み/お客様 {
    auto = subscribe
  }
}
{{.Extra}}`

const oauthText = `introspection_url = %s
introspection_mode = post
username_attribute = username
active_attribute = active
active_value = true
`

// writeConfig writes what Dovecot reads at its start.
func writeConfig(l layout, a account, p ports, s settings, introspection string) error {
	connections := max(s.connections, 500)
	var text strings.Builder
	err := template.Must(template.New("config").Parse(configText)).Execute(&text, map[string]any{
		"Dir": l.dir, "Run": l.run(), "Log": l.log(), "Cert": l.cert(), "Key": l.key(),
		"Users": l.users(), "OAuth": l.oauthConfig(), "Ports": p, "Extra": s.extra,
		"User": a.user, "Group": a.group, "UID": a.uid, "GID": a.gid,
		"Connections": connections, "Clients": 2*connections + 500,
	})
	if err != nil {
		return fmt.Errorf("fill configuration: %w", err)
	}
	if err := a.writeFile(l.config(), []byte(text.String())); err != nil {
		return fmt.Errorf("write configuration: %w", err)
	}
	if err := a.writeFile(l.oauthConfig(), fmt.Appendf(nil, oauthText, introspection)); err != nil {
		return fmt.Errorf("write oauth configuration: %w", err)
	}
	return nil
}
