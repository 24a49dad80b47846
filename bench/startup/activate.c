/* SPDX-License-Identifier: MIT */

/*
 * activate PROGRAM…: listens on a TCP port of [::] and becomes PROGRAM with the socket at fd 3, as
 * `systemd-socket-activate --now` does: the minimum for passing on a listener.
 */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	if (argc < 2 || fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, SOMAXCONN) ||
	    (fd != 3 && dup2(fd, 3) < 0) || setenv("LISTEN_FDS", "1", 1) || setenv("LISTEN_PID", pid, 1))
		return 125;
	execvp(argv[1], argv + 1);
	return 127;
}
