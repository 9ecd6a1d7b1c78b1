# Everything a person or CI does with this repository; `make` lists it. Recipes only call cmake and tools/.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
JOBS ?= $(shell nproc)
ARGS ?=
T ?= 60
# Suites of tools/suites.txt that also run under the sanitizers; the others drive the ordinary build. The spec tests
# start no thread.
ASAN_SUITES := unit,spec,store,flow,fuzz,socket,shutdown
TSAN_SUITES := unit,store,flow,socket
comma := ,
programs_of = $(addprefix test_,$(filter-out shutdown,$(subst $(comma), ,$(1))))
NODE_FOLDERS := tests/browser tests/clients/node

.PHONY: help deps configure build test-build test demo screens interop conformance mutants check fmt docs lint asan tsan gcc crash faults fuzz fuzz-merge release bench bench-peers growth fresh clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST) | sort

deps: ## install the Debian packages that are missing (root or sudo)
	@tools/install_packages

configure: deps
	@[ -f build/build.ninja ] || cmake --preset dev

build: configure ## build build/cardea and the examples
	@cmake --build build --target product -j $(JOBS)

test-build: configure
	@cmake --build build -j $(JOBS)

test: test-build ## run every test; ARGS goes to tools/run_tests (--only unit --filter 'Url*')
	@tools/run_tests $(ARGS)

demo: build ## run issuer, app and API; ARGS=--check drives them with a browser and exits
	@case '$(ARGS)' in *--check*) tools/install_node_modules $(NODE_FOLDERS) ;; esac
	@PATH="$$(case '$(ARGS)' in *--check*) tools/node/find ;; *) echo /usr/bin ;; esac):$$PATH" \
	  examples/demo/run $(ARGS)

screens: test-build ## photograph every page and state into build/screens; ARGS chooses pages by prefix
	@tools/screens $(ARGS)

interop: build ## try other people's clients; ARGS goes to interop/run (--only openid-client-6)
	@case '$(ARGS)' in *'--tier 1'*) ;; *) tools/install_packages interop/packages.txt ;; esac
	@interop/run $(ARGS)

conformance: build ## run a conformance suite's plans; ARGS="--suite https://host:port/" (docs/conformance.md)
	@conformance/run $(ARGS)

mutants: deps ## switch off one guard at a time and see its test turn red; ARGS chooses (--only 'pkce-*', --list)
	@tools/mutants $(ARGS)

lint: ## layers, style, format, generated pages: seconds, no build needed
	@tools/check_format
	@tools/check_layers
	@tools/check_style
	@tools/spec_map --check --complete
	@tools/mutants --check

check: test-build lint ## lint, the fast tests and clang-tidy
	@tools/settings_doc --check
	@tools/run_tests --only tidy,unit,spec,store,flow
	@tools/run_clang_tidy --build build --jobs $(JOBS)

fmt: deps ## format the C++ sources
	@tools/check_format --fix

docs: build ## write the generated pages anew
	@tools/spec_map
	@tools/settings_doc

asan: deps ## the tests, fuzz seeds and a whole server under ASan and UBSan
	@[ -f build/asan/build.ninja ] || cmake --preset asan
	@cmake --build build/asan --target cardea $(call programs_of,$(ASAN_SUITES)) -j $(JOBS)
	@tools/run_tests --build build/asan --only $(ASAN_SUITES) $(ARGS)

tsan: deps ## the tests that start threads under TSan
	@[ -f build/tsan/build.ninja ] || cmake --preset tsan
	@cmake --build build/tsan --target $(call programs_of,$(TSAN_SUITES)) -j $(JOBS)
	@tools/run_tests --build build/tsan --only $(TSAN_SUITES) $(ARGS)

gcc: deps ## the libraries and their tests as C++20 with g++ 12
	@[ -f build/gcc/build.ninja ] || cmake --preset gcc
	@cmake --build build/gcc -j $(JOBS)
	@tools/run_tests --build build/gcc --only unit,spec $(ARGS)

faults: test-build ## break nodes and database under load and compare with what was acknowledged; ARGS (--only fx14)
	@deploy/ha/install
	@tests/faults/run $(ARGS)

crash: test-build ## kill the server at 1,000 points and more, fail every call of its disk (ARGS="--seed 7")
	@tests/crash/run $(ARGS)

fuzz: deps ## run every fuzz target T seconds and print what it covers (T=60; ARGS="--only json --verbose")
	@[ -f build/fuzz/build.ninja ] || cmake --preset fuzz
	@cmake --build build/fuzz --target fuzzers -j $(JOBS)
	@tools/fuzz --seconds $(T) $(ARGS)

fuzz-merge: deps ## minimise what make fuzz found into the seeds in the tree (ARGS="--only json")
	@tools/fuzz --merge $(ARGS)

release: deps ## build build/release/cardea, laid out by what the bench's workloads take most often
	@tools/build_release $(JOBS)

bench-peers: release ## measure other people's providers beside ours with cardea bench; ARGS="--only hydra --seconds 3"
	@bench/peers/run $(ARGS)

growth: release ## measure what people and grants cost as they become many (ARGS="--engine sqlite --sizes 2")
	@tests/bench/growth $(ARGS)

bench: release ## measure speed beside this machine's own ceilings; ARGS="--floors --keep"
	@tests/bench/run $(ARGS)

fresh: deps ## prove both promises in a bare Debian 12: make demo ARGS=--check, and make test
	@tools/fresh

clean: ## remove the build folder
	@rm -rf build
