/* What this process may do here, found by trying. All of it is undone at once. */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <initializer_list>

#include "addon.h"
#include "arguments.h"
#include "runtime/alf_runtime.h"

/* Since Linux 5.14. */
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND (1UL << 1)
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

using Info = Napi::CallbackInfo;
using Families = std::initializer_list<int>;

namespace {

long load_smallest_filter()
{
	bpf_insn insns[2] = {};
	insns[0].code = BPF_ALU64 | BPF_MOV | BPF_K; // r0 = 0
	insns[1].code = BPF_JMP | BPF_EXIT;
	bpf_attr attr = {};
	attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
	attr.insns = reinterpret_cast<uint64_t>(insns);
	attr.insn_cnt = 2;
	attr.license = reinterpret_cast<uint64_t>("GPL");
	long fd;
	do
		fd = syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	while (fd < 0 && errno == EAGAIN); // a signal interrupted the verifier
	return fd;
}

/*
 * Loads it under a lifted limit on locked memory, which needs CAP_SYS_RESOURCE. Before Linux 5.11 the programs and maps of
 * all processes of a user count, so that systemd's alone can exceed root's 64 KiB. The limit stays lifted if that helped;
 * the handover restores it.
 */
long load_with_lifted_memlock()
{
	const rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	rlimit before = {};

	if (getrlimit(RLIMIT_MEMLOCK, &before) < 0 || setrlimit(RLIMIT_MEMLOCK, &unlimited) < 0) {
		errno = EPERM;
		return -1;
	}
	long fd = load_smallest_filter();
	if (fd < 0) {
		int reason = errno;
		setrlimit(RLIMIT_MEMLOCK, &before);
		errno = reason;
	}
	return fd;
}

/* Returns 0 if an eBPF socket filter can be loaded, or -errno. */
int try_ebpf()
{
	long fd = load_smallest_filter();
	if (fd < 0 && errno == EPERM)
		fd = load_with_lifted_memlock();
	if (fd < 0)
		return -errno;
	close(static_cast<int>(fd));
	return 0;
}

/*
 * Tries something on a socket without an address, which no packet can reach: on one of the first family there is. Returns 0
 * or -errno.
 */
template <typename Attempt> int on_scratch_socket(int type, Families families, Attempt attempt)
{
	int fd = -1;
	for (int family : families)
		if (fd < 0)
			fd = socket(family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int result = attempt(fd) < 0 ? -errno : 0;
	close(fd);
	return result;
}

int attach_smallest(int fd, int option)
{
	sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	const sock_fprog program = { 1, &drop };
	return setsockopt(fd, SOL_SOCKET, option, &program, sizeof(program));
}

int try_classic(int type)
{
	return on_scratch_socket(type, { AF_INET, AF_INET6 },
				 [](int fd) { return attach_smallest(fd, SO_ATTACH_FILTER); });
}

int try_steer()
{
	return on_scratch_socket(SOCK_STREAM, { AF_INET, AF_INET6 }, [](int fd) {
		const int yes = 1;
		if (setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)) < 0)
			return -1;
		return attach_smallest(fd, SO_ATTACH_REUSEPORT_CBPF);
	});
}

int try_ipv6()
{
	return on_scratch_socket(SOCK_STREAM, { AF_INET6 }, [](int) { return 0; });
}

/* Interception as a companion would do it, 0 or -errno each. */
struct Interception {
	int pidfd; /* of the target */
	int fetch;
	int notify;
	int create;
};

/* Whether a target can be given a descriptor: for a call that does not exist. */
int try_giving(int notifications, int fd)
{
	struct seccomp_notif_addfd order = {};

	order.flags = SECCOMP_ADDFD_FLAG_SEND;
	order.srcfd = static_cast<uint32_t>(fd);
	return ioctl(notifications, SECCOMP_IOCTL_NOTIF_ADDFD, &order) < 0 && errno != ENOENT ? -errno : 0;
}

/* Whether the file behind a descriptor of the parent's can be told. */
int try_telling(int fd)
{
	char path[64], file[64];

	snprintf(path, sizeof(path), "/proc/%d/fd/%d", static_cast<int>(getppid()), fd);
	return readlink(path, file, sizeof(file)) < 0 ? -errno : 0;
}

