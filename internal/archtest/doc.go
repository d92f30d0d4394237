// Package archtest holds the house rules that a compiler does not: who may import whom, no init functions,
// no packages named after nothing, files that stay small, and a doc comment on everything exported. It has
// no code of its own; its test reads the module's source.
//
// The table of imports is the one of docs/architecture.md, and changes together with it.
package archtest
