/*
 * Calls on sockets. Settings:
 *
 *   queue=WAITING:MOST   the accept queue of every listener; 1:0 if not set
 *   reuseport=1          SO_REUSEPORT of a listener that was passed in
 *
 * The answer of getsockopt(SO_GET_FILTER) is the length of the program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "../../../native/runtime/alf_runtime.h"
#include "script.h"
#include "words.h"

/* What a listener that was passed in has for a cookie. */
#define COOKIE 1
#define MAX_FDS 256

/* Addresses that were bound, by descriptor: getsockname(2) says them again. */
static struct sockaddr_storage bound[MAX_FDS];

int __wrap_socket(int family, int type, int protocol)
{
	return (int)answer_call("socket", NEW_FD, "%s, %s, %d", word_of_family(family), word_of_type(type), protocol);
}

int __wrap_close(int fd)
{
	int result = (int)answer_call("close", 0, "%d", fd);

	/* Whatever it answers, the descriptor is closed: close(2). */
	mark_closed(fd);
	return result;
}

static void describe_value(int level, int name, const void *value, socklen_t size, char *text, size_t room)
{
	if (level == IPPROTO_TCP && name == TCP_MD5SIG_EXT) {
		struct tcp_md5sig option;
		struct sockaddr_storage address;

		memcpy(&option, value, sizeof(option));
		memcpy(&address, &option.tcpm_addr, sizeof(address));
		snprintf(text, room, "%s/%u, %u bytes", word_of_host(&address), option.tcpm_prefixlen, option.tcpm_keylen);
	} else if (level == SOL_SOCKET && (name == SO_ATTACH_FILTER || name == SO_ATTACH_REUSEPORT_CBPF)) {
		struct sock_fprog program;

		memcpy(&program, value, sizeof(program));
		snprintf(text, room, "%u instructions", program.len);
	} else if (level == SOL_SOCKET && name == SO_LINGER) {
		struct linger linger;

		memcpy(&linger, value, sizeof(linger));
		snprintf(text, room, "%d s", linger.l_onoff ? linger.l_linger : -1);
	} else if (size == sizeof(int) && name != SO_BINDTODEVICE) {
		int number;

		memcpy(&number, value, sizeof(number));
		snprintf(text, room, "%d", number);
	} else {
		snprintf(text, room, "\"%.*s\"", (int)size, (const char *)value);
	}
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
	char text[256];

	describe_value(level, name, value, size, text, sizeof(text));
	return (int)answer_call("setsockopt", 0, "%d, %s, %s, %s", fd, word_of_level(level),
				word_of_option(level, name, 0), text);
}

/* Of a listener these two fields are the length and the maximum of its accept queue. */
static void write_queue(struct tcp_info *info)
{
	if (sscanf(setting("queue", "1:0"), "%u:%u", &info->tcpi_unacked, &info->tcpi_sacked) != 2)
		abort();
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *size)
{
	long result = answer_call("getsockopt", 0, "%d, %s, %s", fd, word_of_level(level), word_of_option(level, name, 1));
	uint64_t cookie = COOKIE;

	if (result < 0)
		return -1;
	if (level == IPPROTO_TCP && name == TCP_INFO)
		write_queue(value);
	else if (name == SO_GET_FILTER)
		*size = (socklen_t)result;
	else if (name == SO_COOKIE)
		memcpy(value, &cookie, sizeof(cookie));
	else if (name == SO_REUSEPORT)
		*(int *)value = atoi(setting("reuseport", "0"));
	return 0;
}

int __wrap_bind(int fd, const struct sockaddr *address, socklen_t size)
{
	if (fd >= 0 && fd < MAX_FDS)
		memcpy(&bound[fd], address, size);
	return (int)answer_call("bind", 0, "%d, %s", fd, word_of_address(address, size));
}

int __wrap_listen(int fd, int backlog) { return (int)answer_call("listen", 0, "%d, %d", fd, backlog); }

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t size)
{
	return (int)answer_call("connect", 0, "%d, %s", fd, word_of_address(address, size));
}

int __wrap_getsockname(int fd, struct sockaddr *address, socklen_t *size)
{
	int result = (int)answer_call("getsockname", 0, "%d", fd);

	if (result == 0)
		memcpy(address, &bound[fd], *size);
	return result;
}

int __wrap_accept4(int fd, struct sockaddr *address, socklen_t *size, int flags)
{
	(void)address;
	(void)size;
	return (int)answer_call("accept4", NEW_FD, "%d, %s", fd, flags == SOCK_CLOEXEC ? "SOCK_CLOEXEC" : "?");
}

ssize_t __wrap_recv(int fd, void *buffer, size_t size, int flags)
{
	(void)buffer;
	return answer_call("recv", -EAGAIN, "%d, %zu bytes, %s", fd, size,
			   flags == (MSG_DONTWAIT | MSG_TRUNC) ? "MSG_DONTWAIT|MSG_TRUNC" : "?");
}

int __wrap_poll(struct pollfd *events, nfds_t count, int timeout_ms)
{
	(void)count;
	events->revents = events->events;
	return (int)answer_call("poll", 1, "%d, %s, %d", events->fd, events->events == POLLIN ? "POLLIN" : "?", timeout_ms);
}

int __wrap_fcntl(int fd, int command, ...)
{
	va_list list;
	int argument = 0;

	va_start(list, command);
	if (command != F_GETFL)
		argument = va_arg(list, int);
	va_end(list);
	switch (command) {
	case F_GETFL:
		return (int)answer_call("fcntl", 0, "%d, F_GETFL", fd);
	case F_SETFL:
		return (int)answer_call("fcntl", 0, "%d, F_SETFL, %s", fd, argument & O_NONBLOCK ? "O_NONBLOCK" : "0");
	case F_SETFD:
		return (int)answer_call("fcntl", 0, "%d, F_SETFD, %s", fd, argument & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
	case F_DUPFD_CLOEXEC:
		return (int)answer_call("fcntl", NEW_FD, "%d, F_DUPFD_CLOEXEC, %d", fd, argument);
	}
	abort();
}

ssize_t __wrap_getrandom(void *buffer, size_t size, unsigned int flags)
{
	(void)flags;
	memset(buffer, 'k', size);
	return answer_call("getrandom", (long)size, "%zu bytes", size);
}

int __wrap_nanosleep(const struct timespec *delay, struct timespec *rest)
{
	(void)rest;
	return (int)answer_call("nanosleep", 0, "%ld ms", delay->tv_nsec / 1000000);
}
