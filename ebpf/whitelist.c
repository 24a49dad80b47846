/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whitelist: allows senders in the prefixes of `allow4` (IPv4) and `allow6` (IPv6). Empty maps allow no sender.
 *
 *   --set allow4,0,192.0.2.0/24 --set allow6,0,2001:db8::/32
 */
#include <alf/whitelist.h>

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	return alf_whitelisted(skb) ? ALF_ALLOW : ALF_DENY;
}

ALF_LICENSE;
