# Perdure. Everything that is built lies in build/; everything that is fetched
# lies in the user's cache (see cmd/hvrun/depot).

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

HVRUN ?= --cpus 2
GOHV := CGO_ENABLED=0 GOOS=linux GOARCH=amd64 GOEXPERIMENT=norandomizedheapbase64

sources = $(shell find $(1) \( -name '*.go' -o -name '*.s' -o -name '*.h' \) ! -name '*_test.go' 2>/dev/null) go.mod go.sum
HVSOURCES := $(call sources,boot kernel mm vmx partition hhr microreset cmd/hv)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

image: build/perdure.img ## Build the hypervisor, build/perdure.img

run: setup image ## Boot it on an emulated machine; your terminal is its console (HVRUN="--cpus 4 …")
	@go run ./cmd/hvrun $(HVRUN)

test: setup image ## Run all tests: host, law, and system tests on emulated machines
	go vet ./...
	go vet -tags metal ./...
	PERDURE_IMAGE=$(CURDIR)/build/perdure.img go test -count=1 -timeout 55m ./...

setup: ## Install what the tests need: Debian packages and kernels, the emulator
	@go run ./test/setup

clean: ## Remove build/ (the cache stays)
	rm -rf build

# The Go program, linked where it runs: its ELF header page lies at addr.ImageBase.
build/hv.elf: $(HVSOURCES)
	@mkdir -p build
	$(GOHV) go build -tags metal -trimpath -buildvcs=false -ldflags '-s -w -T 0x40001000 -E perdure/kernel.entry' -o $@ ./cmd/hv

# What the loader loads: head.S with the Go program as its payload.
build/head.o: boot/head.S build/hv.elf
	@command -v gcc >/dev/null || $(MAKE) --no-print-directory setup
	gcc -c -Wa,-Ibuild -o $@ $<

build/perdure.img: linker.ld build/head.o
	ld -m elf_x86_64 -z max-page-size=4096 --no-warn-rwx-segments -T linker.ld -o $@ build/head.o

.PHONY: help image run test setup clean
