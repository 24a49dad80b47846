/*
 * The runtime: carries out the plan of a launch. Plain C that needs nothing but a C library.
 *
 * TypeScript decides and encodes (src/launch/encode-plan.ts); this code executes and reports which step failed with which
 * errno; TypeScript words the error. The phases, in order: alf_decode_plan, alf_open, alf_settle, alf_become.
 */
#ifndef ALF_RUNTIME_H
#define ALF_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What can fail, with the name TypeScript knows it by. */
#define ALF_STEPS(X)                           \
	X(NONE, "none")                        \
	X(PLAN, "plan")                        \
	X(CREATE, "create")                    \
	X(OPTION, "option")                    \
	X(ATTACH, "attach")                    \
	X(LOCK, "lock")                        \
	X(BIND, "bind")                        \
	X(LISTEN, "listen")                    \
	X(NAME, "name")                        \
	X(FILE_OWNER, "file-owner")            \
	X(FILE_IN_USE, "file-in-use")          \
	X(FILE_NO_SOCKET, "file-no-socket")    \
	X(FILE_REPLACE, "file-replace")        \
	X(KEY, "key")                          \
	X(SHIELD, "shield")                    \
	X(QUEUE, "queue")                      \
	X(SHARE, "share")                      \
	X(FILTER_READ, "filter-read")          \
	X(FILTER_PRESENT, "filter-present")    \
	X(COMPANION, "companion")              \
	X(PROCESS, "process")                  \
	X(GUARD, "guard")                      \
	X(INTERCEPT, "intercept")              \
	X(SUPERVISE, "supervise")              \
	X(GRACE, "grace")                      \
	X(EXAMINE, "examine")                  \
	X(RESET, "reset")                      \
	X(DISCARD, "discard")                  \
	X(HANDOVER, "handover")

enum alf_step {
#define ALF_STEP(name, text) ALF_STEP_##name,
	ALF_STEPS(ALF_STEP)
#undef ALF_STEP
};

/* Bytes in the memory of a plan. */
struct alf_bytes {
	const uint8_t *data;
	uint32_t size;
};

enum alf_tier { ALF_TIER_NONE, ALF_TIER_EBPF, ALF_TIER_CLASSIC, ALF_TIER_STEER, ALF_TIERS };

/* A socket option. */
struct alf_option {
	int level;
	int name;
	struct alf_bytes value;
	/* It concerns traffic: sockets that only hold the address do without. */
	bool traffic;
};

/* A listener of the plan. */
struct alf_listener {
	enum alf_tier tier;
	bool lock;
	/* Passed in at descriptor `fd`: bound, with its options. */
	bool inherited;
	/* Its descriptor in the target. */
	int fd;
	int family;
	int type;
	int backlog;
	/* Permissions of the file of a UNIX socket. */
	mode_t mode;
	/* A sockaddr. */
	struct alf_bytes address;
	/* Array of struct sock_filter; tiers classic and steer. */
	struct alf_bytes program;
	struct alf_option *options;
	uint32_t option_count;
};

/* A change of the process before the handover. */
enum alf_operation {
	ALF_SET_GROUPS,     /* data: array of uint32_t */
	ALF_SET_GID,        /* a */
	ALF_SET_UID,        /* a */
	ALF_LOWER_AMBIENT,  /* a: capability */
	ALF_DROP_BOUNDING,  /* a: capability */
	ALF_SET_CAPABILITIES, /* a: effective, b: permitted, c: inheritable; bit n is capability n */
	ALF_SET_UMASK,      /* a */
	ALF_CHANGE_DIRECTORY, /* data: path, zero-terminated */
	ALF_NO_NEW_PRIVS,
	ALF_OPERATIONS
};

struct alf_change {
	enum alf_operation operation;
	uint64_t a, b, c;
	struct alf_bytes data;
};

/* A socket that the target is expected to open itself. */
struct alf_declaration {
	/* IPPROTO_TCP or IPPROTO_UDP. */
	int protocol;
	/* A sockaddr. The unspecified address stands for each one of its family, :: for IPv4 as well, port 0 for each port. */
	struct alf_bytes address;
};

