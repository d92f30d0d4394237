# "make" lists what there is to make.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X main.version=$(VERSION)
FUZZTIME ?= 30s

.DEFAULT_GOAL := help
.PHONY: help demo build test soak fuzz bench lint fmt cover clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

demo: build ## the whole product on sample data; prints an address and a sign-in
	bin/tsunagu demo

# sync.pgo is a processor profile of a first read, by which the compiler decides what to inline.
build: ## one static binary, bin/tsunagu
	CGO_ENABLED=0 $(GO) build -trimpath -pgo=cmd/tsunagu/sync.pgo -ldflags '$(LDFLAGS)' -o bin/tsunagu ./cmd/tsunagu

# Results are not cached: Go cannot see that a test runs a binary whose sources changed.
test: ## install what the tests need (Dovecot, Chromium), then run them all
	scripts/install-test-deps
	$(GO) vet ./...
	$(GO) test -count=1 -timeout 15m ./...

soak: ## the same tests with more mail, more kills and more time
	scripts/install-test-deps
	TSUNAGU_SOAK=1 $(GO) test -count=1 -timeout 60m ./...

fuzz: ## run every fuzz target for FUZZTIME each (30s)
	scripts/fuzz $(FUZZTIME)

bench: build ## measure beside the peers that can be installed; BENCHFLAGS are the benchmark's
	scripts/install-bench-peers
	scripts/with-postgres $(GO) run ./cmd/bench $(BENCHFLAGS)

lint: ## golangci-lint as tools/go.mod pins it
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

fmt: ## gofmt and goimports
	$(GO) tool -modfile=tools/go.mod golangci-lint fmt ./...

cover: ## coverage of all packages by all tests, as dist/cover.html
	mkdir -p dist
	$(GO) test -timeout 20m -coverpkg=./... -coverprofile=dist/cover.out ./...
	$(GO) tool cover -html=dist/cover.out -o dist/cover.html
	$(GO) tool cover -func=dist/cover.out | tail -1

clean: ## remove what was built, and the peers
	rm -rf bin dist .cache
