/* What a process may do and who it is: one function, one system call (or one short sequence on one object). */
#include <linux/bpf.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "addon.h"
#include "arguments.h"

using alf::integer;
using alf::status;
using Info = Napi::CallbackInfo;

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

static long load_smallest_filter()
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
static long load_with_lifted_memlock()
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

/*
 * probeSocketFilter() -> 0 if this process may load an eBPF socket filter: loads the smallest one and closes it again.
 */
static Napi::Value probe_socket_filter(const Info &info)
{
	long fd = load_smallest_filter();
	if (fd < 0 && errno == EPERM)
		fd = load_with_lifted_memlock();
	if (fd < 0)
		return status(info, fd);
	return status(info, close(static_cast<int>(fd)));
}

/*
 * pidfdId() -> the inode of this process's pidfd, a bigint that no later process will have; 0n where pidfs does not
 * exist. Since Linux 6.9.
 */
static Napi::Value pidfd_id(const Info &info)
{
	struct statfs filesystem = {};
	struct stat inode = {};
	int fd = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
	bool known = fd >= 0 && fstatfs(fd, &filesystem) == 0 && filesystem.f_type == PID_FS_MAGIC &&
		fstat(fd, &inode) == 0;
	if (fd >= 0)
		close(fd);
	return Napi::BigInt::New(info.Env(), known ? static_cast<uint64_t>(inode.st_ino) : uint64_t{ 0 });
}

/* exit(status): ends the process without another look at Node's event loop. */
static Napi::Value exit_now(const Info &info)
{
	_exit(integer(info[0]));
}

void alf::define_process(Napi::Object exports)
{
	define(exports, "exit", exit_now);
	define(exports, "probeSocketFilter", probe_socket_filter);
	define(exports, "pidfdId", pidfd_id);
}