/* How sockets that the target opens itself are filtered. */
struct alf_interception {
	bool on;
	/* The companion creates the sockets of the target; else it fetches them. */
	bool creates;
	/* Sockets that are not declared are refused. */
	bool refuse;
	/* The target may gain privileges by execve(2). */
	bool new_privileges;
	/* The companion prints a line for each socket. */
	bool verbose;
	/* What is put on sockets of each kind. Of these only tier, lock, type and program are set. */
	struct alf_listener tcp, udp;
	/* Tier steer: which instruction of tcp.program has the number of listeners in a group. */
	uint32_t spread;
	/* UDP sockets with ports of this range are clients, unless they are declared. Empty if the first is the greater. */
	uint16_t client_first, client_last;
	struct alf_declaration *declared;
	uint32_t declared_count;
};

/* What a launch does, decoded. Pointers lead into `memory` and into arrays of this struct. */
struct alf_plan {
	/* The encoded plan. */
	void *memory;
	size_t size;
	struct alf_listener *listeners;
	uint32_t listener_count;
	struct alf_change *changes;
	uint32_t change_count;
	/* Array of struct sock_filter for seccomp(2), or empty. */
	struct alf_bytes guard;
	/* Path of the companion's executable. */
	const char *companion;
	/* The user of the target, -1 if it stays the present one. */
	int64_t uid;
	struct alf_interception interception;
};

/* The program to become and the process state to become it in. */
struct alf_target {
	void *memory;
	const char *path;
	char **argv;
	char **environment;
	/* Inherited descriptors >= 3. */
	int *inherited;
	uint32_t inherited_count;
	/* For descriptors 0, 1 and 2: whether it was open at the start. */
	bool stdio_open[3];
	/* Bit n-1 is signal n. */
	uint64_t ignored_signals;
	uint64_t blocked_signals;
	struct rlimit nofile;
};

/* The sockets of a step: the listener itself, or one of those that tier steer needs. */
enum alf_part { ALF_PART_LISTENER, ALF_PART_SINK, ALF_PART_SECOND };

struct alf_failure {
	enum alf_step step;
	enum alf_part part;
	/* Index in the plan of a listener, its option (step OPTION) or a change (step PROCESS). */
	uint32_t listener;
	uint32_t index;
	int error;
};

/* Why the packets in a queue did not stay. */
enum alf_reason {
	ALF_REASON_NONE,
	ALF_REASON_SENDERS_UNKNOWN,
	ALF_REASON_FILTER_ONLY,
	ALF_REASON_NOT_ALLOWED,
	ALF_REASON_REUSEPORT,
	ALF_REASON_NOT_LISTED,     /* with an errno */
	ALF_REASON_OTHER_NAMESPACE,
	ALF_REASON_INCOMPLETE
};

/* An open listener. Descriptors are -1 where there is none. */
struct alf_socket {
	int fd;
	/* Tier steer: the saturated listener of the same address, and the client end of the connection that fills it. */
	int sink;
	int peer;
	/* Its filter is on, not locked, and has to come off if the launch fails: it was passed in. */
	bool attached;
	/* All steps of opening it are done. */
	bool ready;
	/* Its file exists because of us. */
	bool has_file;
	/* Its address with the port, for TCP and UDP. */
	struct sockaddr_storage bound;
	/* Connections or datagrams removed by alf_settle. */
	uint32_t removed;
	enum alf_reason reason;
	int reason_error;
};

struct alf_launch {
	struct alf_plan plan;
	/* The loaded program of tier ebpf, -1 if there is none. Stays the caller's. */
	int program;
	struct alf_socket *sockets;
	/* How many of them are open. */
	uint32_t opened;
	pid_t companion;
	/* With interception: the channel to the companion, a sequenced-packet socket; -1 if there is none. */
	int channel;
	struct alf_failure failure;
};

/* An established connection. Addresses are sockaddr_in or sockaddr_in6, as the kernel lists them. */
struct alf_connection {
	struct sockaddr_storage from, to;
};

