// Package config reads the configuration file, strictly and all at once: whoever edits it sees every mistake
// in one go, each with file, line, column, the path of the setting, what is wrong and what to write instead.
//
// Load works in five steps. read.go takes the bytes and refuses what is no UTF-8 text. tree.go parses them into
// nodes, writes anchors and merge keys out and finds doubled keys. expand.go puts environment variables and
// files in place of ${NAME} and ${file:PATH}. decode.go fills the types of config.go, and the settings type
// that the source's kind names, noting each unknown key and wrong value with its node. check.go then says
// what a well-formed value may not be, and secrets.go that no secret stands in clear.
package config
