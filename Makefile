# Perdure. Everything that is built lies in build/; everything that is fetched
# lies in the user's cache (see cmd/hvrun/depot).

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

HVRUN ?= --cpus 2
FUZZTIME ?= 60s
KEEP ?= 0
OPERATIONS ?= 10000000
RESTARTS ?= 1000
RECOVERIES ?= 1000
FAULTS ?= 700
SEED ?= $(shell date +%s)
# The build id: the commit, and whether there is more than it.
BUILD := $(shell git describe --always --dirty 2>/dev/null || echo unknown)

sources = $(shell find $(1) \( -name '*.go' -o -name '*.s' -o -name '*.h' \) ! -name '*_test.go' 2>/dev/null) go.mod go.sum
HVSOURCES := $(call sources,boot kernel mm vmx partition hhr microreset cmd/hv)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

image: build/perdure.img ## Build the hypervisor, build/perdure.img

roots: build/root-cloud.cpio build/root-standard.cpio build/guests-cloud.cpio build/guests-standard.cpio build/small-cloud.cpio build/run-cloud.cpio build/images-cloud.cpio build/restart-cloud.cpio

run: setup image build/run-cloud.cpio ## Boot it and two guests on an emulated machine; your terminal is root's console (HVRUN="--cpus 4 …")
	@go run ./cmd/hvrun --memory 1024 --initrd build/run-cloud.cpio --root-cmdline hvnet=10.1.0.1/24 $(HVRUN)

test: setup image build/perdure-inject.img build/perdure-bad-next.img build/guest/awkward.elf build/guest/exits.elf build/guest/recover.elf build/guest/restart.elf build/guest/standby.elf roots ## Run all tests: host, law, system tests on emulated machines, then every fuzz target for FUZZTIME=60s, four at a time
	go vet ./...
	go vet -tags metal ./...
	go test $$(go list ./... | grep -v /test/system)
	PERDURE_IMAGE=$(CURDIR)/build/perdure.img go test -v -count=1 -timeout 60m ./test/system 2>&1 | tee build/system.log; status=$${PIPESTATUS[0]}; \
	go run ./test/fuzz -time $(FUZZTIME) || status=1; \
	[ $$status = 0 ] || go run ./test/failed build/system.log; exit $$status

fuzz: ## Run every fuzz target for FUZZTIME; KEEP=8 keeps up to so many of the inputs found as seeds of each
	go run ./test/fuzz -time $(FUZZTIME) -keep $(KEEP)

campaign: setup image build/perdure-inject.img build/guest/recover.elf build/guest/restart.elf build/guest/awkward.elf roots ## Faults in the hypervisor by the thousand, results in docs/campaigns; hostile guests for long: OPERATIONS=10000000 by SEED, on each platform; RESTARTS=1000 hot restarts; RECOVERIES=1000 in one boot; FAULTS=700 below Debian at work
	go run ./test/campaign
	go run ./test/campaign -report docs/campaigns
	PERDURE_IMAGE=$(CURDIR)/build/perdure.img PERDURE_OPERATIONS=$(OPERATIONS) PERDURE_SEED=$(SEED) PERDURE_RESTARTS=$(RESTARTS) PERDURE_LONG=1 \
		PERDURE_RECOVERIES=$(RECOVERIES) PERDURE_FAULTS=$(FAULTS) PERDURE_REPORT=$(CURDIR)/docs/campaigns \
		go test -v -count=1 -timeout 0 -run 'TestHostile|TestRestart|TestImages|TestRecover|TestAwkward|TestFourGuests|TestWorkloads|TestShapes' ./test/system

bench: setup image roots build/perdure-inject.img build/guest/restart.elf build/guest/standby.elf build/guest/unwind.elf ## Measure; writes build/bench.json and the tables of README and docs/performance.md
	@go run ./test/bench

demo: setup image build/demo-cloud.cpio ## Draw what four guests feel of a hot restart: build/demo.svg and .png
	@go run ./test/demo

setup: ## Install what the tests need: Debian packages and kernels, the emulator
	@go run ./test/setup

clean: ## Remove build/ (the cache stays)
	rm -rf build

# What the loader loads, and what "hvctl restart" takes: head.S with the Go
# program as its payload, signed. It trusts images signed with the same key, of
# your own or as PERDURE_KEY says. The others have a build tag more: inject can
# make faults of its own, next and prev have other kept records, bad fails as
# restarting does not like it, bad-next with other records.
build/perdure.img: TAGS = metal
build/perdure.img: ID = $(BUILD)
comma := ,
build/perdure-%.img: TAGS = metal,$(subst -,$(comma),$(@:build/perdure-%.img=%))
build/perdure-%.img: ID = $(BUILD)-$(@:build/perdure-%.img=%)
build/perdure.img build/perdure-inject.img build/perdure-next.img build/perdure-prev.img build/perdure-bad.img build/perdure-bad-next.img: \
		$(HVSOURCES) hhr/record/numbers.txt $(call sources,cmd/hvimage) boot/head.S linker.ld
	@command -v gcc >/dev/null || $(MAKE) --no-print-directory setup
	@mkdir -p $(@D)
	go run ./cmd/hvimage build -o $@ -tags $(TAGS) -id $(ID)

# Every field of a kept record has a number, for good.
hhr/record/numbers.txt: $(HVSOURCES)
	go generate ./hhr/record
	@touch $@

