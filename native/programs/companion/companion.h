/*
 * The companion: it holds the sinks of tier `steer` open while any process holds a listener beside them, and filters the
 * sockets that a target opens itself.
 *
 * Where there can be sinks it is two processes that share one descriptor table. If one ends, the other starts a new one; if
 * both end at once, the kernel kills the processes that are tied to them. See
 * docs/adr/009-two-processes-one-descriptor-table.md and docs/adr/012-sockets-that-a-target-opens.md.
 */
#ifndef ALF_COMPANION_H
#define ALF_COMPANION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "../../runtime/alf_runtime.h"

/* Two for each process that holds a listener, twice during a survey. */
#define MAX_TIES 4096
#define MAX_GROUPS 480
#define MAX_LISTENERS 4096

/* Reports -errno to the launch and exits if the result of a system call is negative. */
void check(long result);

/* main.c: what the companion was started with, and its descriptors. -1 where there is none. */
struct companion {
	/* The process to watch, and the user that it is going to have. */
	pid_t target;
	uid_t user;
	int pidfd;
	/* For the answer to the launch. */
	int status;
	/* The epoll set of the listeners. */
	int watched;
	/* With interception: the channel to the launch, and a launch that has plan and program. */
	int channel;
	bool intercepts;
	struct alf_launch launch;
};
extern struct companion companion;

/*
 * groups.c: reuseport groups and their listeners. The tables are shared by the two processes; one of them changes them, and
 * either may be killed at any instruction, so entries are never moved, and are in use from the last store on.
 */
struct group {
	volatile bool used;
	int sink;
	/* The other end of the connection that fills the sink; -1 if it could not be filled. */
	int peer;
	/* What is unique to a group, where the companion has opened it: address, interface, IPV6_V6ONLY. */
	struct sockaddr_storage address;
	int device;
	int v6only;
	/* How many listeners the program of the group was made for. */
	int members;
};

struct listener {
	/* Number of the group + 1, 0 for a free entry. */
	volatile int group;
	ino_t inode;
};

/* Maps the tables; processes that are forked later share them. */
void open_groups(void);

/* Enters a group. Returns its number, or -ENOSPC. */
int add_group(const struct group *group);

/* Closes the descriptors of a group and frees the entry. */
void close_group(int number);

bool has_groups(void);

/* Returns the group, NULL for a free entry. */
struct group *group_of(int number);

/* Enters a listener of a group, which is watched. Returns its number, or -ENOSPC. */
int add_listener(int group, ino_t inode);

/* Frees the entry of a listener that does not listen yet. */
void remove_listener(int number);

/* Whether a socket is watched and any process holds it. */
bool is_watched(ino_t inode);

int count_listeners(int group);
bool is_listener(ino_t inode);

/* Forgets listeners that no process holds any longer, and closes groups that have none. Nothing is forgotten on an error. */
void sweep(void);

/* listeners.c */

/*
 * Opens the set of watched sockets: an epoll set, which lists a file as long as any process has it open, or a UNIX socket carries
 * it, and holds no reference itself. Returns its descriptor or -errno.
 */
int open_watch(void);

/* Adds a socket. Stores its inode and returns 0, or returns -errno. */
int watch_socket(int watched, int fd, ino_t *inode);

/* Calls a function for the inode of each watched socket that any process holds. Returns how many there are, or -errno. */
int list_held(int watched, void (*each)(ino_t inode));

/* ties.c */

/* Maps the table of ties; processes that are forked later share it. `floor` is above the descriptor of each sink. */
void open_ties(int floor);

/*
 * Has the kernel kill a process once the last holder of this descriptor table has ended, for any reason.
 * If the process leads a process group, the whole group is killed. `as` is the user to ask for permission as, -1 for
 * the present one. Returns the tie's number or -errno: -ENOSPC if there are MAX_TIES.
 */
int tie(pid_t pid, uid_t as);

/* Disarms a tie: the process may go on. */
void untie(int number);
void untie_all(void);

/* Begins a new generation of ties. `drop_old_ties` disarms the generations before, but for the ties of the first. */
void begin_ties(void);
void drop_old_ties(void);

/* Stores the descriptors of all ties, at most MAX_TIES. Returns their number. */
int list_ties(int *ends);

/* survey.c */

/*
 * Ties each process that holds a listener and that this process may look into. Stops if the partner ends meanwhile; then
 * the ties from before are still in force.
 */
void survey(void);

/* Ties a process that is about to have a listener. Returns 0 or -errno. */
int tie_process(pid_t pid);

/* descriptors.c */

#define MAX_MORE 8

/* The highest descriptor of a sink or its peer. */
int highest_descriptor(void);

/* Closes all descriptors but those of sinks, peers and ties, and at most MAX_MORE others. Returns 0 or -errno. */
int close_others(const int *more, int count);

/* pair.c */

/* Starts the second process, unless this one is to be alone. Returns in both. */
void open_pair(bool alone);

