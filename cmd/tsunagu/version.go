package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is set by the linker when a release is built.
var version = ""

// versionText is the version of this binary: that of the release, or of the module and its revision.
func versionText() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text := strings.Trim(info.Main.Version, "()")
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 && (text == "" || text == "devel") {
			text = "devel-" + s.Value[:12]
		}
	}
	if text == "" {
		return "devel"
	}
	return text
}

type versionCommand struct{}

// Run prints the version.
func (c *versionCommand) Run(a *app) error {
	_, err := fmt.Fprintf(a.stdout, "tsunagu %s %s/%s %s\n", versionText(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	return err
}
