# SPDX-License-Identifier: GPL-2.0
#
# hoardk: everything one does with it, by name.  The modules themselves are
# described by Kbuild files, which the kernel's build system reads.

SHELL := /bin/bash

help:
	@echo 'hoardk: a general-purpose allocator for kernel modules'
	@echo
	@echo '  make modules       build hoardk.ko and the test modules, here, for the'
	@echo '                     running kernel, else for the newest Debian headers;'
	@echo '                     KVER=RELEASE or KDIR=DIRECTORY chooses another kernel'
	@echo '  make demo          boot a VM; the four policies side by side'
	@echo '  make check         lint, and the tests on 6.1, 6.12 and 6.12-rt, in VMs'
	@echo '  make check-all     all of them on debug, real-time and other kernels: hours'
	@echo '  make lint          style and static checks alone'
	@echo '  make user          the core in user space, and libhoardk.so, to out/user/'
	@echo '  make soak          the long tests in user space (several hours)'
	@echo '  make check-programs  real programs on libhoardk.so, at full length'
	@echo '  make bench-user    native, against glibc, jemalloc, mimalloc, tcmalloc'
	@echo '  make bench         measure (instructions, memory held, fragmentation)'
	@echo '  make vm-shell      a shell in a VM with hoardk loaded; KERNEL=6.1|6.12'
	@echo '  make setup         install the Debian packages all this needs (root)'
	@echo '  make docs          documentation from the sources, to out/docs/'
	@echo '  make clean         remove what was built; keeps downloads'
	@echo '  make distclean     remove the downloads as well'
	@echo
	@echo 'The VM alone: tools/vm/run --help'

ifneq ($(KVER),)
KDIR ?= /lib/modules/$(KVER)/build
endif
ifeq ($(KDIR),)
KDIR := $(firstword $(wildcard /lib/modules/$(shell uname -r)/build) \
	  $(shell ls -d /lib/modules/*/build 2>/dev/null | sort -rV))
endif

# BTF needs a vmlinux, which Debian's headers lack: without one, don't try.
btf := $(if $(wildcard $(KDIR)/vmlinux),,CONFIG_DEBUG_INFO_BTF_MODULES=)

need-kdir:
	@if [ -z "$(KDIR)" ]; then \
		echo 'No kernel headers here.  Install them:' >&2; \
		echo '  apt-get install linux-headers-$$(uname -r)' >&2; \
		echo 'or say where they are: make modules KDIR=/path/to/build' >&2; \
		exit 1; \
	elif [ ! -e "$(KDIR)/Makefile" ]; then \
		echo 'No kernel headers in $(KDIR).' >&2; \
		[ -z "$(KVER)" ] || \
			echo 'KVER is a release; here are:' \
				$$(ls -d /lib/modules/*/build 2>/dev/null | \
				cut -d / -f 4) >&2; \
		exit 1; \
	fi

modules: need-kdir
	@echo 'building for $(KDIR)'
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(btf) modules

demo:
	@tools/demo

check:
	@tools/check

check-all:
	@tools/check --all

lint:
	@tools/setup build check
	@tools/lint

bench:
	@tools/bench

user:
	@tools/setup user
	@bash -euc '. tools/lib.sh; user_build all'

soak:
	@tools/setup user
	@selftests/user/history/run --steps 10000000
	@selftests/user/fuzz/run --seconds 1800 --keep
	@selftests/user/threads/run --long
	@selftests/user/interleave/run --long

check-programs:
	@tools/setup user programs
	@selftests/user/programs/run

bench-user:
	@tools/setup user bench
	@selftests/user/bench/run

KERNEL ?= 6.12
vm-shell:
	@tools/setup build vm
	@tools/vm/build --kernel $(KERNEL) >/dev/null
	@tools/vm/run --kernel $(KERNEL) --shell

setup:
	@tools/setup

docs:
	@tools/setup docs
	@if [ -x tools/docs ]; then tools/docs; else \
		echo 'No tools/docs in this tree; read Documentation/.' >&2; \
		exit 1; fi

clean:
	@if [ -n "$(KDIR)" ] && [ -e "$(KDIR)/Makefile" ]; then \
		$(MAKE) -s -C $(KDIR) M=$(CURDIR) clean; fi
	@rm -rf out/build out/check out/tmp out/docs out/user Module.symvers

distclean: clean
	@rm -rf out

.PHONY: help need-kdir modules demo check check-all lint user soak check-programs \
	bench-user bench vm-shell setup docs clean distclean
