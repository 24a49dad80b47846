/* What the files of launch-faults share. */
#ifndef ALF_LAUNCH_FAULTS_H
#define ALF_LAUNCH_FAULTS_H

#include "../shared/input.h"

#define MAX_LISTENERS 8
#define MAX_CLIENTS 8
#define TEXT_BYTES 4096

/* What a launch writes down before it ends or becomes the target; in memory that parent and child share. */
struct notes {
	/* Calls that it has made; UINT_MAX if it has ended without a note. */
	unsigned int calls;
	/* It has failed with `failure`. */
	bool failed;
	struct alf_failure failure;
	/* Descriptors that were not closed. */
	int left;
};
extern struct notes *notes;

/* Sockets that are passed in, by their place in the plan; -1 where there is none. */
struct inherited {
	int fds[MAX_LISTENERS];
	int clients[MAX_CLIENTS];
	int client_count;
};

/* What became of a launch. */
struct end {
	/* As of waitpid(2). */
	int status;
	char output[TEXT_BYTES];
	char error[TEXT_BYTES];
	/* All processes that the launch has started have ended. */
	bool alone;
};

/* Ends the program with the name of a failed call. */
_Noreturn void fail(const char *what);
/* Gives a descriptor a number above those of a target's listeners. Ends the program if it is negative. */
int move_up(int fd);

/* passed.c: opens the inherited listeners of a plan, and connections to them from the addresses. */
void open_inherited(struct inherited *inherited, const struct alf_plan *plan, char **clients, int count);
void close_inherited(struct inherited *inherited);
/* Whether a filter is attached to one of them, or one is non-blocking: both belong to all who share it. */
bool is_changed(const struct inherited *inherited);

/* attempt.c: launches once in this process, with the call of a number failing. */
_Noreturn void attempt(const struct alf_input *input, const struct inherited *inherited, unsigned int failing, int error,
		       int program);

/* watch.c: runs a launch in a child and waits for all its processes. */
struct end watch(const struct alf_input *input, const struct inherited *inherited, unsigned int failing, int error,
		 int program);

/* program.c: loads a filter that drops IPv4 packets from 127.0.0.2. Returns its descriptor. */
int load_program(void);

#endif