/* The pidfds of this process and of the other one; -1 if it is missing. */
int own_pidfd(void);
int partner(void);
int has_partner_ended(void);
bool is_alone(void);

/* For when the other process has ended. */
void forget_partner(void);

/* Starts another process in its place. Returns in both; the partner stays missing if that fails. */
void start_partner(void);

/* Kills the other process and waits for its end. Returns 0 or -errno. */
int end_partner(void);

/* Whether this is the process that changes the tables, surveys and supervises: the second one, or the only one. */
bool is_active(void);

/* supervise.c */

/* Reads the plan and maps what the two processes share. */
void open_supervision(int plan, int channel, int program);

/* The descriptor to wait for: the channel until the notifications have come, then these; -1 if there is nothing to come. */
int supervised(void);

/* The descriptor of the notifications, -1 before they have come. */
int notifications(void);

/* Whether no process is left that could make a supervised call. */
bool is_unsupervised(void);

/* Takes what has arrived: the notifications, or a call. */
void supervise(void);

/* Answers a call that the other process has left behind when it ended. */
void abandon_call(void);

/* caller.c: the thread that made a call. */
struct seccomp_notif;

/* Returns a duplicate of a descriptor of the caller's, or -errno. */
int fetch_socket(const struct seccomp_notif *call, int fd);

/* The inode of a descriptor of the caller's that is a socket, or -errno. */
long inode_of(const struct seccomp_notif *call, int fd);

/* Whether the caller is in the network namespace of the companion. */
bool is_in_same_network(const struct seccomp_notif *call);

/* The process of a thread, -1 if it has ended. */
pid_t process_of(pid_t thread);

/* Copies memory of the caller's. Returns 0 or -errno. */
int read_memory(const struct seccomp_notif *call, uint64_t address, void *buffer, size_t size);

/* Whether the caller has CAP_NET_BIND_SERVICE in the user namespace of the companion. */
bool may_bind_low_ports(const struct seccomp_notif *call);

/* In place of a result: the call goes on as if it had not been suspended, or it has been answered already. */
#define GO_ON 1
#define ANSWERED 2

/* sockets.c: what happens to a socket that was fetched. They return 0 or -errno. */

/* bind(2) of a UDP socket, filtered before. */
int bind_filtered(const struct seccomp_notif *call, int fd, const struct sockaddr_storage *address, socklen_t size);

/* listen(2) of a TCP socket, filtered before. */
int listen_filtered(const struct seccomp_notif *call, int fd, int backlog);

/* Gives the program of each group the number of its listeners. */
void spread_all(void);

/* An option of a socket, -errno if it cannot be read. */
int option_of(int fd, int level, int name);

/* Attaches and locks a filter. A socket that is locked already has inherited its filter from a listener of ours. */
int put_filter(int fd, const struct alf_listener *filter);

/* refuse.c: fail a call, and say why. They return the error. */
int refuse(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address, int error,
	   const char *hint);
int refuse_undeclared(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address);
/* Says that a socket is filtered. */
void report_tier(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address,
		 enum alf_tier tier);

/* address.c */
uint16_t port_of(const struct sockaddr_storage *address);
bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b);
/* Whether the plan declares a socket. */
bool is_declared(int protocol, const struct sockaddr_storage *address);
/* Whether a declaration names the port, at any address: the address of one socket can have several forms. */
bool is_port_declared(int protocol, uint16_t port);

/* steered.c: tier steer. */

/* A TCP socket that is about to listen. */
struct member {
	ino_t inode;
	uid_t owner;
	struct sockaddr_storage address;
	int device;
	int v6only;
	/* It may have its address together with others: SO_REUSEPORT. */
	bool shares;
	/* Its descriptor, -1 if the caller itself makes it listen. */
	int fd;
	int backlog;
};

/* Makes a socket a member of the group of its address. If there is a descriptor it listens afterwards. Returns 0 or -errno. */
int steer_member(const struct seccomp_notif *call, const struct member *member);

/* created.c: sockets that the companion creates in place of the target. They return 0, -errno, GO_ON or ANSWERED. */
int create_socket(const struct seccomp_notif *call);
int listen_created(const struct seccomp_notif *call, int fd);
int share_created(const struct seccomp_notif *call, int fd);

/* privileges.c */

/* Gives up what the companion does not need. */
void give_up_privileges(void);

/* Has CAP_NET_BIND_SERVICE, if it was kept, take effect or not. */
void use_low_ports(bool on);

/* report.c */

/* How a socket is said: `tcp [::]:80 of nginx[812]`. */
struct socket_name {
	char text[160];
};
struct socket_name name_socket(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address);

/* Says that a call was refused: `unable to …: …`, with a hint unless it is NULL. */
void report_refusal(const char *what, int error, const char *hint);

/* Prints a line about a socket, if the launch was verbose. */
void report_socket(const char *what);

/* A warning. */
void report_warning(const char *what);

/* Stops using standard error: from now on lines go to syslog(3). */
void leave_standard_error(void);

#endif
