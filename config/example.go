package config

import _ "embed" // for the example

//go:embed example.yaml
var example []byte

// Example is a commented configuration file to start from, in English and Japanese. It loads as it is once the
// variable SATO_PASSWORD is set.
func Example() []byte { return append([]byte(nil), example...) }
