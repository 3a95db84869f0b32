# The front door: each target sets up what it needs (tools/setup), builds in
# build/ with CMake, and runs.  `make help` lists the targets.
#
#   make mnist ARGS="--epochs 3 --optimizer adam"   options of the script
#   make mnist DATA=FOLDER                          the data are there
#   make test ONLY=tests/torch                      some of the specs
#   make install PREFIX=/usr/local DESTDIR=

BUILD ?= build
PREFIX ?= /usr/local
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
DATA ?=
ARGS ?=
ONLY ?=
export NNLUA_BUILD := $(abspath $(BUILD))

.PHONY: all build mnist test test-long bench install clean help

all: build
	@echo
	@echo "built $(BUILD)/nnlua; next: make mnist, make test, make help"

build:
	@tools/setup build
	@tools/build "$(BUILD)" $(JOBS) "" app

mnist:
	@tools/setup mnist
	@tools/build "$(BUILD)" $(JOBS) "" app
	@dir=$$(tools/fetch-data mnist $(DATA)) && \
	  $(BUILD)/nnlua scripts/mnist.lua --data "$$dir" $(ARGS)
	@echo
	@echo "Three commands to try next:"
	@echo "  $(BUILD)/nnlua scripts/mnist.lua --help"
	@echo "  $(BUILD)/nnlua scripts/mnist.lua --dataset fashion-mnist"
	@echo "  $(BUILD)/nnlua -e 'print(autograd.grad(function (x) return x^3 end)(2))'"

test:
	@tools/setup test
	@tools/build "$(BUILD)" $(JOBS)
	@tools/run-tests "$(BUILD)" $(ONLY)

test-long:
	@tools/setup test
	@tools/build "$(BUILD)" $(JOBS)
	@NNLUA_LONG=1 tools/run-tests "$(BUILD)" $(ONLY)

bench: build
	@tools/build "$(BUILD)" $(JOBS) "" benches
	@tools/run-bench "$(BUILD)" $(ARGS)

install: build
	@DESTDIR="$(DESTDIR)" cmake --install "$(BUILD)" --prefix "$(PREFIX)"

clean:
	@rm -rf "$(BUILD)"

help:
	@echo "make            sets up, builds $(BUILD)/nnlua"
	@echo "make mnist      ... and trains a network on MNIST"
	@echo "                (ARGS='--epochs 3', DATA=folder of the data)"
	@echo "make test       runs the tests, under 5 minutes (ONLY=tests/torch)"
	@echo "make test-long  runs the long ones too"
	@echo "make bench      measures against PyTorch, JAX and OpenBLAS"
	@echo "make install    PREFIX=/usr/local DESTDIR="
	@echo "make clean      removes $(BUILD)/"
	@echo "make help       this"
