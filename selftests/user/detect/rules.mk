# SPDX-License-Identifier: GPL-2.0
#
# Directed tests: plain, with sanitizers, for coverage.

detect := $(basename $(notdir $(wildcard $(here)/detect/*.c)))

define detect_program
programs += $$(OUT)/detect-$(1)
$$(OUT)/detect-$(1): $$($(1).objects) $$(detect:%=$$(OUT)/$(1)/detect/%.o)
	@echo '  LD      $$(@F)'
	@$$($(1).cc) $$(flags) $$($(1).flags) -Wl,--wrap=stub_interleave \
		-Wl,--wrap=cpuhp_setup_state $$^ $$(libs) -o $$@
endef
$(foreach v,steps steps-asan coverage,$(eval $(call detect_program,$(v))))
