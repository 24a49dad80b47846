/* SPDX-License-Identifier: MIT */

/*
 * hand-over SOCKET WORDS: gives its listening sockets to the process that listens on the UNIX socket SOCKET, WORDS with
 * them, and stays until that process closes the connection, because the filter may end with this process.
 *
 * Run by alfwrapper it has the sockets from there (LISTEN_FDS). Otherwise it opens the same ones without a filter: TCP and
 * UDP on [::], which serves IPv4 as well. Writes a line to stdout when they are handed over.
 */

#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST	3
#define MOST	2

static void fail(const char *what)
{
	fprintf(stderr, "hand-over: unable to %s: %s\n", what, strerror(errno));
	exit(1);
}

static int open_listener(int type)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, type, 0), on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) || (type == SOCK_STREAM && listen(fd, SOMAXCONN)))
		fail("listen");
	return fd;
}

static void send_sockets(int to, char *words, const int *fds, int count)
{
	char control[CMSG_SPACE(MOST * sizeof(int))] = {};
	struct iovec text = { .iov_base = words, .iov_len = strlen(words) + 1 };
	struct msghdr message = {
		.msg_iov = &text,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, count * sizeof(int));
	if (sendmsg(to, &message, 0) < 0)
		fail("send the sockets");
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int count = getenv("LISTEN_FDS") ? atoi(getenv("LISTEN_FDS")) : 0;
	int fds[MOST] = { FIRST, FIRST + 1 };
	int to = socket(AF_UNIX, SOCK_STREAM, 0);
	char end;

	if (argc != 3 || count > MOST || strlen(argv[1]) >= sizeof(address.sun_path)) {
		errno = EINVAL;
		fail("read the arguments");
	}
	if (!count) {
		count = MOST;
		fds[0] = open_listener(SOCK_STREAM);
		fds[1] = open_listener(SOCK_DGRAM);
	}
	strcpy(address.sun_path, argv[1]);
	if (connect(to, (struct sockaddr *)&address, sizeof(address)))
		fail("connect");
	send_sockets(to, argv[2], fds, count);
	puts("handed over");
	fflush(stdout);
	return read(to, &end, 1) < 0;
}
