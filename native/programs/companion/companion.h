/*
 * The companion: two processes that hold the sinks of tier `steer` open while any process holds a listener beside them.
 *
 * The two share one descriptor table. If one ends, the other starts a new one; if both end at once, the kernel kills
 * the processes that are tied to them. See docs/adr/009-two-processes-one-descriptor-table.md.
 */
#ifndef ALF_COMPANION_H
#define ALF_COMPANION_H

#include <sys/types.h>

/* Two for each process that holds a listener, twice during a survey. */
#define MAX_TIES 4096

/* A reuseport group. */
struct group {
	int listener; /* closed once it is watched */
	int sink;
	int peer; /* the other end of the connection that fills the sink; -1 if it could not be filled */
	ino_t inode; /* of the listener */
};

struct groups {
	struct group *list;
	int count;
};

/* Reports -errno to the launch and exits if the result of a system call is negative. */
void check(long result);

/* listeners.c */

/*
 * Watches the listeners and closes this process's descriptors of them.
 *
 * An epoll set lists a file as long as any process has it open, or a UNIX socket carries it, and holds no reference
 * itself. Returns the set's descriptor.
 */
int watch_listeners(const struct groups *groups);

/* Returns 1 while any process holds a listener, 0 once the kernel lists none, -errno if it cannot be asked. */
int listeners_held(int watched);

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
void survey(const struct groups *groups);

/* descriptors.c */

/* The highest descriptor of a sink or its peer. */
int highest_descriptor(const struct groups *groups);

#define MAX_MORE 4

/* Closes all descriptors but those of sinks, peers and ties, and at most MAX_MORE others. Returns 0 or -errno. */
int close_others(const struct groups *groups, const int *more, int count);

/* pair.c */

/* Starts the second process. Returns in both. */
void open_pair(void);

/* The pidfds of this process and of the other one; -1 if it is missing. */
int own_pidfd(void);
int partner(void);
int has_partner_ended(void);

/* For when the other process has ended. */
void forget_partner(void);

/* Starts another process in its place. Returns in both; the partner stays missing if that fails. */
void start_partner(void);

/* Kills the other process and waits for its end. Returns 0 or -errno. */
int end_partner(void);

/* True in the second process. */
int is_standby(void);

#endif
