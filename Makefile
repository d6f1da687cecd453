# SPDX-License-Identifier: BSD-3-Clause
#
# The few commands that people type. Meson builds programs and partitions, Kbuild the
# driver, platform/qemu/build the machine.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory
MESON = meson
# This tree's own builds, for the compilers that it is tested with; WERROR= for another. Packages and make install
# stop at no warning.
WERROR = --werror

.PHONY: all help setup host guest partitions install install-partitions deb machine test-machine demo check check-debug check-packages bench format clean

help:
	@echo "make           build everything: programs, partitions, driver, machine"
	@echo "make demo      the software world, then the machine: a secret survives a power cycle"
	@echo "make check     every test, or STAGES='unit tests,software world*'; STAGES=list names them"
	@echo "make check-debug  the debug kernel's tests and a kernel with 16 KiB pages (half an hour more)"
	@echo "make check-packages  what is installed, from make install and from packages"
	@echo "make bench     figures, beside those of Linux's own driver"
	@echo "make setup     what building needs and this machine lacks"
	@echo "make guest     the programs for the machine, in build/guest"
	@echo "make test-machine  the machine with test partitions, too"
	@echo "make host      the programs for this host, in build/bin"
	@echo "make install   programs, library and man pages below PREFIX (/usr/local), with DESTDIR before it"
	@echo "make partitions BOARD=NAME  the partitions of board/NAME, or of a folder, for OP-TEE: build/board/NAME/kit"
	@echo "               with OPTEE=4.6 for that OP-TEE, with ENGINE=none for little secure memory"
	@echo "make install-partitions BOARD=NAME  the same below PREFIX/lib/tstee-partitions"
	@echo "make deb       Debian packages for amd64 and arm64, in build/deb"
	@echo "make machine   the machine; then: platform/qemu/machine run -- tstee list"
	@echo "make format    format the C sources"
	@echo "make clean     remove build/ (what others made stays in the cache)"

all: machine host

setup:
	@scripts/setup

# What the crypto partition calculates with: aws-lc, or none for boards with little secure memory.
ENGINE = aws-lc

# What decides which libraries a build is given.
LIBRARY_INPUTS = platform/qemu/thirdparty.sh $(wildcard secure/service/mbedtls/*.h include/psa/*.h) \
	secure/engine/hooks secure/engine/driver.h secure/engine/contexts.h \
	docs/examples/tls/tls_config.h

build/meson/host/build.ninja: $(LIBRARY_INPUTS) | setup
	@rm -rf build/meson/host
	@options=$$(platform/qemu/build options host $(ENGINE)) && \
	$(MESON) setup $(WERROR) $$options --prefix=$(CURDIR)/build --libdir=lib build/meson/host >/dev/null

build/meson/guest/build.ninja: cross/guest.ini $(LIBRARY_INPUTS) | setup
	@rm -rf build/meson/guest
	@options=$$(platform/qemu/build options guest $(ENGINE)) && \
	$(MESON) setup $(WERROR) --cross-file cross/guest.ini $$options --prefix=$(CURDIR)/build/guest \
		--libdir=lib build/meson/guest >/dev/null

build/meson/sel0/build.ninja: cross/sel0.ini board/qemu/board.h $(LIBRARY_INPUTS) | setup
	@rm -rf build/meson/sel0
	@options=$$(platform/qemu/build options sel0 $(ENGINE)) && \
	$(MESON) setup $(WERROR) --cross-file cross/sel0.ini $$options --prefix=$(CURDIR)/build/sel0 build/meson/sel0 >/dev/null

host guest partitions: %: | setup
host: build/meson/host/build.ninja
guest: build/meson/guest/build.ninja
# Of a board they are made beside, and what OP-TEE embeds of them is in build/board/NAME/kit.
BOARD = qemu
ifeq ($(BOARD),qemu)
partitions: build/meson/sel0/build.ninja
endif

host:
	@$(MESON) compile -C build/meson/host >build/meson/host/log || \
		{ cat build/meson/host/log; exit 1; }
	@$(MESON) install -C build/meson/host --quiet --no-rebuild

guest:
	@$(MESON) compile -C build/meson/guest >build/meson/guest/log || \
		{ cat build/meson/guest/log; exit 1; }
	@$(MESON) install -C build/meson/guest --quiet --no-rebuild

# Which OP-TEE, 4.6 or (as it is) 4.7 and later.
export OPTEE

ifneq ($(BOARD),qemu)
partitions:
	@scripts/board $(BOARD) $(ENGINE)
else
partitions:
	@$(MESON) compile -C build/meson/sel0 >build/meson/sel0/log || \
		{ cat build/meson/sel0/log; exit 1; }
	@$(MESON) install -C build/meson/sel0 --quiet --no-rebuild
endif

# For boards' integrators: PREFIX/lib/tstee-partitions/NAME.
install-partitions: NAME = $(notdir $(BOARD:%/=%))
install-partitions: KITS = $(DESTDIR)$(PREFIX)/lib/tstee-partitions
install-partitions: | setup
	@scripts/board $(BOARD) $(ENGINE)
	@rm -rf "$(KITS)/$(NAME)"
	@mkdir -p "$(KITS)"
	@cp -r build/board/$(NAME)/kit "$(KITS)/$(NAME)"

# What is installed works wherever it is moved to afterwards.
PREFIX = /usr/local
install: | setup
	@mkdir -p build/meson
	@options=$$(platform/qemu/build options host) && \
	$(MESON) setup $$([ ! -d build/meson/install ] || echo --reconfigure) $$options -Dtests=none \
		-Dpkgconfig.relocatable=true --buildtype=release --prefix=$(PREFIX) --libdir=lib \
		build/meson/install >build/meson/install.log && \
	$(MESON) compile -C build/meson/install >>build/meson/install.log || \
		{ cat build/meson/install.log; exit 1; }
	@DESTDIR=$(DESTDIR) $(MESON) install -C build/meson/install --quiet --no-rebuild

# Debian's packages, for amd64 and arm64, in build/deb.
deb:
	@scripts/setup packages
	@packaging/deb

machine: guest partitions
	@platform/qemu/build all

test-machine: guest partitions
	@platform/qemu/build test

# The first half needs no machine, so it is shown before that is built.
demo: host
	@world/demo
	@$(MAKE) machine
	@platform/qemu/demo

# Some stages take nothing for built.
check check-debug: FLAGS = $(if $(findstring debug,$@),--debug)
check check-debug: | setup
	@needs=$$(scripts/check --needs $(FLAGS)) && { [ -z "$$needs" ] || $(MAKE) $$needs; }
	@scripts/check $(FLAGS)

check-packages:
	@scripts/setup packages
	@test/packages/run

# What a world's start is compared with: partitions without an engine.
build/meson/plain/build.ninja: $(LIBRARY_INPUTS) | setup
	@rm -rf build/meson/plain
	@options=$$(platform/qemu/build options host none) && \
	$(MESON) setup $$options build/meson/plain >/dev/null

bench: test-machine host build/meson/plain/build.ninja
	@ninja -C build/meson/plain secure/partition/its/its secure/partition/its/its.dtb \
		secure/partition/crypto/crypto secure/partition/crypto/crypto.dtb >build/meson/plain/log || \
		{ cat build/meson/plain/log; exit 1; }
	@test/bench/world --plain build/meson/plain
	@test/bench/pkcs11
	@test/bench/bench

format:
	@git ls-files '*.c' '*.h' ':!driver/trace.h' | xargs clang-format -i

clean:
	rm -rf build
