# SPDX-License-Identifier: GPL-2.0
#
# libhoardk.so: of variant lib, and of its symbols only malloc() and its family
# are for others.

preload	:= $(patsubst $(here)/%.c,$(OUT)/lib/%.o,$(wildcard $(here)/preload/*.c))
# malloc() and free() are to be as short as where people count: the core's code
# is put into them, and seldom() writes below the stack pointer.  The kernel, too,
# patches its code to count bits with one instruction.
preload.flags := -fvisibility=hidden -fno-builtin -fomit-frame-pointer \
		 -flto=auto -mpopcnt -mno-red-zone -DSTUB_FAST -DSTUB_SLOTS=8192 \
		 -DPERCPU_SIZE=64

$(OUT)/lib/%.o: flags += $(preload.flags)
# Assembly that is referred to from other files.
$(OUT)/lib/preload/seldom.o: flags += -fno-lto
$(lib.objects) $(preload): $(here)/preload/rules.mk

$(OUT)/libhoardk.so: flags += $(preload.flags)
$(OUT)/libhoardk.so: $(lib.objects) $(preload) $(here)/preload/exports.map
	@echo '  LD      $(@F)'
	@$(lib.cc) $(flags) $(lib.flags) -shared -o $@.new $(filter %.o,$^) \
		-Wl,--version-script=$(here)/preload/exports.map \
		-Wl,-z,now -Wl,-z,defs -Wl,-Bsymbolic $(libs)
	@mv $@.new $@

programs += $(OUT)/libhoardk.so

# What tests it: ordinary programs, which know nothing of it.
malloctest := $(OUT)/preload
malloctest.flags := -std=gnu11 -g -O1 -fno-builtin -D_GNU_SOURCE -pthread \
		    -Wall -Wextra -Wno-unused-parameter \
		    -Wno-alloc-size-larger-than -Wno-use-after-free

$(malloctest)/malloctest: $(addprefix $(here)/preload/tests/,main.c functions.c \
			    threads.c fork.c end.c memory.c) \
			  $(here)/preload/tests/check.h
	@mkdir -p $(@D)
	@echo '  CC      $(patsubst $(OUT)/%,%,$@)'
	@$(CC) $(malloctest.flags) -rdynamic -o $@ $(filter %.c,$^) -ldl

$(malloctest)/plugin.so: $(here)/preload/tests/plugin.c \
			 $(here)/preload/tests/check.h
	@mkdir -p $(@D)
	@echo '  CC      $(patsubst $(OUT)/%,%,$@)'
	@$(CC) $(malloctest.flags) -fPIC -shared -o $@ $(filter %.c,$^)

programs += $(malloctest)/malloctest $(malloctest)/plugin.so
