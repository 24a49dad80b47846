/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * subnets: the same filter as whitelist, under its name in alfwrapper 2017.
 *
 *   --set allow6,0,::1/128
 */
#include "whitelist.c"
