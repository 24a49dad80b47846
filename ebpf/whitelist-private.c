/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whitelist-private: allows senders with a private, loopback or link-local address. It has no maps.
 *
 *   10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 169.254.0.0/16 ::1 fc00::/7 fe80::/10
 */
#include <alf/packet.h>

ALF_INLINE bool private4(const __u8 *a)
{
	return a[0] == 10 || a[0] == 127 || (a[0] == 172 && (a[1] & 0xf0) == 16) ||
	       (a[0] == 192 && a[1] == 168) || (a[0] == 169 && a[1] == 254);
}

ALF_INLINE bool loopback6(const __u8 *a)
{
	__u8 above = 0;

#pragma unroll
	for (int i = 0; i < 15; i++)
		above |= a[i];
	return above == 0 && a[15] == 1;
}

ALF_INLINE bool private6(const __u8 *a)
{
	return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) || loopback6(a);
}

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	if (alf_is(skb, ETH_P_IP)) {
		struct address4 source;

		return alf_source4(skb, &source) && private4(source.bytes) ? ALF_ALLOW : ALF_DENY;
	}
	if (alf_is(skb, ETH_P_IPV6)) {
		struct address6 source;

		return alf_source6(skb, &source) && private6(source.bytes) ? ALF_ALLOW : ALF_DENY;
	}
	return ALF_DENY;
}

ALF_LICENSE;
