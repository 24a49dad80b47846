/* The process that owns the socket: it passes a descriptor of it by SCM_RIGHTS, and keeps its own. */
#define _GNU_SOURCE
#include "owner.h"

#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

union ancillary {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static struct msghdr message_of(union ancillary *ancillary, struct iovec *byte)
{
	return (struct msghdr){
		.msg_iov = byte,
		.msg_iovlen = 1,
		.msg_control = ancillary->room,
		.msg_controllen = sizeof(ancillary->room),
	};
}

static void send_descriptor(int channel, int fd)
{
	union ancillary ancillary = { .header = { CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS } };
	char byte = 0;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = message_of(&ancillary, &vector);

	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), &fd, sizeof(fd));
	if (sendmsg(channel, &message, 0) != 1)
		fail("sendmsg");
}

static int receive_descriptor(int channel)
{
	union ancillary ancillary;
	char byte;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = message_of(&ancillary, &vector);
	int fd;

	if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR(&message) == NULL)
		fail("recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static void echo(int connection)
{
	char buffer[1024];
	ssize_t size;

	while ((size = read(connection, buffer, sizeof(buffer))) > 0)
		if (write(connection, buffer, (size_t)size) != size)
			break;
	close(connection);
}

static _Noreturn void own(const struct alf_listener *listener, int v6only, int channel)
{
	const struct timespec pause = { .tv_nsec = 5 * 1000000 };
	int fd = socket(listener->family, listener->type | SOCK_CLOEXEC, 0);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGPIPE, SIG_IGN);
	if (v6only && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6only, sizeof(v6only)) < 0)
		fail("setsockopt");
	if (fd < 0 || bind(fd, (const struct sockaddr *)listener->address.data, listener->address.size) < 0)
		fail("bind");
	send_descriptor(channel, fd);
	for (;;) {
		int connection = accept(fd, NULL, NULL);

		/* EINVAL until it listens. */
		if (connection < 0)
			nanosleep(&pause, NULL);
		else
			echo(connection);
	}
}

int start_owner(const struct alf_listener *listener, int v6only)
{
	int channel[2], fd;
	pid_t owner;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) < 0)
		fail("socketpair");
	owner = fork();
	if (owner < 0)
		fail("fork");
	if (owner == 0) {
		close(channel[0]);
		own(listener, v6only, channel[1]);
	}
	close(channel[1]);
	fd = receive_descriptor(channel[0]);
	close(channel[0]);
	return fd;
}
