/* The privileges of the companion. */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "companion.h"

#define BIT(capability) (UINT64_C(1) << (capability))

/* Shows which processes of other users hold a listener, and lets the companion tie them. */
#define SURVEYING (BIT(CAP_SYS_PTRACE) | BIT(CAP_SETUID))
/* For sinks beside listeners with low ports, UDP sockets with low ports, and classic filters on TCP. */
#define FILTERING (BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_NET_ADMIN))

static struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };

static uint64_t permitted_of(const struct __user_cap_data_struct data[2])
{
	return (uint64_t)data[1].permitted << 32 | data[0].permitted;
}

static int set_capabilities(uint64_t effective, uint64_t permitted)
{
	struct __user_cap_data_struct data[2] = {
		{ .effective = (uint32_t)effective, .permitted = (uint32_t)permitted },
		{ .effective = (uint32_t)(effective >> 32), .permitted = (uint32_t)(permitted >> 32) },
	};

	return (int)syscall(SYS_capset, &header, data);
}

/*
 * Which of the capabilities are kept. The kernel shows the descriptors of another process to one with CAP_SYS_PTRACE, or with
 * all capabilities that the other is permitted: where these were lent to the target, the companion keeps them, without effect.
 */
static uint64_t kept_of(uint64_t permitted)
{
	if (!companion.intercepts)
		return permitted & SURVEYING;
	return permitted & BIT(CAP_SYS_PTRACE) ? permitted & (SURVEYING | FILTERING) : permitted;
}

/* No memory or descriptor for others of the same user, either. */
void give_up_privileges(void)
{
	struct __user_cap_data_struct held[2];
	uint64_t kept;

	check(syscall(SYS_capget, &header, held));
	kept = kept_of(permitted_of(held));
	check(set_capabilities(kept & (SURVEYING | BIT(CAP_NET_ADMIN)), kept));
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	check(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

void use_low_ports(bool on)
{
	struct __user_cap_data_struct held[2];
	uint64_t permitted, effective;

	if (syscall(SYS_capget, &header, held) < 0)
		return;
	permitted = permitted_of(held);
	effective = permitted & (SURVEYING | BIT(CAP_NET_ADMIN) | (on ? BIT(CAP_NET_BIND_SERVICE) : 0));
	set_capabilities(effective, permitted);
}
