# SPDX-License-Identifier: GPL-2.0
#
# Random histories against a model: plain, with sanitizers, for coverage.

history	:= $(world) shrink main

define history_program
programs += $$(OUT)/history-$(1)
$$(OUT)/history-$(1): $$($(1).objects) $$(history:%=$$(OUT)/$(1)/history/%.o)
	@echo '  LD      $$(@F)'
	@$$($(1).cc) $$(flags) $$($(1).flags) $$^ $$(libs) -o $$@
endef
$(foreach v,steps steps-asan coverage,$(eval $(call history_program,$(v))))
