/*
 * The handover: everything between "the sockets are ready" and "the process is the target", without a way back to
 * JavaScript. Node has changed signal dispositions, descriptor flags and limits before any code of ours ran; the
 * entry recorded what they were, and here they become that again.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "addon.h"
#include "arguments.h"
#include "shown.h"

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE (1U << 1)
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

namespace {

constexpr int FIRST = 3; /* SD_LISTEN_FDS_START */
constexpr int STDIO = 3;
constexpr int FAILED = 125, NOT_EXECUTABLE = 126, NOT_FOUND = 127;

struct Handover {
	std::string path;
	std::vector<std::string> argv;
	std::vector<std::string> environment;
	std::vector<int> listeners;
	std::vector<int> inherited;
	bool lock_adopted;
	bool stdio_open[STDIO];
	uint64_t ignored;
	uint64_t blocked;
	rlimit nofile;
};

/* What it was when the addon was loaded. Before Linux 5.11, libbpf lifts it to load filters. */
rlimit memlock;

/* Listeners that were passed in, whose filter can be taken off until it is locked. */
std::vector<int> adopted;

/* The one line of a handover that failed behind the point of no return. Leaves the adopted listeners as they were. */
[[noreturn]] void fail(const std::string &what, int status)
{
	bool forbidden = status == FAILED && (errno == EPERM || errno == ENOSYS);
	std::string line = "alfwrapper: unable to " + what + ": " + strerror(errno) + "\n" +
		(forbidden ? "  hint: a seccomp filter of the container or the unit may forbid the call\n" : "");
	ssize_t ignored = write(STDERR_FILENO, line.data(), line.size());
	static_cast<void>(ignored);
	for (int fd : adopted) {
		const int unused = 0;
		setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
	}
	_exit(status);
}

void check(int result, const char *what)
{
	if (result < 0)
		fail(what, FAILED);
}

/*
 * Puts the listeners on 3, 4, ... Their sources are first moved out of the range they are going to fill, because one
 * of them may sit where another one belongs.
 */
void place_listeners(const Handover &handover)
{
	int count = static_cast<int>(handover.listeners.size());
	std::vector<int> moved;

	for (int fd : handover.listeners) {
		moved.push_back(fcntl(fd, F_DUPFD_CLOEXEC, FIRST + count));
		check(moved.back(), "move a listener (fcntl)");
	}
	for (int i = 0; i < count; i++)
		check(dup2(moved[i], FIRST + i), "place a listener (dup2)");
}

void restore_descriptors(const Handover &handover)
{
	for (int fd : handover.inherited)
		check(fcntl(fd, F_SETFD, 0), "pass an inherited descriptor on (fcntl)");
	for (int fd = 0; fd < STDIO; fd++) {
		if (!handover.stdio_open[fd]) {
			close(fd); /* node put /dev/null here */
			continue;
		}
		check(fcntl(fd, F_SETFD, 0), "pass stdio on (fcntl)");
	}
}

/*
 * Dispositions before the mask: a signal that was pending all along must meet the disposition it was sent to. glibc
 * keeps two signals to itself and answers EINVAL for them; nobody can have changed those.
 */
void restore_signals(const Handover &handover)
{
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action = {};
		bool ignored = (handover.ignored >> (number - 1)) & 1;
		action.sa_handler = ignored ? SIG_IGN : SIG_DFL;
		if (sigaction(number, &action, nullptr) < 0 && errno != EINVAL)
			fail("restore signal dispositions (rt_sigaction)", FAILED);
	}
	check(static_cast<int>(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &handover.blocked, nullptr,
				       sizeof(handover.blocked))),
	      "restore the signal mask (rt_sigprocmask)");
}

void restore_memlock()
{
	rlimit now = {};

	check(getrlimit(RLIMIT_MEMLOCK, &now), "read the limit on locked memory");
	if (now.rlim_cur != memlock.rlim_cur || now.rlim_max != memlock.rlim_max)
		check(setrlimit(RLIMIT_MEMLOCK, &memlock), "restore the limit on locked memory");
}

/* The lock cannot be taken off again, so it comes after everything that can fail but execve(2) itself. */
void lock_adopted()
{
	const int yes = 1;

	for (int fd : adopted)
		check(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &yes, sizeof(yes)),
		      "lock the filter of a listener that was passed in");
}

std::vector<char *> pointers(const std::vector<std::string> &strings)
{
	std::vector<char *> result;
	for (const auto &string : strings)
		result.push_back(const_cast<char *>(string.c_str()));
	result.push_back(nullptr);
	return result;
}