/* Runs in a child, which ends with its seccomp filter. The parent is suspended: its memory is shared. */
int try_as_child(void *argument)
{
	auto *tried = static_cast<Interception *>(argument);
	sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const sock_fprog program = { 1, &allow };

	char from = 0, to = 0;
	const iovec local = { &to, 1 }, remote = { &from, 1 };

	/* The descriptor that is known to be open. */
	if (tried->fetch == 0 && syscall(SYS_pidfd_getfd, tried->pidfd, tried->pidfd, 0) < 0)
		tried->fetch = -errno;
	if (tried->fetch == 0 && process_vm_readv(getppid(), &local, 1, &remote, 1, 0) < 0)
		tried->fetch = -errno;
	long notifications = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (notifications == 0)
		notifications = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	if (notifications < 0)
		tried->notify = tried->create = -errno;
	else
		tried->create = try_giving(static_cast<int>(notifications), tried->pidfd);
	if (tried->create == 0)
		tried->create = try_telling(tried->pidfd);
	return 0;
}

/* Whether the kernel lists a TCP socket that is bound and does not listen. */
int try_listing()
{
	sockaddr_in address = {};
	alf_bound bound;
	struct stat status;

	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	int result = bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof(address)) < 0 || fstat(fd, &status) < 0 ?
			     -errno :
			     alf_find_bound(status.st_ino, &bound);
	close(fd);
	return result;
}

/*
 * Lets a child fetch a descriptor from this process, as the companion is its child, and install a filter with a listener.
 * Whether a process may look into another one depends on their relation.
 */
Interception try_interception()
{
	alignas(16) char stack[16384];
	Interception tried = {};
	sigset_t all, before;

	tried.pidfd = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
	if (tried.pidfd < 0)
		tried.fetch = -errno;
	/* The child runs no handler in memory that it shares. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t child = clone(try_as_child, stack + sizeof(stack), CLONE_VM | CLONE_VFORK, &tried);
	if (child < 0)
		tried.fetch = tried.notify = tried.create = -errno;
	else
		waitpid(child, nullptr, __WALL);
	pthread_sigmask(SIG_SETMASK, &before, nullptr);
	if (tried.pidfd >= 0)
		close(tried.pidfd);
	if (tried.fetch < 0 && tried.create == 0)
		tried.create = try_listing();
	return tried;
}

} // namespace

/* probeInterception() -> { fetch, notify, create }: for each 0 or -errno; create is tried completely only if fetch fails */
static Napi::Value probe_interception(const Info &info)
{
	const Interception tried = try_interception();
	auto object = Napi::Object::New(info.Env());
	object.Set("fetch", tried.fetch);
	object.Set("notify", tried.notify);
	object.Set("create", tried.create);
	return object;
}

/* probe() -> { ebpf, classicTcp, classicUdp, steer, ipv6 }: for each 0 or -errno */
static Napi::Value probe(const Info &info)
{
	auto object = Napi::Object::New(info.Env());
	object.Set("ebpf", try_ebpf());
	object.Set("classicTcp", try_classic(SOCK_STREAM));
	object.Set("classicUdp", try_classic(SOCK_DGRAM));
	object.Set("steer", try_steer());
	object.Set("ipv6", try_ipv6());
	return object;
}

/*
 * tryAttach(program) -> 0 if a loaded eBPF program can be attached: a socket is charged for its instructions. A unit whose
 * sockets are passed in may open no others than UNIX sockets.
 */
static Napi::Value try_attach(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	int program = alf::integer(info[0]);
	int result = on_scratch_socket(SOCK_DGRAM, { AF_UNIX, AF_INET, AF_INET6 }, [program](int fd) {
		return setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program));
	});
	return Napi::Number::New(info.Env(), result);
}

void alf::define_probe(Napi::Object exports)
{
	define(exports, "probe", probe);
	define(exports, "probeInterception", probe_interception);
	define(exports, "tryAttach", try_attach);
}
