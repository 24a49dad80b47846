/*
 * BCC compiles against the source tree of a kernel, and needs next to nothing of it for a socket filter. These files are
 * that much, so that no kernel's headers have to be installed.
 *
 * BCC includes this one in front of everything else.
 */
#ifndef ALF_KERNEL_KCONFIG_H
#define ALF_KERNEL_KCONFIG_H

#define CONFIG_BPF_SYSCALL 1

#include <linux/types.h>

#endif
