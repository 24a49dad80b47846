/* This process. */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "addon.h"
#include "arguments.h"

using alf::integer;
using Info = Napi::CallbackInfo;

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif

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

/* exit(status): ends the process without returning to Node's event loop. */
static Napi::Value exit_now(const Info &info)
{
	_exit(integer(info[0]));
}

void alf::define_process(Napi::Object exports)
{
	define(exports, "exit", exit_now);
	define(exports, "pidfdId", pidfd_id);
}
