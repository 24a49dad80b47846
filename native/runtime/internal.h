/* What the files of the runtime share. */
#ifndef ALF_RUNTIME_INTERNAL_H
#define ALF_RUNTIME_INTERNAL_H

#include <linux/filter.h>

#include "alf_runtime.h"
#include "call.h"

/* Descriptors of a target's own begin here: SD_LISTEN_FDS_START. */
#define FIRST_FD 3

/* A classic program of a plan as the kernel takes it. */
static inline struct sock_fprog alf_fprog(const struct alf_bytes *program)
{
	return (struct sock_fprog){
		.len = (unsigned short)(program->size / sizeof(struct sock_filter)),
		.filter = (struct sock_filter *)program->data,
	};
}

/* failure.c */

/* Records a failed step with errno if a result is negative. Returns the result, or -1. */
int alf_check(struct alf_launch *launch, enum alf_step step, long result);

/* Names the listener that the next steps are about. */
void alf_at_listener(struct alf_launch *launch, uint32_t index);

/* socket.c: one step each. They return a value >= 0, or -1 with launch->failure. */

int alf_create(struct alf_launch *launch, const struct alf_listener *listener, enum alf_part part);
int alf_bind(struct alf_launch *launch, int fd, const void *address, socklen_t size);
int alf_listen(struct alf_launch *launch, const struct alf_listener *listener, int fd, int backlog);
int alf_bound_address(struct alf_launch *launch, int fd, struct sockaddr_storage *bound);
socklen_t alf_address_size(const struct sockaddr_storage *address);
void alf_close_fd(int *fd);

/* unix-file.c: bind(2) of a UNIX socket; replaces the file of a socket that no process has open. */
int alf_bind_file(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket);
/* Removes the file of a UNIX socket if it exists because of us. */
void alf_remove_file(const struct alf_listener *listener, const struct alf_socket *socket);

/* queue.c: the accept queue of a TCP or UNIX listener. */
struct alf_queue {
	uint32_t waiting;
	/* It takes one more as long as no more than this wait. */
	uint32_t most;
};
int alf_read_queue(struct alf_launch *launch, int fd, struct alf_queue *queue);

/* shield.c: keeps peers from a listener whose queue is not full yet. */
#define SHIELD_KEY_BYTES 32
struct alf_shield {
	int family;
	uint8_t key[SHIELD_KEY_BYTES];
};
int alf_make_shield(struct alf_launch *launch, struct alf_shield *shield, int family);
int alf_raise_shield(struct alf_launch *launch, const struct alf_shield *shield, int fd);
void alf_drop_signatures(const struct alf_shield *shield, int fd);
/* Returns 0, or -1 with errno. */
int alf_pass_shield(const struct alf_shield *shield, int fd, const struct sockaddr_storage *to);

/* saturate.c: fills the queue of a sink. socket->peer stays -1 if no connection can be made. */
int alf_saturate(struct alf_launch *launch, const struct alf_shield *shield, struct alf_socket *socket);

/* alf_launch.c: detaches the filter of an inherited listener that is not locked yet; removes the file of a UNIX socket. */
void alf_undo(const struct alf_listener *listener, const struct alf_socket *socket);

/* steer.c: opens a listener and its sink. */
int alf_open_steered(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket);

/* companion.c: starts it for all sinks, and to supervise the target. */
int alf_start_companion(struct alf_launch *launch);

/* intercept.c: from now on the companion decides on the target's calls of bind(2) and listen(2). */
int alf_intercept(struct alf_launch *launch);

/* guard.c: seccomp(2) with a filter and flags of its own. Returns its result. */
long alf_install_filter(const struct alf_bytes *program, unsigned long flags);

/* process.c: the changes of the plan. */
int alf_change_process(struct alf_launch *launch);

/* backlog.c */
int alf_drain_backlogs(struct alf_launch *launch, alf_is_allowed *is_allowed, void *context);

/* waiting.c: tests the connections that wait on a TCP listener. `reason` is ALF_REASON_NONE if all may stay. */
int alf_test_waiting(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		     alf_is_allowed *is_allowed, void *context);

/* tcp-sockets.c */
struct alf_tcp_socket {
	/* TCP_LISTEN, or the state of a connection. */
	uint8_t state;
	/* Of its file, 0 if it has none. */
	uint32_t inode;
	/* IPV6_V6ONLY. */
	bool v6only;
	/* IP_TRANSPARENT, which connections inherit. Always false before Linux 5.14. */
	bool transparent;
	/* Index of the interface it is bound to, 0 if none. */
	uint32_t device;
	/* SO_COOKIE: unique to the socket. */
	uint64_t cookie;
	struct alf_connection ends;
};
struct alf_tcp_list {
	struct alf_tcp_socket *sockets;
	uint32_t count;
};
/*
 * Lists the TCP sockets of this network namespace with a local port (host order) that listen, or that are connected and
 * belong to no file. Not a snapshot. Returns 0 or -errno; the list is the caller's to free.
 */
int alf_list_tcp(struct alf_tcp_list *list, int family, uint16_t port);

#endif
