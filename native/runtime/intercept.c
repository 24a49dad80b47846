/*
 * Interception: the target is suspended in bind(2) and listen(2) until the companion has filtered the socket.
 *
 * The seccomp program of the plan has the kernel notify a descriptor of these calls, which only the companion
 * gets: when all copies of it are closed, the calls fail with ENOSYS. Since Linux 5.0. See seccomp_unotify(2).
 */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

#ifndef SECCOMP_FILTER_FLAG_NEW_LISTENER
#define SECCOMP_FILTER_FLAG_NEW_LISTENER (1UL << 3)
#endif
/* Since Linux 5.19: a suspended call is interrupted by fatal signals only, once the companion has received it. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define TIMEOUT_MS 5000

/* Returns the descriptor of notifications, or -1 with errno. */
static int install(const struct alf_bytes *program)
{
	long fd = alf_install_filter(program, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);

	if (fd < 0 && errno == EINVAL)
		fd = alf_install_filter(program, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return (int)fd;
}

/* Sends a descriptor. Returns 0, or -1 with errno. */
static int send_descriptor(int channel, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .header = { CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS } };
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return ALF_CALL(sendmsg(channel, &message, MSG_NOSIGNAL)) < 0 ? -1 : 0;
}

/* The companion answers with 0 or an errno. Returns 0, or -1 with errno; EPIPE if it has ended. */
static int read_answer(int channel)
{
	struct pollfd event = { .fd = channel, .events = POLLIN };
	int answer = EPIPE, ready;

	do
		ready = ALF_CALL(poll(&event, 1, TIMEOUT_MS));
	while (ready < 0 && errno == EINTR);
	if (ready == 0)
		errno = ETIMEDOUT;
	if (ready <= 0)
		return -1;
	if (ALF_CALL(recv(channel, &answer, sizeof(answer), 0)) != sizeof(answer))
		answer = EPIPE;
	errno = answer;
	return answer == 0 ? 0 : -1;
}

int alf_intercept(struct alf_launch *launch)
{
	int notifications, result;

	if (!launch->plan.interception.new_privileges &&
	    alf_check(launch, ALF_STEP_INTERCEPT, ALF_CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))) < 0)
		return -1;
	notifications = alf_check(launch, ALF_STEP_INTERCEPT, install(&launch->plan.guard));
	if (notifications < 0)
		return -1;
	result = alf_check(launch, ALF_STEP_SUPERVISE,
			   send_descriptor(launch->channel, notifications) < 0 ? -1 : read_answer(launch->channel));
	close(notifications);
	alf_close_fd(&launch->channel);
	return result;
}
