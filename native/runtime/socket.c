/* The steps of opening a listener, one function each. */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

void alf_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int set_options(struct alf_launch *launch, const struct alf_listener *listener, enum alf_part part, int fd)
{
	for (uint32_t i = 0; i < listener->option_count; i++) {
		const struct alf_option *option = &listener->options[i];

		if (option->traffic && part != ALF_PART_LISTENER)
			continue;
		launch->failure.index = i;
		if (alf_check(launch, ALF_STEP_OPTION,
			      ALF_CALL(setsockopt(fd, option->level, option->name, option->value.data, option->value.size))) < 0)
			return -1;
	}
	return 0;
}

/* Returns a socket with its options and without an address. */
int alf_create(struct alf_launch *launch, const struct alf_listener *listener, enum alf_part part)
{
	int fd;

	launch->failure.part = part;
	fd = alf_check(launch, ALF_STEP_CREATE, ALF_CALL(socket(listener->family, listener->type | SOCK_CLOEXEC, 0)));
	if (fd < 0)
		return -1;
	if (set_options(launch, listener, part, fd) < 0) {
		close(fd);
		return -1;
	}
	launch->failure.part = ALF_PART_LISTENER;
	return fd;
}

int alf_attach_program(const struct alf_bytes *program, int fd, int option)
{
	struct sock_fprog fprog = alf_fprog(program);

	return setsockopt(fd, SOL_SOCKET, option, &fprog, sizeof(fprog));
}

/* Attaches the filter of tier ebpf or classic. Accepted sockets inherit filter and lock. */
int alf_attach(struct alf_launch *launch, const struct alf_listener *listener, int fd)
{
	if (listener->tier == ALF_TIER_NONE)
		return 0;
	if (listener->tier == ALF_TIER_CLASSIC)
		return alf_check(launch, ALF_STEP_ATTACH, ALF_CALL(alf_attach_program(&listener->program, fd, SO_ATTACH_FILTER)));
	return alf_check(launch, ALF_STEP_ATTACH,
			 ALF_CALL(setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &launch->program, sizeof(launch->program))));
}

/* Makes the filter immutable. */
int alf_lock(struct alf_launch *launch, int fd)
{
	const int yes = 1;

	return alf_check(launch, ALF_STEP_LOCK,
			 ALF_CALL(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &yes, sizeof(yes))));
}

int alf_bind(struct alf_launch *launch, int fd, const void *address, socklen_t size)
{
	return alf_check(launch, ALF_STEP_BIND, ALF_CALL(bind(fd, address, size)));
}

/* Sockets without connections are left as they are. */
int alf_listen(struct alf_launch *launch, const struct alf_listener *listener, int fd, int backlog)
{
	if (listener->type == SOCK_DGRAM)
		return 0;
	return alf_check(launch, ALF_STEP_LISTEN, ALF_CALL(listen(fd, backlog)));
}

int alf_bound_address(struct alf_launch *launch, int fd, struct sockaddr_storage *bound)
{
	socklen_t size = sizeof(*bound);

	return alf_check(launch, ALF_STEP_NAME, ALF_CALL(getsockname(fd, (struct sockaddr *)bound, &size)));
}

socklen_t alf_address_size(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}
