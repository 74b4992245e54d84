// SPDX-License-Identifier: GPL-2.0
/*
 * The stub kernel's vmalloc: areas of address space that the system gives and
 * takes one by one.  Any thread; no locks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "mm.h"

static atomic_long_t vmalloc_bytes;

/* Is this request, of slab or vmalloc, to fail? */
bool stub_slab_fails(gfp_t gfp)
{
	might_alloc(gfp);
	return !(gfp & __GFP_NOFAIL) && stub_memory_fails &&
	       stub_memory_fails(-1, gfp);
}

/* Zeroed memory behind @header bytes, which hold what stub_area_put() asks. */
void *stub_area_get(size_t size, size_t header, gfp_t gfp)
{
	size_t bytes = PAGE_ALIGN(size + header);
	char *p;

	if (stub_slab_fails(gfp) || bytes < size)
		return NULL;
	p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	*(size_t *)p = bytes;
	return p + header;
}

/* Says its bytes, with the header's. */
size_t stub_area_put(const void *p, size_t header)
{
	char *area = (char *)p - header;
	size_t bytes = *(size_t *)area;

	/* Whoever gets these addresses next may use them. */
	if (CONFIG_KASAN_GENERIC)
		kasan_poison(area, bytes, 0, false);
	munmap(area, bytes);
	return bytes;
}

unsigned long stub_vmalloc_bytes(void)
{
	return atomic_long_read(&vmalloc_bytes);
}

/* What Linux 7.3 does not warn of, as far as it is defined here. */
#define VMALLOC_SUPPORTED	(GFP_KERNEL | GFP_ATOMIC | __GFP_NOWARN | \
				 __GFP_NOFAIL | __GFP_ZERO | __GFP_NORETRY | \
				 __GFP_RETRY_MAYFAIL | __GFP_ACCOUNT)

void *__vmalloc(size_t size, gfp_t gfp)
{
	size_t bytes = PAGE_ALIGN(size);
	void *p;

	if (gfp & ~VMALLOC_SUPPORTED) {
		fprintf(stderr, "vmalloc: flags %#x\n", gfp);
		abort();
	}
	p = stub_area_get(bytes, PAGE_SIZE, gfp);
	if (!p)
		return NULL;
	atomic_long_add(bytes, &vmalloc_bytes);
	if (stub_pages_strict && !(gfp & __GFP_ZERO))
		memset(p, 0xaa, bytes);
	return p;
}

void *vzalloc(size_t size)
{
	return __vmalloc(size, GFP_KERNEL | __GFP_ZERO);
}

void *vmalloc_node(size_t size, int node)
{
	return __vmalloc(size, GFP_KERNEL);
}

void *vzalloc_node(size_t size, int node)
{
	return vzalloc(size);
}

void vfree(const void *p)
{
	if (!p)
		return;
	might_sleep();
	atomic_long_sub(stub_area_put(p, PAGE_SIZE) - PAGE_SIZE,
			&vmalloc_bytes);
}

/* What is neither linear nor below may be. */
bool is_vmalloc_addr(const void *p)
{
	return (unsigned long)p >= stub_linear_end;
}
