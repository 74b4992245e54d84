# SPDX-License-Identifier: GPL-2.0
#
# The hammer: see hammer.h and run.  Interrupts are signals (signal.c), but with
# ThreadSanitizer (point.c).

hammer := hammer options block stamp shadow parcel heaps worker pest bad busted \
	  figures

$(eval $(call variant,points,$(CC),-O1 $(checked) -DSTUB_INTERLEAVE -fsanitize=thread,$(threads) slab))
$(eval $(call variant,checked,$(CC),-O2 $(checked),$(threads) slab))

# hammer-program NAME VARIANT INTERRUPTS
define hammer-program
programs += $$(OUT)/hammer-$(1)
$$(OUT)/hammer-$(1): $$(patsubst %,$$(OUT)/$(2)/threads/%.o,$$(hammer) $(3)) \
		$$($(2).objects)
	@echo '  LD      $$(patsubst $$(OUT)/%,%,$$@)'
	@$$($(2).cc) $$(flags) $$($(2).flags) $$^ -o $$@ $$(libs)
endef

$(eval $(call hammer-program,tsan,points,point))
$(eval $(call hammer-program,asan,asan,signal))
$(eval $(call hammer-program,plain,checked,signal))
