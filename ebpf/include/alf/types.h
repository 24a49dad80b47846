/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The types of keys and values of a filter's maps. Their *names* are the contract: `--set` finds them in the object's BTF
 * and parses its arguments by them (src/bpf/values/codec.ts).
 */
#ifndef ALF_TYPES_H
#define ALF_TYPES_H

#include <linux/types.h>

#define ALF_PACKED __attribute__((packed))
#define ALF_SIZE(type, size) _Static_assert(sizeof(type) == (size), "size of " #type)

/*
 * Gives a type another notation: `alf_ipv4 source;` or `__be32 source ALF_AS(ipv4);` is set as
 * 192.0.2.1. The notations are in docs/map-entries.md. ALF_AS needs clang 14.
 */
#define ALF_AS(notation) __attribute__((btf_decl_tag("alf:" #notation)))

typedef __be32 alf_ipv4;
typedef __u8 alf_ipv6[16];
typedef __u8 alf_mac[6];
typedef __be16 alf_port;
typedef __u32 alf_ifname;

/* An address, network byte order. */
struct address4 {
	__u8 bytes[4];
} ALF_PACKED;

struct address6 {
	__u8 bytes[16];
} ALF_PACKED;

/* A prefix, laid out as the key of an LPM trie: length in bits (host order), then the address. */
struct subnet4 {
	__u32 prefixlen;
	struct address4 address;
} ALF_PACKED;

struct subnet6 {
	__u32 prefixlen;
	struct address6 address;
} ALF_PACKED;

/* A network interface, by index; `--set` accepts its name. */
struct interface {
	__u32 ifindex;
} ALF_PACKED;

/* A TCP or UDP port, network byte order, as in the header. */
struct portnumber {
	__be16 be;
} ALF_PACKED;

/*
 * A slot number. A map whose *value* is an index is a set of its keys. The value stores the slot of `--set
 * MAP,SLOT,KEY`, so that a second entry for the same slot replaces the first.
 */
struct index {
	__u32 slot;
} ALF_PACKED;

ALF_SIZE(struct address4, 4);
ALF_SIZE(struct address6, 16);
ALF_SIZE(struct subnet4, 8);
ALF_SIZE(struct subnet6, 20);
ALF_SIZE(struct interface, 4);
ALF_SIZE(struct portnumber, 2);
ALF_SIZE(struct index, 4);

#endif
