/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef ALF_POLICY_MAPS_H
#define ALF_POLICY_MAPS_H

/*
 * The maps with the images of a policy.
 *
 * Two banks of pages alternate. To replace the policy, user space fills the idle bank, then writes `bank_in_force`. A packet
 * reads that word once, so one policy decides it completely. Before user space writes or frees the old pages, it waits
 * until no packet uses the old bank; any update of `pages` waits for that.
 */

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <alf/key.h>
#include <alf/policy.h>

/**
 * The first page of each bank. Most policies have only this page: a launch then never updates `pages`, and does not wait.
 * BPF_F_MMAPABLE aligns the memory to a cache line, here and below; the map is never mapped.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 2);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(union alf_page));
} heads SEC(".maps");

/** A page after the first. Its array has one element of fixed size; otherwise the look-up would be a call. */
struct alf_page_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(union alf_page));
};

/** The pages of both banks, by number. Number 0 of a bank is never read: user space updates it to wait. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2 * ALF_BANK_PAGES);
	__type(key, __u32);
	__array(values, struct alf_page_map);
} pages SEC(".maps");

/** Packets decided by the default and by each rule, in two consecutive banks. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, (ALF_COUNTERS + ALF_COUNTER_BLOCK - 1) / ALF_COUNTER_BLOCK);
	__type(key, __u32);
	__type(value, struct alf_counters);
} counters SEC(".maps");

/** The active bank, 0 or 1. A separate map, `.data.bank`, so that its update writes this word only. */
volatile __u32 bank_in_force SEC(".data.bank") = 0;

/** struct alf_image - the image that decides a packet: its bank, 0 or 1, and its first page */
struct alf_image {
	__u64 bank;
	const union alf_page *head;
};

static __always_inline const union alf_page *alf_head_of(__u64 number)
{
	__u64 key = alf_key(number);

	return bpf_map_lookup_elem(&heads, &key);
}

/** Finds the active image. Return: false without one, or with one of another ABI. */
static __always_inline bool alf_open_image(struct alf_image *image)
{
	image->bank = bank_in_force;
	image->head = alf_head_of(image->bank);
	return image->head && image->head->header.abi == ALF_POLICY_ABI;
}

/*
 * Finds the page of a cell. The first page needs no look-up; small policies have no other.
 *
 * Return: false, and the first page, if the page does not exist. The result is not null, because with CAP_BPF alone the
 * verifier also follows the speculative path on which the page exists, and refuses pointer arithmetic on null.
 */
static __always_inline bool alf_find_page(const struct alf_image *image, __u64 cell, const union alf_page **page)
{
	__u64 number = cell >> ALF_PAGE_SHIFT & (ALF_VALUE_MASK >> ALF_PAGE_SHIFT);
	__u64 slot = alf_key(image->bank * ALF_BANK_PAGES + number), zero = 0;
	const union alf_page *found;
	void *map;

	*page = image->head;
	if (number == 0)
		return true;
	map = bpf_map_lookup_elem(&pages, &slot);
	if (!map)
		return false;
	found = bpf_map_lookup_elem(map, &zero);
	if (!found)
		return false;
	/* Otherwise clang adds to the pointer before the check, which Linux before 6.13 refuses. */
	barrier_var(found);
	*page = found;
	return true;
}

/** Counts a packet for the rule that decided. */
static __always_inline void alf_count(const struct alf_image *image, __u64 decision)
{
	__u64 number = image->head->header.counters + (decision & ALF_FINAL_COUNTER);
	__u64 key = alf_key(number / ALF_COUNTER_BLOCK);
	struct alf_counters *block = bpf_map_lookup_elem(&counters, &key);

	if (block)
		block->packets[number % ALF_COUNTER_BLOCK]++;
}

#endif
