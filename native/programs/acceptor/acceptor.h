/*
 * The acceptor's parts: who the other end is (peer.c), becoming the program (process.c), which processes there are and
 * whether there may be one more (connections.c). main.c has the sockets and the signals.
 */
#ifndef ALF_ACCEPTOR_H
#define ALF_ACCEPTOR_H

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

#define FIRST 3 /* SD_LISTEN_FDS_START */

/* Exit statuses, those of alfwrapper. */
#define FAILED 125
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127

/* The only line there is: `alfwrapper: unable to WHATOBJECT: REASON`. */
void fail(const char *what, const char *object, int error, int status) __attribute__((noreturn));

/* Fails with errno if the result is negative. */
void check(long result, const char *what);

/* A number from 0 to 65536; anything else is an argument that alfwrapper does not write. */
int number(const char *text);

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

/* Who counts as one: an IPv4 address, the /64 of an IPv6 address, which one host has all of, or a user. */
struct source {
	unsigned char bytes[16];
};

struct peer {
	struct source source;
	/* The address in text, `@` before an abstract name; empty for a UNIX socket without a name. */
	char address[1 + sizeof(((struct sockaddr_un *)0)->sun_path)];
	/* -1 where there is none. */
	int port;
};

/* Finds out who is at the other end of an accepted connection. */
void read_peer(struct peer *peer, const union address *address, socklen_t size, int fd);

/* What a process is to become, and as what. */
struct program {
	char *file, **arguments;
	/* Whether the socket is standard input and output; if not, it is 3 and LISTEN_* tells of it. */
	int stdio;
	/* Dispositions and mask we were started with. */
	sigset_t mask;
	struct sigaction sigchld;
};

/* Takes our own variables out of the environment. Returns how many sockets were passed in. */
int read_environment(char **from);

/* Becomes the program in this process, with a socket as standard input and output. */
void become_in_place(const struct program *program, int fd) __attribute__((noreturn));

/* Starts a process that becomes the program. Returns its id, -1 with errno. */
pid_t start(const struct program *program, int fd, const struct peer *peer);

/* How many connections are served at a time, in all and from one source; 0 is any number. */
struct limits {
	int maximum, per_source;
	int quiet;
};

/* Whether a connection from there has to be refused, which is said. Those that have ended do not count. */
int exceeds(const struct limits *limits, const struct peer *peer);

/* Says that a connection was refused; what is not said in a flood is counted and said later. */
void complain(const struct limits *limits, const struct peer *peer, const char *why);

/* Makes room for one more. Returns 0 if there is no memory. */
int make_room(void);

/* There has to be room. */
void add_connection(pid_t pid, const struct source *source);

/* Forgets the processes that have ended. */
void reap(void);

/* How many there are, by what was reaped last. */
int connections(void);

/* Sends a signal to every process. */
void signal_all(int signal);

#endif
