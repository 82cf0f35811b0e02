# make demo    the whole thing in front of you: a local Procountor, the hub, thirty documents
# make test    everything that CI runs
# make help    the rest

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:

PACKAGES ?= ./...
# Where state is shared or goroutines meet: tested under the race detector too, with -short.
RACE     ?= ./internal/engine ./procountor/...
# The doors are tried with what goes through all of them, and with what comes at the same time; the rest are single requests, one after the other.
RACE_DOORS ?= ^(TestWalk|TestFirstStart|TestSignIn|TestGuessingIsSlow|TestLive.*|TestPushToNumber|TestAtTheSameTime|TestTokens|TestBadTokensAreLimited|.*Webhook.*)$$
# Tables of many worlds and large ones, each worked on by one goroutine: nothing there can race, and test-all runs them whole.
NO_RACE  ?= ^(TestCrashAtEveryPoint|TestFaultOfEveryWrite|TestDetachAtEveryPoint|TestLetterCrashes|TestLevelBackAndForth|TestOffsetCrash|TestRecordCrashes|TestReportCrashes|TestChangeCrashes|TestClaimCrashes|TestNoEcho|TestNoEchoWhileUnclear|TestChainsComeToWhatDocumentsSay|TestNeverSilentlyDifferent|TestLostFiles|TestJournalPerMonth|TestJournalsAreReadInBatches|TestReadingBackIsBatched|TestInstalments|TestVerdictIsProcountors|TestDaysStay|TestTodayIsHelsinkis|TestRoundCrash|TestRoundFaults|TestRoundsAreReadInBatches|TestPaidWithinAMinute)$$
TIMEOUT  ?= 40m

# Tools are built into bin/ at these versions; none of them is in go.mod.
GOLANGCI := bin/golangci-lint-v2.15.0
TEMPL    := bin/templ-$(shell go list -m -f '{{.Version}}' github.com/a-h/templ)

# What a test run leaves behind for the checks after it.
RECORD   := $(CURDIR)/tmp/features
LEFT_OUT := $(CURDIR)/tmp/left-out

.PHONY: help demo test check check-cross long features scenes mutants bench \
        ready install format lint arch tidy generate generated test-race test-all

help: ## these lines
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# Without optimizing, half as long to compile on a fresh machine; the demo does not notice.
demo: ## start a local Procountor and the hub, and bring in some documents
	@go run -gcflags='all=-N -l' ./cmd/vienti demo

test: ready test-race test-all ## everything that CI runs

check: format lint arch features ## the quick part of test, while you work
	go test -short -timeout $(TIMEOUT) $(PACKAGES)

features: ## count the rows of docs/features that are shown
	@go run ./internal/devtool/features

scenes: ## the scenes of a finance person, in a browser
	go test -count=1 -timeout $(TIMEOUT) -run Scene ./internal/web/...

mutants: ## take each guard away and see a test turn red
	@go run ./internal/devtool/mutants

bench: ## figures as JSON lines; what they mean is in docs/measurements.md
	@go run ./internal/devtool/bench

long: ## in full what test runs in short: each kind of step gone wrong alone, 2 000 simulated companies, verdicts on 100 000 documents, a million invoices under each way of rounding, 10 000 files
	go test -count=1 -timeout 0 ./internal/engine -run 'TestCrashAtEveryPoint|TestFaultOfEveryWrite' -together 1
	go test -count=1 -timeout 0 ./internal/engine/enginesim -runs 2000
	go test -count=1 -timeout 0 ./internal/engine -run TestVerdictIsProcountors -verdicts 100000 -v
	go test -count=1 -timeout 0 ./internal/mapping -run TestEveryRounding -rounding-invoices 1000000 -v
	go test -count=1 -timeout 0 ./internal/engine -run TestLostFiles -lost-files 10000 -v

check-cross: ## build for the other platforms
	CGO_ENABLED=0 GOOS=darwin GOARCH=arm64 go build -o /dev/null ./cmd/...
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o /dev/null ./cmd/...

# The parts of test and check.

# Programs are fetched while the linters compute.
ready:
	@mkdir -p tmp; .ci/install >tmp/install 2>&1 & installing=$$!; \
	checked=0; $(MAKE) --no-print-directory format lint tidy generated features || checked=$$?; \
	wait $$installing || checked=$$?; cat tmp/install; exit $$checked

install:
	@.ci/install

format:
	@files=$$(gofmt -l cmd internal procountor examples 2>/dev/null || true); \
	if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi

# The linters begin with go vet.
lint: $(GOLANGCI)
	@if [ -x $(GOLANGCI) ]; then $(GOLANGCI) run $(PACKAGES); \
	else echo "golangci-lint could not be installed; go vet alone:"; go vet $(PACKAGES); fi

arch:
	@go test -count=1 ./internal/archtest

tidy:
	@go mod tidy -diff

generate: $(TEMPL) ## write the generated files anew
	@$(TEMPL) generate -log-level error
	@go generate ./...

generated: ## generating changes nothing
	@before=$$(.ci/state); $(MAKE) --no-print-directory generate; \
	if [ "$$before" != "$$(.ci/state)" ]; then echo "make generate changes files; commit what it writes:"; git status --short; exit 1; fi

# Above the store the goroutines are the same on both databases: one is enough there.
test-race:
	VIENTI_SQLITE_ONLY=1 go test -race -short -shuffle=on -skip '$(NO_RACE)' -timeout $(TIMEOUT) $(RACE)
	VIENTI_SQLITE_ONLY=1 go test -race -short -shuffle=on -run '$(RACE_DOORS)' -timeout $(TIMEOUT) ./internal/web ./internal/api
	go test -race -short -shuffle=on -timeout $(TIMEOUT) ./internal/store/...

# Last, so that the end of the output is go test's own.
test-all:
	@mkdir -p tmp; rm -f $(RECORD) $(LEFT_OUT)
	VIENTI_FEATURES_RECORD=$(RECORD) VIENTI_LEFT_OUT=$(LEFT_OUT) go test -shuffle=on -timeout $(TIMEOUT) $(PACKAGES)
	@if [ -e $(LEFT_OUT) ]; then echo "Tests left out on this machine:"; sort -u $(LEFT_OUT); \
	else go run ./internal/devtool/features -record $(RECORD); fi

# Installing may fail without a network: only CI insists.
bin/golangci-lint-%:
	@echo "installing golangci-lint $*"; \
	if GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$* >/dev/null 2>&1; then \
	mv bin/golangci-lint $@; else [ "$${CI:-}" != true ]; fi

bin/templ-%:
	@echo "installing templ $*"; GOBIN=$(CURDIR)/bin go install github.com/a-h/templ/cmd/templ@$* && mv bin/templ $@