[[noreturn]] void become(const Handover &handover)
{
	auto argv = pointers(handover.argv);
	auto environment = pointers(handover.environment);

	place_listeners(handover);
	restore_descriptors(handover);
	/* After the descriptors: a lower limit would forbid their numbers. */
	check(setrlimit(RLIMIT_NOFILE, &handover.nofile), "restore the limit on open files (prlimit64)");
	restore_memlock();
	restore_signals(handover);
	if (handover.lock_adopted)
		lock_adopted();
	execve(handover.path.c_str(), argv.data(), environment.data());
	int error = errno;
	char shown[ALF_SHOWN_SIZE];
	std::string what = std::string("execute ") + alf_shown(handover.path.c_str(), shown);
	errno = error;
	fail(what, error == ENOENT ? NOT_FOUND : NOT_EXECUTABLE);
}

std::string string(const Napi::Value &value)
{
	auto view = alf::bytes(value);
	return std::string(reinterpret_cast<char *>(view.data), view.size);
}

std::vector<std::string> strings(const Napi::Value &value)
{
	std::vector<std::string> result;
	auto array = value.As<Napi::Array>();
	for (uint32_t i = 0; i < array.Length(); i++)
		result.push_back(string(array.Get(i)));
	return result;
}

std::vector<int> integers(const Napi::Value &value)
{
	std::vector<int> result;
	auto array = value.As<Napi::Array>();
	for (uint32_t i = 0; i < array.Length(); i++)
		result.push_back(alf::integer(array.Get(i)));
	return result;
}

Handover read(const Napi::Object &options)
{
	Handover handover = {};
	auto stdio = options.Get("stdioOpen").As<Napi::Array>();

	handover.path = string(options.Get("path"));
	handover.argv = strings(options.Get("argv"));
	handover.environment = strings(options.Get("environment"));
	handover.listeners = integers(options.Get("listeners"));
	handover.inherited = integers(options.Get("inherited"));
	adopted = integers(options.Get("adopted"));
	handover.lock_adopted = options.Get("lockAdopted").ToBoolean();
	for (uint32_t fd = 0; fd < STDIO; fd++)
		handover.stdio_open[fd] = stdio.Get(fd).ToBoolean();
	handover.ignored = alf::unsigned64(options.Get("ignoredSignals"));
	handover.blocked = alf::unsigned64(options.Get("blockedSignals"));
	handover.nofile.rlim_cur = alf::unsigned64(options.Get("nofileSoft"));
	handover.nofile.rlim_max = alf::unsigned64(options.Get("nofileHard"));
	return handover;
}

/* Marks all descriptors above stdio close-on-exec, one by one. */
void mark_close_on_exec()
{
	DIR *directory = opendir("/proc/thread-self/fd");
	check(directory == nullptr ? -1 : 0, "list the open descriptors");
	errno = 0;
	while (dirent *entry = readdir(directory)) {
		int fd = atoi(entry->d_name); /* . and .. are 0 */
		if (fd >= FIRST)
			check(fcntl(fd, F_SETFD, FD_CLOEXEC), "mark a descriptor close-on-exec");
		errno = 0;
	}
	if (errno != 0)
		fail("list the open descriptors", FAILED);
	closedir(directory);
}

/*
 * Gives this thread a descriptor table of its own, so that node's other threads do not find foreign files under their
 * numbers, in which everything above stdio is close-on-exec. unshare(2) would do too, but container run-times forbid it.
 *
 * Return: -1 with errno if nothing has changed. Since Linux 5.9; 5.11 does both in one call.
 */
int own_descriptors()
{
	if (syscall(SYS_close_range, FIRST, ~0U, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
	/* Closes nothing, as there is no descriptor of that number. */
	if (syscall(SYS_close_range, ~0U, ~0U, CLOSE_RANGE_UNSHARE) < 0)
		return -1;
	mark_close_on_exec();
	return 0;
}

/*
 * handover(options): becomes the target, or ends the process with one line on stderr. It comes back with -errno only
 * if its very first step, which changes nothing when it fails, was refused.
 */
Napi::Value handover(const Napi::CallbackInfo &info)
{
	ALF_REQUIRE(info, info[0].IsObject());
	Handover options = read(info[0].As<Napi::Object>());
	if (own_descriptors() < 0)
		return alf::status(info, -1);
	become(options);
}

} // namespace

void alf::define_handover(Napi::Object exports)
{
	getrlimit(RLIMIT_MEMLOCK, &memlock);
	define(exports, "handover", handover);
}
