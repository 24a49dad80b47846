/* Binds UNIX sockets to paths. */
#define _GNU_SOURCE
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "internal.h"

/* bind(2) under a umask that leaves the file exactly these permissions. */
static int bind_with_mode(const struct alf_listener *listener, int fd)
{
	mode_t before = umask(~listener->mode & 0777);
	int result = bind(fd, (const struct sockaddr *)listener->address.data, listener->address.size);
	int error = errno;

	umask(before);
	errno = error;
	return result;
}

/*
 * Connects a datagram socket to the path: the kernel answers ECONNREFUSED if no process has the socket open any more, and
 * EPROTOTYPE if one of another type has. Returns 0, or -1 with errno.
 */
static int connect_to_file(const struct alf_listener *listener)
{
	int error, result, fd = ALF_CALL(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));

	if (fd < 0)
		return -1;
	result = ALF_CALL(connect(fd, (const struct sockaddr *)listener->address.data, listener->address.size));
	error = errno;
	close(fd);
	errno = error;
	return result;
}

/* Fails unless the file is that of a socket that no process has open. */
static int check_unused(struct alf_launch *launch, const struct alf_listener *listener, const char *path)
{
	struct stat file;
	int result = connect_to_file(listener);

	if (result == 0 || errno == EPROTOTYPE) {
		errno = EADDRINUSE;
		return alf_check(launch, ALF_STEP_FILE_IN_USE, -1);
	}
	if (errno != ECONNREFUSED)
		return alf_check(launch, ALF_STEP_FILE_OWNER, -1);
	/* A file that is not a socket refuses connections as well. */
	result = ALF_CALL(lstat(path, &file));
	if (result == 0 && S_ISSOCK(file.st_mode))
		return 0;
	if (result < 0 && errno != ENOENT)
		return alf_check(launch, ALF_STEP_FILE_OWNER, -1);
	errno = EADDRINUSE;
	return alf_check(launch, ALF_STEP_FILE_NO_SOCKET, -1);
}

/* Zero-terminated: the decoder has checked it. An abstract name begins with a zero. */
static const char *path_of(const struct alf_listener *listener)
{
	return (const char *)listener->address.data + offsetof(struct sockaddr_un, sun_path);
}

void alf_remove_file(const struct alf_listener *listener, const struct alf_socket *socket)
{
	if (socket->has_file)
		unlink(path_of(listener));
}

int alf_bind_file(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket)
{
	const char *path = path_of(listener);
	int result = ALF_CALL(bind_with_mode(listener, socket->fd));

	if (result < 0 && errno == EADDRINUSE && path[0] != 0) {
		if (check_unused(launch, listener, path) < 0 ||
		    alf_check(launch, ALF_STEP_FILE_REPLACE, ALF_CALL(unlink(path))) < 0)
			return -1;
		result = ALF_CALL(bind_with_mode(listener, socket->fd));
	}
	if (alf_check(launch, ALF_STEP_BIND, result) < 0)
		return -1;
	socket->has_file = path[0] != 0;
	return 0;
}
