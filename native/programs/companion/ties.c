/*
 * Ties: signals that the kernel raises when the last process of the companion has ended.
 *
 * One end of a socket pair is kept, the other lies in its receive queue and nowhere else. When the first is closed the
 * second sees a hang-up and raises the signal it is set to, SIGKILL. No code of ours has to run for that.
 *
 * Both processes of the companion work on one table, one after the other, and each may be killed at any instruction. So each
 * store leaves a table that the other process can use: hence volatile, and no entry is ever moved.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "companion.h"

/* A tie. An entry whose end is 0 is free. */
struct entry {
	volatile int end;
	volatile unsigned int generation;
};

/*
 * Numbers of the ends are at least `floor`: at the end of a process the kernel closes the highest descriptor first, and the
 * signals are raised before a sink is closed. Pages that are not touched cost nothing.
 */
static struct ties {
	int floor;
	volatile unsigned int generation;
	struct entry entries[MAX_TIES];
} *ties;

/* A message of one byte with room for one descriptor. */
struct parcel {
	char byte;
	union {
		struct cmsghdr header; /* aligns the buffer */
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec data;
	struct msghdr message;
};

static struct cmsghdr *prepare(struct parcel *parcel)
{
	memset(parcel, 0, sizeof(*parcel));
	parcel->data = (struct iovec){ &parcel->byte, 1 };
	parcel->message = (struct msghdr){ .msg_iov = &parcel->data,
					   .msg_iovlen = 1,
					   .msg_control = parcel->control.bytes,
					   .msg_controllen = sizeof(parcel->control.bytes) };
	return CMSG_FIRSTHDR(&parcel->message);
}

void open_ties(int floor)
{
	void *map = mmap(NULL, sizeof(*ties), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	check(map == MAP_FAILED ? -1 : 0);
	ties = map;
	ties->floor = floor;
}

/*
 * The kernel asks for a permission like that of kill(2) when it raises the signal, and remembers for it the user of
 * this call. The companion itself stays another user: the target cannot signal it.
 */
static int set_owner(int end, pid_t pid, uid_t as)
{
	uid_t own = geteuid();
	int result;

	if (as != (uid_t)-1 && setresuid(-1, as, -1) < 0)
		return -errno;
	result = fcntl(end, F_SETOWN, getpgid(pid) == pid ? -pid : pid) < 0 ? -errno : 0;
	if (as == (uid_t)-1)
		return result;
	if (setresuid(-1, own, -1) < 0)
		return -errno;
	/* A change of user sets it to what sysctl fs.suid_dumpable says. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return result;
}

/* Puts an end into its own partner's receive queue. */
static int enclose(int end)
{
	struct parcel parcel;
	struct cmsghdr *header = prepare(&parcel);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &end, sizeof(int));
	return sendmsg(end, &parcel.message, MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* Arms the end last: until then closing either end raises nothing. */
static int arm(int end, pid_t pid, uid_t as)
{
	int result = fcntl(end, F_SETSIG, SIGKILL) < 0 ? -errno : set_owner(end, pid, as);

	if (result == 0)
		result = enclose(end);
	if (result == 0 && fcntl(end, F_SETFL, O_ASYNC) < 0)
		result = -errno;
	return result;
}

static struct entry *free_entry(void)
{
	for (int i = 0; i < MAX_TIES; i++)
		if (ties->entries[i].end == 0)
			return &ties->entries[i];
	return NULL;
}

int tie(pid_t pid, uid_t as)
{
	struct entry *entry = free_entry();
	int ends[2], kept, result;

	if (entry == NULL)
		return -ENOSPC;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	kept = fcntl(ends[0], F_DUPFD_CLOEXEC, ties->floor);
	result = kept < 0 ? -errno : 0;
	close(ends[0]);
	if (result == 0) {
		/* Entered before it is armed, so that each process can disarm it. */
		entry->generation = ties->generation;
		entry->end = kept;
		result = arm(ends[1], pid, as);
	}
	close(ends[1]);
	if (result == 0)
		return (int)(entry - ties->entries);
	if (kept >= 0)
		untie(entry - ties->entries);
	return result;
}

/*
 * Takes the other end out of the queue, disarms it and closes both. The entry is cleared before its number is free for
 * another descriptor.
 */
void untie(int number)
{
	struct entry *entry = &ties->entries[number];
	struct parcel parcel;
	struct cmsghdr *header = prepare(&parcel);
	int end = entry->end, other = -1;

	if (end == 0)
		return;
	if (recvmsg(end, &parcel.message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) >= 0 &&
	    parcel.message.msg_controllen >= CMSG_LEN(sizeof(int))) {
		memcpy(&other, CMSG_DATA(header), sizeof(int));
		fcntl(other, F_SETFL, 0);
	}
	entry->end = 0;
	if (other >= 0)
		close(other);
	close(end);
}

void begin_ties(void) { ties->generation++; }

/* The first tie of all is of generation 0. */
void drop_old_ties(void)
{
	for (int i = 0; i < MAX_TIES; i++)
		if (ties->entries[i].generation != 0 && ties->entries[i].generation != ties->generation)
			untie(i);
}

void untie_all(void)
{
	for (int i = 0; ties != NULL && i < MAX_TIES; i++)
		untie(i);
}

int list_ties(int *ends)
{
	int count = 0;

	for (int i = 0; ties != NULL && i < MAX_TIES; i++)
		if (ties->entries[i].end != 0)
			ends[count++] = ties->entries[i].end;
	return count;
}
