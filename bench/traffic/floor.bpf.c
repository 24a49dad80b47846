/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The minimal filter, which keeps every packet. */

#include <alf/filter.h>

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	(void)skb;
	return ALF_ALLOW;
}

ALF_LICENSE;
