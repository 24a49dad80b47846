/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subnets: the name the 2017 alfwrapper gave to this filter; the same as whitelist.
 *
 *   --set allow6,0,::1/128
 */
#include "whitelist.c"