# Test guests: programs without anything beneath them, which root's kernel may be,
# or a guest's. Those without a beginning of their own are made from the kit.
KIT = $(if $(wildcard test/guest/$(1)/start.S),,$(wildcard test/guest/kit/*.S test/guest/kit/*.c))
build/guest/%.elf: test/guest/%/* test/guest/kit/*
	@command -v gcc >/dev/null || $(MAKE) --no-print-directory setup
	@mkdir -p $(@D)
	gcc -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -mno-red-zone -mgeneral-regs-only -mcmodel=small \
		-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Wl,--build-id=none \
		-Wl,-T,$(firstword $(wildcard test/guest/$*/guest.ld test/guest/kit/guest.ld)) \
		-o $@ $(call KIT,$*) $(wildcard test/guest/$*/*.S test/guest/$*/*.c)

# The root partition's initramfs, one for each of Debian's kernels. Its parts
# are archives that the kernel takes one after another.
build/root/busybox.cpio: go.mod go.sum cmd/mkroot/archive.go cmd/mkroot/busybox.go cmd/mkroot/tools.go
	@mkdir -p $(@D)
	go run ./cmd/mkroot busybox -o $@
build/root/tools.cpio: $(call sources,cmd/hvinit cmd/hvctl cmd/hvtest cmd/hvrun cmd/internal cmd/mkroot partition/abi)
	@mkdir -p $(@D)
	go run ./cmd/mkroot tools $(if $(wildcard cmd/hvtest),-test) -o $@
build/root/modules-%.cpio: $(call sources,cmd/mkroot) cmd/mkroot/modules.txt
	@mkdir -p $(@D)
	go run ./cmd/mkroot modules -flavour $* -o $@
build/root-%.cpio: build/root/busybox.cpio build/root/tools.cpio build/root/modules-%.cpio
	go run ./cmd/mkroot join -o $@ $^

# A guest's initramfs, and root's with all that guests are made of: with guest
# files for tests, small without a Debian for them, and with those of "make run".
build/root/guest-tools.cpio: $(call sources,cmd/hvinit cmd/hvtest cmd/hvrun cmd/internal cmd/mkroot partition/abi)
	@mkdir -p $(@D)
	go run ./cmd/mkroot tools -guest $(if $(wildcard cmd/hvtest),-test) -o $@
build/guest.cpio: build/root/busybox.cpio build/root/guest-tools.cpio build/root/modules-cloud.cpio
	go run ./cmd/mkroot join -quick -o $@ $^
TESTFILES := $(wildcard test/system/guests/*.toml) $(patsubst %,build/guest/%.elf,entry hostile pcat spin)
build/root/guests.cpio: build/guest.cpio $(TESTFILES)
	go run ./cmd/mkroot guests -o $@ -initrd $< -to guests $(TESTFILES)
build/root/small.cpio: $(TESTFILES)
	go run ./cmd/mkroot files -o $@ -to guests $^
build/root/guests-run.cpio: build/guest.cpio cmd/mkroot/guests/*.toml
	go run ./cmd/mkroot guests -o $@ -initrd $< cmd/mkroot/guests/*.toml
build/guests-%.cpio: build/root-%.cpio build/root/guests.cpio
	go run ./cmd/mkroot join -o $@ $^
build/small-%.cpio: build/root-%.cpio build/root/small.cpio
	go run ./cmd/mkroot join -o $@ $^
build/run-%.cpio: build/root-%.cpio build/root/guests-run.cpio build/root/images-run.cpio
	go run ./cmd/mkroot join -o $@ $^
build/restart-%.cpio: build/guests-%.cpio build/root/images.cpio
	go run ./cmd/mkroot join -o $@ $^
build/images-%.cpio: build/root-%.cpio build/root/images.cpio
	go run ./cmd/mkroot join -o $@ $^
build/root/guests-demo.cpio: build/guest.cpio test/demo/guests/*.toml
	go run ./cmd/mkroot guests -o $@ -initrd $< -to guests $(filter-out $<,$^)
build/demo-%.cpio: build/root-%.cpio build/root/guests-demo.cpio build/root/images-run.cpio
	go run ./cmd/mkroot join -o $@ $^

# What images do wrong on purpose, DEED@STAGE; cmd/hv/bad.go has them.
BAD := panic@boot nil@boot hang@boot triple@boot chatter@boot memory@boot ports@boot refuse@boot outside@boot \
	kept@attached memory@attached layouts@attached panic@started hang@started lie@started garbage@started \
	panic@sealed hang@sealed triple@sealed seat@sealed \
	panic@arrived nil@arrived hang@arrived memory@arrived

# Images to restart with: for "make run", and for tests. One that fails on purpose
# is "cat bad.body WORD.page"; other.page is signed by another key.
build/root/images-run.cpio: build/perdure.img build/perdure-next.img
	go run ./cmd/mkroot files -o $@ -to images $^
build/root/images.cpio: build/perdure.img build/perdure-next.img build/perdure-prev.img build/perdure-bad.img
	@rm -rf $(@D)/bad; mkdir -p $(@D)/bad
	head -c -4096 build/perdure-bad.img >$(@D)/bad/bad.body
	go build -o $(@D)/bad/hvimage ./cmd/hvimage
	set -e; for word in $(BAD); do $(@D)/bad/hvimage sign -bad $$word -page -o $(@D)/bad/$$word.page build/perdure-bad.img; done
	$(@D)/bad/hvimage sign -key $(@D)/bad/other.key -page -o $(@D)/bad/other.page build/perdure-bad.img
	go run ./cmd/mkroot files -o $@ -to images $(filter-out %bad.img,$^) $(@D)/bad/bad.body $(@D)/bad/*.page
.SECONDARY:

.PHONY: help roots image run test fuzz campaign bench demo setup clean
