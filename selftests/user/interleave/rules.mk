# SPDX-License-Identifier: GPL-2.0
#
# The explorer: the core is compiled as for ThreadSanitizer, but what it calls
# then is hooks.c.  The explorer itself is not.

interleave-watch := -fsanitize=thread -U__SANITIZE_THREAD__ \
	--param=tsan-instrument-func-entry-exit=0 -fno-builtin-memset
interleave-flags := -O1 $(stepped) -DSTUB_SCHEDULED -DSTUB_SLOTS=4 \
	-DPERCPU_SIZE=512

$(eval $(call variant,interleave,$(CC),$(interleave-flags) \
	$$(interleave-watch),percpu module irq))

interleave.explorer := $(patsubst $(here)/%.c,$(OUT)/interleave/%.o,\
	$(wildcard $(here)/interleave/*.c))
interleave.link := $(CC) -no-pie -Wl,--wrap=memset

$(interleave.explorer): interleave-watch := -O2
$(interleave.objects) $(interleave.explorer): $(here)/interleave/rules.mk

$(OUT)/interleave/explore: $(interleave.objects) $(interleave.explorer)
	@echo '  LD      $(patsubst $(OUT)/%,%,$@)'
	@$(interleave.link) $^ -o $@

programs += $(OUT)/interleave/explore

# A control: the same with one source of the core made wrong.
$(OUT)/interleave/controls/%/explore: $(here)/interleave/controls/% \
		$(here)/interleave/mutate $(OUT)/interleave/explore
	@echo '  CONTROL $*'
	@rm -rf $(@D)
	@$(here)/interleave/mutate $< $(top)/hoardk $(@D)
	@$(interleave.cc) $(flags) $(interleave.flags) -I$(top)/hoardk \
		-c $(@D)/hoardk/*.c -o $(@D)/control.o
	@$(interleave.link) $(@D)/control.o $(interleave.explorer) $$(echo \
		$(interleave.objects) | sed \
		"s|[^ ]*/hoardk/$$(basename $(@D)/hoardk/*.c .c).o||") -o $@
