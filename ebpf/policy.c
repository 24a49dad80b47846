/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rule language as a socket filter. It decides packets by the image of a policy that user space writes (alf/policy.h)
 * and can replace as a whole while packets arrive (alf/policy_maps.h).
 */

#include <alf/filter.h>
#include <alf/policy_match.h>

/* Which sockets a program is for. */
enum sockets {
	/** Sockets that were opened for the target: they are all listeners. */
	LISTENERS,
	/** Sockets that the target opened: UDP clients are among them. */
	OPENED,
};

/*
 * Whether a packet is for a UDP client: a connected socket, which gets packets of its peer only. A connected TCP socket may have
 * been accepted. skb->sk is the socket of the filter. Since Linux 5.1.
 */
static __always_inline bool is_reply(struct __sk_buff *skb, const struct alf_packet *packet)
{
	struct bpf_sock *socket = skb->sk;

	if (!socket || !socket->dst_port)
		return false;
	return alf_read_transport(skb, packet->ipv6, packet->header, 0) >> 32 == IPPROTO_UDP;
}

/* Without a policy all packets are denied, so the socket is never open. */
static __always_inline int judge(struct __sk_buff *skb, enum alf_reading reading, enum sockets sockets)
{
	struct alf_packet packet;
	struct alf_image image;
	__u64 decision;

	if (!alf_open_image(&image))
		return ALF_DENY;
	decision = image.head->header.broken;
	if (alf_read_packet(skb, &packet, image.head->header.zero, reading)) {
		if (sockets == OPENED && is_reply(skb, &packet))
			return ALF_ALLOW;
		decision = alf_decide(skb, &image, &packet);
	}
	alf_count(&image, decision);
	return decision & ALF_FINAL_ALLOW ? ALF_ALLOW : ALF_DENY;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	return judge(skb, ALF_COPIED, LISTENERS);
}

/* Costs a third less for a packet; enum alf_reading has its requirements. */
ALF_FILTER
int filter_in_place(struct __sk_buff *skb)
{
	return judge(skb, ALF_IN_PLACE, LISTENERS);
}

ALF_FILTER
int filter_intercepted(struct __sk_buff *skb)
{
	return judge(skb, ALF_COPIED, OPENED);
}

ALF_FILTER
int filter_intercepted_in_place(struct __sk_buff *skb)
{
	return judge(skb, ALF_IN_PLACE, OPENED);
}

ALF_LICENSE;
