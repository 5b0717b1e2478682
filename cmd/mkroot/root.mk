# Root's initramfs, in parts that are made again only when what they are made of
# has changed. Included by the Makefile; $(BUILD) is where things are built.
#
#   $(BUILD)/root-cloud.img, $(BUILD)/root-standard.img            with hvtest
BUILD ?= build

MKROOT     := $(BUILD)/mkroot
MKROOT_SRC := $(shell find cmd/mkroot cmd/internal/modlist cmd/hvrun/depot -name '*.go' ! -name '*_test.go') cmd/mkroot/modules.txt go.mod
ROOT_SRC   := $(shell find cmd/hvinit cmd/hvctl cmd/hvtest cmd/internal cmd/hvrun/proto partition/abi ! -name '*_test.go' \( -name '*.go' -o -name '*.s' \) 2>/dev/null) go.mod
ROOT_IMAGES := $(BUILD)/root-cloud.img $(BUILD)/root-standard.img

$(MKROOT): $(MKROOT_SRC)
	@mkdir -p $(BUILD)
	go build -o $@ ./cmd/mkroot

# Half a minute to a minute and a half: u-root compiles all commands into one.
$(BUILD)/root/busybox: cmd/mkroot/tools.go cmd/mkroot/busybox.go go.mod | $(MKROOT)
	@echo "building root's busybox (about a minute)"
	$(MKROOT) busybox -o $@

$(BUILD)/root/tools: $(ROOT_SRC) | $(MKROOT)
	$(MKROOT) tools -test -o $@

$(BUILD)/root/modules-%: $(MKROOT)
	$(MKROOT) modules -flavour $* -o $@

$(BUILD)/root-%.img: $(BUILD)/root/busybox $(BUILD)/root/tools $(BUILD)/root/modules-%
	$(MKROOT) join -o $@ $^

.PRECIOUS: $(BUILD)/root/modules-%

root: $(ROOT_IMAGES) ## root's initramfs for both of Debian's kernels

.PHONY: root
