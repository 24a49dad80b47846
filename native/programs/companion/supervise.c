/*
 * Supervision: takes the calls that the kernel suspends, has their sockets filtered, and answers. See seccomp_unotify(2).
 *
 * The call at hand lies in memory that both processes of the companion share. If one ends, the other answers it: a thread must
 * not wait for ever.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "companion.h"

#ifndef IPPROTO_UDPLITE
#define IPPROTO_UDPLITE 136
#endif
/* Since Linux 6.6: the thread that answers gives its CPU to the one that it wakes. */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif
#define SYNC_WAKE_UP 1UL

#define NO_ACCESS "the program is closed to others (PR_SET_DUMPABLE), or a security module forbids pidfd_getfd(2)"

/* The largest call that a future kernel may write. */
#define CALL_BYTES 256

static struct {
	/* The descriptor of the notifications, -1 before they have come. */
	volatile int notifications;
	/* The call at hand; all zero if there is none. The kernel writes it. */
	union {
		struct seccomp_notif call;
		char room[CALL_BYTES];
	};
} *shared;

int notifications(void) { return shared == NULL ? -1 : shared->notifications; }

/* Reads all of a file. Returns its bytes, which are the caller's to free. */
static uint8_t *read_file(int fd, size_t *size)
{
	off_t length = lseek(fd, 0, SEEK_END);
	uint8_t *bytes;

	check(length);
	bytes = malloc((size_t)length + 1);
	check(bytes == NULL ? -1 : 0);
	*size = (size_t)length;
	check(pread(fd, bytes, *size, 0) == (ssize_t)*size ? 0 : -1);
	return bytes;
}

static void read_plan(int fd, int program)
{
	struct alf_plan plan;
	size_t size;
	uint8_t *bytes = read_file(fd, &size);
	int result = alf_decode_plan(&plan, bytes, size);

	free(bytes);
	close(fd);
	if (result == 0)
		result = alf_begin(&companion.launch, &plan, program);
	errno = -result;
	check(result);
	companion.intercepts = companion.launch.plan.interception.on;
	errno = EINVAL;
	check(companion.intercepts ? 0 : -1);
}

void open_supervision(int plan, int channel, int program)
{
	struct seccomp_notif_sizes sizes;
	void *map = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(map == MAP_FAILED ? -1 : 0);
	shared = map;
	shared->notifications = -1;
	companion.channel = channel;
	read_plan(plan, program);
	check(syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
	errno = ENOSYS;
	check(sizes.seccomp_notif <= CALL_BYTES && sizes.seccomp_notif_resp <= CALL_BYTES ? 0 : -1);
}

int supervised(void)
{
	if (!companion.intercepts)
		return -1;
	return notifications() >= 0 ? notifications() : companion.channel;
}

bool is_unsupervised(void)
{
	struct pollfd event = { .fd = notifications(), .events = 0 };

	return event.fd >= 0 && poll(&event, 1, 0) > 0 && (event.revents & POLLHUP) != 0;
}

/* Takes the notifications from the launch and tells it that the companion is ready, or why not. */
static void take_over(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)
	};
	int fd = -1, answer = EPROTO;

	if (recvmsg(companion.channel, &message, MSG_CMSG_CLOEXEC) > 0 && CMSG_FIRSTHDR(&message) != NULL) {
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
		shared->notifications = fd;
		ioctl(fd, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SYNC_WAKE_UP);
		answer = 0;
	}
	/* If nothing came, the launch has failed, and the answer is not read. */
	if (send(companion.channel, &answer, sizeof(answer), MSG_NOSIGNAL) < 0 && fd >= 0)
		shared->notifications = -1;
	close(companion.channel);
	companion.channel = -1;
}

/* Answers the call at hand. A call that waits no longer needs no answer. */
static void answer(int result)
{
	union {
		struct seccomp_notif_resp response;
		char room[CALL_BYTES];
	} reply;

	memset(&reply, 0, sizeof(reply));
	reply.response.id = shared->call.id;
	if (result == ANSWERED) {
		memset(shared->room, 0, sizeof(shared->room));
		return;
	}
	if (result == GO_ON)
		reply.response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else
		reply.response.error = result;
	ioctl(shared->notifications, SECCOMP_IOCTL_NOTIF_SEND, &reply);
	memset(shared->room, 0, sizeof(shared->room));
}

