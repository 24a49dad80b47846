/*
 * BCC compiles against the source tree of a kernel, but a socket filter needs very little of it. These files contain that
 * part, so that no kernel headers need be installed.
 *
 * BCC includes this file first.
 */
#ifndef ALF_KERNEL_KCONFIG_H
#define ALF_KERNEL_KCONFIG_H

#define CONFIG_BPF_SYSCALL 1

#include <linux/types.h>

#endif
