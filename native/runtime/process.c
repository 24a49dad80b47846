/*
 * Changes of the process before the handover: groups, user, capabilities, umask, directory.
 *
 * They are system calls, not functions of the C library: those change all threads of a process, and only the calling thread
 * survives the exec.
 */
#define _GNU_SOURCE
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static long set_capabilities(const struct alf_change *change)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	for (int word = 0; word < 2; word++) {
		data[word].effective = (uint32_t)(change->a >> (32 * word));
		data[word].permitted = (uint32_t)(change->b >> (32 * word));
		data[word].inheritable = (uint32_t)(change->c >> (32 * word));
	}
	return syscall(SYS_capset, &header, data);
}

static long set_umask(mode_t mask)
{
	umask(mask);
	return 0;
}

/* Returns -1 with errno if it failed. */
static long apply(const struct alf_change *change)
{
	const struct alf_bytes *data = &change->data;

	switch (change->operation) {
	case ALF_SET_GROUPS:
		return syscall(SYS_setgroups, data->size / sizeof(uint32_t), data->data);
	case ALF_SET_GID:
		return syscall(SYS_setresgid, (gid_t)change->a, (gid_t)change->a, (gid_t)change->a);
	case ALF_SET_UID:
		return syscall(SYS_setresuid, (uid_t)change->a, (uid_t)change->a, (uid_t)change->a);
	case ALF_LOWER_AMBIENT:
		return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, (unsigned long)change->a, 0, 0);
	case ALF_DROP_BOUNDING:
		return prctl(PR_CAPBSET_DROP, (unsigned long)change->a, 0, 0, 0);
	case ALF_SET_CAPABILITIES:
		return set_capabilities(change);
	case ALF_SET_UMASK:
		return set_umask((mode_t)change->a);
	case ALF_CHANGE_DIRECTORY:
		return chdir((const char *)data->data);
	case ALF_NO_NEW_PRIVS:
		return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	case ALF_OPERATIONS:
		break;
	}
	errno = EINVAL;
	return -1;
}

int alf_change_process(struct alf_launch *launch)
{
	for (uint32_t i = 0; i < launch->plan.change_count; i++) {
		launch->failure.index = i;
		if (alf_check(launch, ALF_STEP_PROCESS, ALF_CALL(apply(&launch->plan.changes[i]))) < 0)
			return -1;
	}
	return 0;
}
