/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stub kernel: list.h, rculist.h and llist.h, as far as the core uses them.
 */
#ifndef STUB_LIST_H
#define STUB_LIST_H

#include "atomic.h"

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct llist_head {
	struct llist_node *first;
};

struct llist_node {
	struct llist_node *next;
};

#define LIST_HEAD_INIT(name)	{ &(name), &(name) }
#define LIST_HEAD(name)		struct list_head name = LIST_HEAD_INIT(name)
#define LLIST_HEAD(name)	struct llist_head name = { NULL }

/*
 * READ_ONCE() and WRITE_ONCE() of hash lists, which but for RCU's have one user
 * at a time: no place to interleave.
 */
#define list_load(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define list_store(x, v)	__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

#define list_entry(p, type, member)	container_of(p, type, member)
#define hlist_entry(p, type, member)	container_of(p, type, member)
#define llist_entry(p, type, member)	container_of(p, type, member)

static inline void list_add_between(struct list_head *new,
				    struct list_head *prev,
				    struct list_head *next)
{
	next->prev = new;
	new->next = next;
	new->prev = prev;
	prev->next = new;
}

static inline void list_add(struct list_head *new, struct list_head *head)
{
	list_add_between(new, head, head->next);
}

static inline void list_add_tail(struct list_head *new, struct list_head *head)
{
	list_add_between(new, head->prev, head);
}

static inline void list_del(struct list_head *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	entry->next = NULL;
	entry->prev = NULL;
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

/* Where an entry's link is, or where the head is, which is in no entry. */
#define list_link(p, member) \
	((struct list_head *)((char *)(p) + offsetof(__typeof__(*(p)), member)))

#define list_for_each_entry(p, head, member)				\
	for (p = list_entry((head)->next, __typeof__(*p), member);	\
	     list_link(p, member) != (head);			\
	     p = list_entry(p->member.next, __typeof__(*p), member))

#define list_for_each_entry_safe_reverse(p, n, head, member)		\
	for (p = list_entry((head)->prev, __typeof__(*p), member),	\
	     n = list_entry(list_link(p, member)->prev, __typeof__(*p), member); \
	     list_link(p, member) != (head);			\
	     p = n,							\
	     n = list_entry(list_link(n, member)->prev, __typeof__(*n), member))

static inline void INIT_HLIST_NODE(struct hlist_node *n)
{
	n->next = NULL;
	n->pprev = NULL;
}

static inline bool hlist_empty(const struct hlist_head *head)
{
	return !list_load(head->first);
}

static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *head)
{
	n->next = head->first;
	if (n->next)
		n->next->pprev = &n->next;
	n->pprev = &head->first;
	list_store(head->first, n);
}

/* A reader may be at @n and goes on from there. */
static inline void hlist_del_rcu(struct hlist_node *n)
{
	list_store(*n->pprev, n->next);
	if (n->next)
		n->next->pprev = n->pprev;
}

static inline void hlist_del_init(struct hlist_node *n)
{
	if (!n->pprev)
		return;
	hlist_del_rcu(n);
	INIT_HLIST_NODE(n);
}

static inline void hlist_add_head_rcu(struct hlist_node *n,
				      struct hlist_head *head)
{
	list_store(n->next, head->first);
	if (n->next)
		n->next->pprev = &n->next;
	n->pprev = &head->first;
	smp_store_release(&head->first, n);
}

#define hlist_entry_or_null(p, type, member) ({				\
	struct hlist_node *found = (p);					\
	found ? hlist_entry(found, type, member) : NULL; })

#define hlist_for_each_entry(p, head, member)				\
	for (p = hlist_entry_or_null((head)->first, __typeof__(*p), member); \
	     p;								\
	     p = hlist_entry_or_null(p->member.next, __typeof__(*p), member))

#define hlist_for_each_entry_rcu(p, head, member)			\
	for (p = hlist_entry_or_null(smp_load_acquire(&(head)->first),	\
				     __typeof__(*p), member);		\
	     p;								\
	     p = hlist_entry_or_null(smp_load_acquire(&p->member.next), \
				     __typeof__(*p), member))

static inline void init_llist_head(struct llist_head *head)
{
	head->first = NULL;
}

static inline bool llist_empty(const struct llist_head *head)
{
	return !READ_ONCE(head->first);
}

/* Any number of callers; true if the list was empty. */
static inline bool llist_add(struct llist_node *n, struct llist_head *head)
{
	struct llist_node *first = READ_ONCE(head->first);

	do {
		n->next = first;
		interleave("llist_add");
	} while (!__atomic_compare_exchange_n(&head->first, &first, n, false,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return !first;
}

static inline struct llist_node *llist_del_all(struct llist_head *head)
{
	return xchg(&head->first, NULL);
}

#define llist_entry_or_null(p, type, member) ({				\
	struct llist_node *found = (p);					\
	found ? llist_entry(found, type, member) : NULL; })

#define llist_for_each_safe(p, n, node)					\
	for (p = (node); p && (n = p->next, true); p = n)

#define llist_for_each_entry_safe(p, n, node, member)			\
	for (p = llist_entry_or_null(node, __typeof__(*p), member);	\
	     p && (n = llist_entry_or_null(p->member.next,		\
					   __typeof__(*n), member), true); \
	     p = n)

#endif /* STUB_LIST_H */