void abandon_call(void)
{
	if (shared != NULL && shared->notifications >= 0 && shared->call.id != 0)
		answer(-ENOBUFS);
}

static bool is_internet(int fd)
{
	int domain = option_of(fd, SOL_SOCKET, SO_DOMAIN);

	return domain == AF_INET || domain == AF_INET6;
}

static int do_bind(const struct seccomp_notif *call, int fd)
{
	int protocol = option_of(fd, SOL_SOCKET, SO_PROTOCOL), size = (int)call->data.args[2], result;
	struct sockaddr_storage address;

	/* A TCP socket receives nothing before it listens. Other kinds are not listeners: raw sockets, sockets of ping. */
	if (!is_internet(fd) || (protocol != IPPROTO_UDP && protocol != IPPROTO_UDPLITE))
		return GO_ON;
	memset(&address, 0, sizeof(address));
	if (size < 0 || (size_t)size > sizeof(address))
		return -EINVAL;
	result = read_memory(call, call->data.args[1], &address, (size_t)size);
	return result < 0 ? result : bind_filtered(call, fd, &address, (socklen_t)size);
}

static int do_listen(const struct seccomp_notif *call, int fd)
{
	if (!is_internet(fd))
		return GO_ON;
	if (option_of(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM)
		return -EOPNOTSUPP;
	if (option_of(fd, SOL_SOCKET, SO_PROTOCOL) != IPPROTO_TCP)
		return -EPROTONOSUPPORT;
	return listen_filtered(call, fd, (int)call->data.args[1]);
}

/* SO_REUSEPORT: a listener of a group keeps it. */
static int do_setsockopt(const struct seccomp_notif *call, int fd)
{
	int value = 0, size = (int)call->data.args[4], result;

	if (size < (int)sizeof(value))
		return -EINVAL;
	result = read_memory(call, call->data.args[3], &value, sizeof(value));
	if (result < 0)
		return result;
	if (value == 0 && option_of(fd, SOL_SOCKET, SO_LOCK_FILTER) == 1)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* A call on a descriptor that was fetched. */
static int decide(const struct seccomp_notif *call, int fd)
{
	switch (call->data.nr) {
	case SYS_bind:
		return do_bind(call, fd);
	case SYS_listen:
		return do_listen(call, fd);
	case SYS_setsockopt:
		return do_setsockopt(call, fd);
	default:
		return -ENOSYS;
	}
}

/* A call on a descriptor that cannot be fetched. */
static int refuse_unseen(const struct seccomp_notif *call, int error)
{
	char what[64];

	if (error != -EPERM)
		return error;
	snprintf(what, sizeof(what), "read a socket of process %d (pidfd_getfd)", (int)process_of((pid_t)call->pid));
	report_refusal(what, EPERM, NO_ACCESS);
	return -EPERM;
}

static int judge(const struct seccomp_notif *call)
{
	int fd = fetch_socket(call, (int)call->data.args[0]), result;

	if (fd < 0)
		return refuse_unseen(call, fd);
	result = decide(call, fd);
	close(fd);
	return result;
}

/* The same for sockets that were created. */
static int judge_created(const struct seccomp_notif *call)
{
	int fd = (int)call->data.args[0];

	switch (call->data.nr) {
	case SYS_socket:
		return create_socket(call);
	case SYS_bind:
		return GO_ON;
	case SYS_listen:
		return listen_created(call, fd);
	case SYS_setsockopt:
		return share_created(call, fd);
	default:
		return -ENOSYS;
	}
}

static void take_call(void)
{
	/* The kernel refuses room that is not zero: the other process may have been killed while it cleared it. */
	memset(shared->room, 0, sizeof(shared->room));
	if (ioctl(shared->notifications, SECCOMP_IOCTL_NOTIF_RECV, &shared->call) < 0)
		return;
	/* Addresses of listeners that were closed are free again. */
	if (shared->call.data.nr == SYS_bind || shared->call.data.nr == SYS_listen) {
		sweep();
		spread_all();
	}
	answer(companion.launch.plan.interception.creates ? judge_created(&shared->call) : judge(&shared->call));
}

void supervise(void)
{
	struct pollfd event = { .fd = supervised(), .events = POLLIN };

	if (event.fd < 0 || poll(&event, 1, 0) <= 0)
		return;
	if (notifications() < 0)
		take_over();
	else if (event.revents & POLLIN)
		take_call();
}
