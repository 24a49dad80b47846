/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The rule language as a socket filter. It decides packets by the image of a policy that user space writes (alf/policy.h)
 * and can replace as a whole while packets arrive (alf/policy_maps.h).
 */

#include <alf/filter.h>
#include <alf/policy_match.h>

/* Without a policy all packets are denied, so the socket is never open. */
static __always_inline int judge(struct __sk_buff *skb, enum alf_reading reading)
{
	struct alf_packet packet;
	struct alf_image image;
	__u64 decision;

	if (!alf_open_image(&image))
		return ALF_DENY;
	decision = image.head->header.broken;
	if (alf_read_packet(skb, &packet, image.head->header.zero, reading))
		decision = alf_decide(skb, &image, &packet);
	alf_count(&image, decision);
	return decision & ALF_FINAL_ALLOW ? ALF_ALLOW : ALF_DENY;
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	return judge(skb, ALF_COPIED);
}

/* Costs a third less for a packet; enum alf_reading has its requirements. */
ALF_FILTER
int filter_in_place(struct __sk_buff *skb)
{
	return judge(skb, ALF_IN_PLACE);
}

ALF_LICENSE;
