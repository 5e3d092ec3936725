# Everything a developer types. `make` alone prints the list.
# The lines with two hashes are that list: keep them short.

# go-sqlite3 carries full-text search only under this tag, so it is set here for every go command below.
# The version is stamped below, not by go: its own stamp fails in a clone that belongs to another user.
export GOFLAGS := $(filter-out -tags=% -buildvcs=%,$(GOFLAGS)) -tags=sqlite_fts5 -buildvcs=false
# Without a C compiler go-sqlite3 would build as an empty shell that fails at start; like this it fails to build.
export CGO_ENABLED := 1
# SQLite then uses fdatasync, as distributions build it: what was written and the size of the file, not its times.
export CGO_CFLAGS := -O2 -g -DHAVE_FDATASYNC=1

# The tools have a go.mod of their own, so that none of their dependencies reaches the program.
TOOL    := go tool -modfile=tools/go.mod
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# What has tests that use a database runs with this tag on PostgreSQL.
ON_POSTGRES := -tags 'sqlite_fts5 postgres'
STORED      := ./db/... ./chat ./deliver ./handlers ./cmd/... ./e2e
# How long `make check` fuzzes each target.
FUZZTIME ?= 5s
# How often `make faults` kills a server, and what its chance begins with (0: something new).
ROUNDS ?= 50
SEED   ?= 0

.DEFAULT_GOAL := help
.PHONY: help run build test check faults bench size screenshots generate fmt vuln clean \
        fresh format vet lint house floor fuzz

help: ## this list
	@awk -v tty=$$(test -t 1 && echo 1) 'BEGIN { FS = ":.*## "; if (tty) { bold = "\033[1m"; blue = "\033[36m"; off = "\033[0m" } } \
	    /^##@ / { printf "\n%s%s%s\n", bold, substr($$0, 5), off } \
	    /^[a-z]+:.*## / { printf "  %smake %-12s%s %s\n", blue, $$1, off, $$2 }' $(MAKEFILE_LIST)

##@ Use
run: build ## build and start on http://localhost:8080, data in ./data (ARGS="--addr …" for settings)
	@exec bin/chinwag serve $(ARGS)

build: ## bin/chinwag: one file, assets inside
	@go build -ldflags '-s -w -X main.version=$(VERSION)' -o bin/chinwag ./cmd/chinwag

##@ Change
generate: ## make the Go from the templates, and the assets
	@go tool templ generate -log-level error
	@go generate ./static

fmt: ## format Go and templates
	@$(TOOL) gofumpt -w .
	@go tool templ fmt -log-level error .

test: ## everything that must pass, browsers included, on SQLite and on PostgreSQL
	@tools/deps
	go test -race -shuffle=on -timeout 15m ./...
	go test -race -shuffle=on -timeout 15m $(ON_POSTGRES) $(STORED)

check: ## what CI runs: generated files, format, linters, floors, fuzzing, sizes, tests
	@tools/check fresh format vet lint house floor fuzz size test

faults: ## kill, fill, lock, stop and cut off servers (as root; ROUNDS=50 SEED=0); the last line says how it went
	@tools/deps faults
	@mkdir -p bin
	@rm -f bin/faults-*.txt
	@ok=0; for database in sqlite postgres; do \
	    go test -tags "sqlite_fts5 faults $$database" -count=1 -timeout 60m -v -run '^TestFaults$$' ./e2e \
	        -args -rounds=$(ROUNDS) -seed=$(SEED) -summary=$(CURDIR)/bin/faults-$$database.txt || ok=1; \
	    done; cat bin/faults-*.txt || ok=1; exit $$ok

##@ Look
bench: ## benchmarks, as a table
	@mkdir -p bin
	@go test -run '^$$' -bench . -benchmem -count 6 -timeout 30m ./... > bin/bench.txt || { cat bin/bench.txt; exit 1; }
	@$(TOOL) benchstat bin/bench.txt

size: ## bytes on the wire against the budgets
	@tools/deps
	go test -count=1 -run '^TestSize' -v ./e2e

screenshots: ## pictures of the main pages into bin/screenshots
	@tools/deps
	go test -count=1 -run '^TestScreenshots' -v ./e2e -args -screenshots=$(CURDIR)/bin/screenshots

vuln: ## known vulnerabilities in what we call (asks vuln.go.dev)
	@$(TOOL) govulncheck ./...

clean: ## remove bin; data stays
	rm -rf bin

# The stages of `make check`, each runnable alone.

fresh: # committed generated files are what the generators make
	@tools/fresh

format:
	@test -z "$$($(TOOL) gofumpt -l . | tee /dev/stderr)" || { echo "not formatted: run make fmt" >&2; exit 1; }
	@go tool templ fmt -fail -log-level error .

vet:
	@go vet ./...
	@go vet $(ON_POSTGRES) $(STORED)
	@go -C tools vet ./floor ./house ./passwords

lint: # .golangci.yml: careless code, and the arrows between the packages
	@$(TOOL) golangci-lint run
	@$(TOOL) golangci-lint run --build-tags sqlite_fts5,faults,postgres $(STORED)

house: # rules no linter knows: length of files, unfinished marks, what a template may not hold
	@go -C tools test ./house ./passwords
	@go -C tools run ./house ..

floor: build # no module in the built program is older than tools/floor.txt
	@go -C tools test ./floor
	@go -C tools run ./floor floor.txt ../bin/chinwag

fuzz: # every fuzz target for a few seconds
	@tools/fuzz $(FUZZTIME)
