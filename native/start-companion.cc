/* Starts the companion: clears and restores PR_SET_CHILD_SUBREAPER around the spawn, with nothing between. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "addon.h"
#include "arguments.h"

using alf::integer;
using Info = Napi::CallbackInfo;

namespace {

/* A companion takes a millisecond or two; one that takes this long will not come. */
constexpr int TIMEOUT_MS = 5000;

/* What the companion gets: its arguments, and the descriptors they name. */
struct Order {
	std::string path;
	std::vector<std::string> arguments;
	std::vector<int> descriptors;
};

std::string text(long number) { return std::to_string(number); }

/* Adds one `LISTENER:SINK:PEER`. */
void add_group(Order &order, const Napi::Object &group)
{
	int listener = integer(group.Get("listener")), sink = integer(group.Get("sink")), peer = integer(group.Get("peer"));

	order.arguments.push_back(text(listener) + ":" + text(sink) + ":" + text(peer));
	for (int fd : { listener, sink, peer })
		if (fd >= 0)
			order.descriptors.push_back(fd);
}

/* posix_spawn with exactly these descriptors made inheritable, an empty environment and default signals. */
int spawn(const Order &order, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	std::vector<char *> argv;
	char *environment[] = { nullptr };
	sigset_t all;

	for (const auto &argument : order.arguments)
		argv.push_back(const_cast<char *>(argument.c_str()));
	argv.push_back(nullptr);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &all);
	posix_spawn_file_actions_init(&actions);
	/* Onto itself: that takes close-on-exec off in the child. */
	for (int fd : order.descriptors)
		posix_spawn_file_actions_adddup2(&actions, fd, fd);
	int error = posix_spawn(child, order.path.c_str(), &actions, &attributes, argv.data(), environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -error;
}

/* The companion's answer: its process id, or -errno; -EPIPE if it ended without one. */
int read_answer(int fd)
{
	pollfd event = { fd, POLLIN, 0 };
	int answer, ready;

	do
		ready = poll(&event, 1, TIMEOUT_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready == 0 ? -ETIMEDOUT : -errno;
	return read(fd, &answer, sizeof(answer)) == sizeof(answer) ? answer : -EPIPE;
}

/*
 * Spawns the companion's first process, takes the answer of its second, and reaps the first, so that this process has no
 * child afterwards. A process that adopts orphans (PR_SET_CHILD_SUBREAPER outlives an exec) would get the second one
 * back as a child: for the moment, it does not. The init of a PID namespace gets it in any case.
 */
int run(Order &order, int status[2])
{
	int adopts = 0, answer;
	pid_t child = 0;

	prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0);
	if (adopts)
		prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	answer = spawn(order, &child);
	close(status[1]);
	if (answer == 0) {
		answer = read_answer(status[0]);
		if (answer == -ETIMEDOUT)
			kill(child, SIGKILL);
		/* ECHILD if we were started with SIGCHLD ignored: then the kernel has reaped it. */
		while (waitpid(child, nullptr, 0) < 0 && errno == EINTR)
			;
	}
	if (adopts)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	close(status[0]);
	return answer;
}

} // namespace

/* startCompanion(path, [{ sink, peer, listener }, …], uid or -1) -> the companion's process id */
static Napi::Value start_companion(const Info &info)
{
	ALF_REQUIRE(info, alf::is_bytes(info[0]) && info[1].IsArray() && info[2].IsNumber());
	auto path = alf::bytes(info[0]);
	auto groups = info[1].As<Napi::Array>();
	int status[2], result;
	int pidfd = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));

	if (pidfd < 0)
		return alf::status(info, -1);
	if (pipe2(status, O_CLOEXEC) < 0) {
		result = -errno;
		close(pidfd);
		return Napi::Number::New(info.Env(), result);
	}
	Order order = { std::string(reinterpret_cast<char *>(path.data), path.size),
			{ "alf-companion", text(getpid()), text(info[2].As<Napi::Number>().Int64Value()), text(pidfd),
			  text(status[1]) },
			{ pidfd, status[1] } };
	for (uint32_t i = 0; i < groups.Length(); i++)
		add_group(order, groups.Get(i).As<Napi::Object>());
	result = run(order, status);
	close(pidfd);
	return Napi::Number::New(info.Env(), result);
}

void alf::define_companion(Napi::Object exports) { define(exports, "startCompanion", start_companion); }
