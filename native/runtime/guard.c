/* The guard: the seccomp filter that keeps a target from undoing its filter. The program is in the plan. */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

/* seccomp(2). Without the flag, kernels before 5.16 add speculation mitigations to the whole target. */
long alf_install_filter(const struct alf_bytes *program, unsigned long flags)
{
	struct sock_fprog fprog = alf_fprog(program);

	return ALF_CALL(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW, &fprog));
}

int alf_install_guard(const struct alf_bytes *program)
{
	if (ALF_CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) < 0)
		return -1;
	return (int)alf_install_filter(program, 0);
}
