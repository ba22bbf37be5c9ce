# The targets are thin: each runs a script of scripts/, which says what it does.

PREFIX  ?= /usr/local
# Absolute, or below PREFIX.
LIBDIR  ?= lib
DESTDIR ?=

# Of each target.
FUZZ_SECONDS ?= 600

help:
	@echo 'make demo      builds everything and shows requests sharing a connection'
	@echo 'make test      runs everything that has to hold, in stages'
	@echo 'make build     builds target/release/libwebsockets.so and .a'
	@echo 'make install   installs them, the headers, the pkg-config files and the CMake package'
	@echo 'make uninstall removes what was installed (both: PREFIX=$(PREFIX) LIBDIR=$(LIBDIR) DESTDIR=$(DESTDIR))'
	@echo
	@echo 'make lint      formatting and clippy'
	@echo 'make asan      the C stories under AddressSanitizer, and the planted bugs that it has to find'
	@echo 'make valgrind  the C stories under valgrind'
	@echo 'make same      helpers against those of Debian'\''s libwebsockets 4.1.6, on generated inputs'
	@echo 'make traces    the recorded scenarios of ../shared/traces, with our library'
	@echo 'make mutants   breaks the library on purpose: the tests have to notice'
	@echo 'make install-mutants  breaks the installation on purpose: its test has to notice'
	@echo 'make fuzz      libFuzzer on every target, FUZZ_SECONDS=$(FUZZ_SECONDS) each'
	@echo 'make conformance  Autobahn'"'"'s cases for WebSocket clients, over h1 and h2'
	@echo 'make cost      instructions a request at 1,000, 10,000 and 100,000 waiting, by callgrind'
	@echo 'make deb       Debian packages, in target/packages'
	@echo 'make deb-test  the packages in a fresh Debian, beside and instead of its own libwebsockets (as root)'
	@echo 'make bench     the comparison with other clients'
	@echo 'make clean     removes what was built'

demo:
	@scripts/setup.sh build
	@scripts/demo.sh

test:
	@scripts/test.sh

build:
	@scripts/setup.sh build
	@scripts/build.sh

install:
	@PREFIX='$(PREFIX)' LIBDIR='$(LIBDIR)' DESTDIR='$(DESTDIR)' scripts/install.sh

uninstall:
	@PREFIX='$(PREFIX)' LIBDIR='$(LIBDIR)' DESTDIR='$(DESTDIR)' scripts/uninstall.sh

lint:
	@scripts/lint.sh

asan:
	@scripts/setup.sh test
	@scripts/stories.sh asan
	@scripts/stories.sh planted

valgrind:
	@scripts/setup.sh test
	@scripts/stories.sh valgrind

same:
	@scripts/same.sh

traces:
	@scripts/setup.sh test
	@scripts/build.sh
	@scripts/traces.py

mutants:
	@scripts/mutants.sh

install-mutants:
	@scripts/install_mutants.sh

fuzz:
	@scripts/setup.sh test
	@scripts/fuzz.sh $(FUZZ_SECONDS)

conformance:
	@scripts/setup.sh conformance
	@conformance/run.sh
	@conformance/run.sh --quick --pieces
	@conformance/run.sh --quick --h2

cost:
	@scripts/setup.sh test
	@scripts/callgrind.sh

deb:
	@scripts/setup.sh deb
	@scripts/deb.sh

deb-test:
	@scripts/setup.sh deb-test
	@scripts/deb.sh
	@scripts/deb_test.sh

bench:
	@scripts/bench.sh

clean:
	cargo clean

.PHONY: help demo test build install uninstall lint asan valgrind same traces mutants install-mutants fuzz conformance cost deb \
	deb-test bench clean
