/* The processes that serve a connection, and how many there may be. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "acceptor.h"

/* A flood of refused connections must not become a flood of lines. */
#define SILENCE_S 10
#define ROOM_AT_FIRST 64

/* In no order. They are looked through one by one, which costs less than the fork that follows. */
static int connection_count, connection_room;
static pid_t *children;
static struct source *sources;

int connections(void) { return connection_count; }

void complain(const struct limits *limits, const struct peer *peer, const char *why)
{
	static time_t last;
	static unsigned long unsaid;
	const char *from = peer->address[0] ? peer->address : "a local process";
	char more[48] = "";
	struct timespec now;

	if (limits->quiet)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (last != 0 && now.tv_sec - last < SILENCE_S) {
		unsaid++;
		return;
	}
	if (unsaid > 0)
		snprintf(more, sizeof(more), ", and %lu more before", unsaid);
	dprintf(STDERR_FILENO, "alfwrapper: refused a connection from %s%s: %s\n", from, more, why);
	last = now.tv_sec;
	unsaid = 0;
}

void reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
		for (int i = 0; i < connection_count; i++) {
			if (children[i] != pid)
				continue;
			connection_count--;
			children[i] = children[connection_count];
			sources[i] = sources[connection_count];
			break;
		}
	}
}

static int count_from(const struct source *source)
{
	int count = 0;

	for (int i = 0; i < connection_count; i++)
		count += memcmp(&sources[i], source, sizeof(*source)) == 0;
	return count;
}

int exceeds(const struct limits *limits, const struct peer *peer)
{
	char why[80];

	if (limits->maximum > 0 || limits->per_source > 0)
		reap();
	if (limits->maximum > 0 && connection_count >= limits->maximum)
		snprintf(why, sizeof(why), "%d are served (--max-connections)", connection_count);
	else if (limits->per_source > 0 && count_from(&peer->source) >= limits->per_source)
		snprintf(why, sizeof(why), "%d from there are served (--max-per-source)", limits->per_source);
	else
		return 0;
	complain(limits, peer, why);
	return 1;
}

int make_room(void)
{
	int room = connection_room == 0 ? ROOM_AT_FIRST : 2 * connection_room;
	void *moved;

	if (connection_count < connection_room)
		return 1;
	moved = realloc(children, room * sizeof(*children));
	if (!moved)
		return 0;
	children = moved;
	moved = realloc(sources, room * sizeof(*sources));
	if (!moved)
		return 0;
	sources = moved;
	connection_room = room;
	return 1;
}

void add_connection(pid_t pid, const struct source *source)
{
	children[connection_count] = pid;
	sources[connection_count++] = *source;
}

void signal_all(int signal)
{
	for (int i = 0; i < connection_count; i++)
		kill(children[i], signal);
}