/* Returns whether the filter allows every packet of a connection. */
typedef bool alf_is_allowed(void *context, const struct alf_connection *connection);

/*
 * Decodes a plan. Returns 0, -EBADMSG for an invalid plan or another version, or -ENOMEM.
 * The bytes are copied. `plan` is the caller's to release, unless it failed.
 */
int alf_decode_plan(struct alf_plan *plan, const void *bytes, size_t size);
void alf_release_plan(struct alf_plan *plan);

/* The same for a target. */
int alf_decode_target(struct alf_target *target, const void *bytes, size_t size);
void alf_release_target(struct alf_target *target);

/* Initializes a launch of a decoded plan, which it owns from now on. Returns 0 or -ENOMEM. */
int alf_begin(struct alf_launch *launch, struct alf_plan *plan, int program);

/*
 * Opens the listeners, starts the companion, attaches the filters of inherited listeners, changes the process.
 * Returns 0, or -1 with launch->failure; then the launch is to be closed.
 */
int alf_open(struct alf_launch *launch);

/*
 * Installs the guard and removes what arrived on inherited listeners before their filters. `is_allowed` is NULL if only the
 * filter itself can tell. Returns 0, or -1 with launch->failure.
 */
int alf_settle(struct alf_launch *launch, alf_is_allowed *is_allowed, void *context);

/*
 * Becomes the target. Returns -1 with launch->failure only if nothing has changed; any later failure is one line on
 * standard error and exit status 125, 126 or 127.
 */
int alf_become(struct alf_launch *launch, const struct alf_target *target);

/* Closes and removes what was opened and not handed over. */
void alf_close(struct alf_launch *launch);

/*
 * Opens a steer group beside a TCP socket that is bound and does not listen yet: for sockets that another program has opened.
 * `socket->fd` is that socket; `listener` needs tier, lock, family, type and program only; `lock` is for the sink. The sink
 * gets the options of the socket that make its address what it is. Returns 0, or -1 with launch->failure; in both cases
 * `socket->sink` and `socket->peer` are the caller's to close.
 */
int alf_open_group_beside(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket);

/*
 * Opens a steer group for an address: a sink with the options of `listener`, which needs tier, lock, family, type, options and
 * program only. Returns and leaves what alf_open_group_beside does.
 */
int alf_open_group(struct alf_launch *launch, const struct alf_listener *listener, struct alf_socket *socket,
		   const struct sockaddr_storage *address);

/*
 * Lets a bound TCP socket join the steer group of its address: it listens from now on. `listener` needs lock, type and backlog
 * only. Returns 0, or -1 with launch->failure.
 */
int alf_join_group(struct alf_launch *launch, const struct alf_listener *listener, int fd);

/* A TCP socket that is bound, and neither listens nor is connected. */
struct alf_bound {
	struct sockaddr_storage address;
	/* Index of the interface it is bound to, 0 if none. */
	uint32_t device;
	bool v6only;
};

/*
 * Finds such a socket of this network namespace by its inode. Returns 0, -ENOENT, or -errno. Since Linux 6.8: before, there is
 * no list of them, and the result is -ENOENT.
 */
int alf_find_bound(ino_t inode, struct alf_bound *bound);

/* Attaches the filter of tier ebpf or classic. Accepted sockets inherit it. Returns 0, or -1 with launch->failure. */
int alf_attach(struct alf_launch *launch, const struct alf_listener *listener, int fd);

/* Makes the filter of a socket immutable. Returns 0, or -1 with launch->failure. */
int alf_lock(struct alf_launch *launch, int fd);

/* setsockopt(2) with a classic program. Returns 0, or -1 with errno. */
int alf_attach_program(const struct alf_bytes *program, int fd, int option);

/* Stores RLIMIT_MEMLOCK, which alf_become restores: libbpf lifts it before Linux 5.11. To be called at the start. */
void alf_record_limits(void);

/* Sets no_new_privs and a seccomp filter on the calling thread. Returns 0, or -1 with errno. */
int alf_install_guard(const struct alf_bytes *program);

#ifdef __cplusplus
}
#endif

#endif
