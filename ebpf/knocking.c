/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * knocking: allows an address that has knocked: connected (TCP) or sent a datagram (UDP) from the source ports in
 * `ports`, in order. A wrong port restarts the sequence. Without ports no address is allowed.
 *
 *   --set ports,0,15000 --set ports,1,15001 --set ports,2,15002
 *
 * Knocks themselves are dropped. The client's kernel retransmits an unanswered SYN from the same port, so repeating the
 * last correct knock has no effect.
 */
#include <alf/knock.h>

ALF_INLINE int knock(struct __sk_buff *skb, const struct address6 *sender)
{
	__be16 port;

	if (bpf_map_lookup_elem(&opened, sender))
		return ALF_ALLOW;
	if (alf_is_knock(skb) && bpf_skb_load_bytes(skb, 0, &port, sizeof(port)) == 0)
		alf_advance(sender, port);
	return ALF_DENY;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	struct address6 sender;

	return alf_sender(skb, &sender) ? knock(skb, &sender) : ALF_DENY;
}

ALF_LICENSE;
