/*
 * What the companion says: refusals always, sockets where they were asked for.
 *
 * It writes to the standard error of the launch as long as the target runs. A daemon that goes into the background closes its own,
 * and a shell that reads the other end waits for that. So the companion stops using it then, and lines go to syslog(3).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "../../runtime/shown.h"
#include "companion.h"

/* So many lines at once; one more each second. */
#define MAX_LINES 20

/* Lines go to syslog(3). */
static bool left;

/*
 * The two processes share the descriptor, so it is exchanged and not closed: its number must not become another file's while the
 * other process writes.
 */
void leave_standard_error(void)
{
	int null = left ? -1 : open("/dev/null", O_WRONLY | O_CLOEXEC);

	left = true;
	if (null < 0)
		return;
	dup2(null, STDERR_FILENO);
	close(null);
}

/* Whether a line may be said now. A program that asks again and again must not fill a disk. */
static bool may_say(void)
{
	static long last, lines = MAX_LINES;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	lines += last == 0 ? 0 : now.tv_sec - last;
	lines = lines > MAX_LINES ? MAX_LINES : lines;
	last = now.tv_sec;
	if (lines == 0)
		return false;
	lines--;
	return true;
}

/* Whether a line can be written now: a full pipe that is not read must not stop the target. */
static bool is_writable(void)
{
	struct pollfd event = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&event, 1, 0) > 0;
}

static void say(int priority, const char *text, const char *hint)
{
	static unsigned long left_out;
	char line[640], more[64] = "";
	int size;

	if ((!left && !is_writable()) || !may_say()) {
		left_out++;
		return;
	}
	if (left_out > 0)
		snprintf(more, sizeof(more), "alfwrapper: %lu lines were left out\n", left_out);
	left_out = 0;
	if (left) {
		syslog(LOG_DAEMON | priority, "%s%s%s", text, hint == NULL ? "" : "; hint: ", hint == NULL ? "" : hint);
		return;
	}
	size = snprintf(line, sizeof(line), "%salfwrapper: %s\n%s%s%s", more, text, hint == NULL ? "" : "  hint: ",
			hint == NULL ? "" : hint, hint == NULL ? "" : "\n");
	/* All of it in one call: lines of several processes must not mix. */
	if (write(STDERR_FILENO, line, (size_t)size < sizeof(line) ? (size_t)size : sizeof(line) - 1) < 0)
		leave_standard_error();
}

void report_refusal(const char *what, int error, const char *hint)
{
	char text[512];

	snprintf(text, sizeof(text), "unable to %s: %s", what, strerror(error));
	say(LOG_WARNING, text, hint);
}

void report_socket(const char *what)
{
	if (companion.launch.plan.interception.verbose)
		say(LOG_INFO, what, NULL);
}

void report_warning(const char *what)
{
	char text[512];

	snprintf(text, sizeof(text), "warning: %s", what);
	say(LOG_WARNING, text, NULL);
}

/* The name of a thread is the program's to choose. */
static void show_name(pid_t thread, char shown[ALF_SHOWN_SIZE])
{
	char path[32], name[64];
	ssize_t size = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)thread);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		size = read(fd, name, sizeof(name) - 1);
		close(fd);
	}
	name[size > 0 ? size - 1 : 0] = 0;
	alf_shown(name[0] == 0 ? "?" : name, shown);
}

static void show_address(const struct sockaddr_storage *address, char *text, size_t size)
{
	const struct sockaddr_in *address4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *address6 = (const struct sockaddr_in6 *)address;
	char shown[INET6_ADDRSTRLEN] = "?";

	if (address->ss_family == AF_INET) {
		inet_ntop(AF_INET, &address4->sin_addr, shown, sizeof(shown));
		snprintf(text, size, "%s:%d", shown, ntohs(address4->sin_port));
		return;
	}
	inet_ntop(AF_INET6, &address6->sin6_addr, shown, sizeof(shown));
	snprintf(text, size, "[%s]:%d", shown, ntohs(address6->sin6_port));
}

struct socket_name name_socket(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address)
{
	struct socket_name name;
	char shown[ALF_SHOWN_SIZE], place[INET6_ADDRSTRLEN + 16];

	show_name((pid_t)call->pid, shown);
	show_address(address, place, sizeof(place));
	snprintf(name.text, sizeof(name.text), "%s %s of %.64s[%d]", kind, place, shown, (int)process_of((pid_t)call->pid));
	return name;
}
