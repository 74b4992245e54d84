# SPDX-License-Identifier: GPL-2.0
#
# Targets of libFuzzer: histories, and bad pointers.

define fuzz_program
programs += $$(OUT)/fuzz-$(1)
$$(OUT)/fuzz-$(1): $$(fuzz.objects) $$(world:%=$$(OUT)/fuzz/history/%.o) \
		   $$(OUT)/fuzz/fuzz/$(1).o
	@echo '  LD      $$(@F)'
	@$$(fuzz.cc) $$(flags) $$(fuzz.flags) -fsanitize=fuzzer $$^ $$(libs) -o $$@
endef
$(foreach p,history pointers,$(eval $(call fuzz_program,$(p))))
