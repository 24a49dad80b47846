/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What it costs to have a filter at all: one that keeps everything. */

#include <alf/filter.h>

ALF_FILTER
int filter(struct __sk_buff *skb)
{
	(void)skb;
	return ALF_ALLOW;
}

ALF_LICENSE;
