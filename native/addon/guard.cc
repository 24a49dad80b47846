/*
 * The guard of the tier `steer`: a seccomp filter that keeps a program from taking the steering off its listener.
 * SO_LOCK_FILTER stops neither SO_DETACH_REUSEPORT_BPF nor clearing SO_REUSEPORT. UDP_ENCAP is refused as well.
 */
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <vector>

#include "addon.h"
#include "arguments.h"
#include "runtime/alf_runtime.h"

using Info = Napi::CallbackInfo;

#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif

namespace {

using Program = std::vector<sock_filter>;

/* An architecture as seccomp calls it, and its number of setsockopt(2). */
struct Abi {
	uint32_t arch;
	uint32_t setsockopt;
};

/* This build's own first, then the 32-bit one the kernel may run beside it; its numbers are in no header of ours. */
#if defined(__x86_64__)
const std::initializer_list<Abi> abis = { { AUDIT_ARCH_X86_64, SYS_setsockopt }, { AUDIT_ARCH_I386, 366 } };
#elif defined(__aarch64__)
const std::initializer_list<Abi> abis = { { AUDIT_ARCH_AARCH64, SYS_setsockopt }, { AUDIT_ARCH_ARM, 294 } };
#else
const std::initializer_list<Abi> abis = {};
#endif

/* io_uring_setup, _enter and _register: the same on every architecture. */
constexpr uint32_t IO_URING_FIRST = 425, IO_URING_LAST = 427;
/* i386 only; the first argument says which call is meant. */
constexpr uint32_t SOCKETCALL = 102, SOCKETCALL_SETSOCKOPT = 14;
/* Set in the numbers of the x32 ABI, which goes by the name of AUDIT_ARCH_X86_64. */
constexpr uint32_t X32_BIT = 0x40000000;

constexpr uint32_t REFUSE = SECCOMP_RET_ERRNO | EPERM;

/*
 * Of an argument the low half counts: options are ints, and the kernel looks at no more of the register. It comes
 * first in memory, both architectures being little-endian.
 */
constexpr uint32_t ARCH = offsetof(seccomp_data, arch), NUMBER = offsetof(seccomp_data, nr);
constexpr uint32_t argument(int n) { return offsetof(seccomp_data, args) + n * sizeof(uint64_t); }

void load(Program &program, uint32_t offset) { program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)); }

void end(Program &program, uint32_t action) { program.push_back(BPF_STMT(BPF_RET | BPF_K, action)); }

/* If A is the value, all of the block; its last instruction returns. */
void when(Program &program, uint32_t value, const Program &block)
{
	auto size = static_cast<uint8_t>(block.size());
	program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, size));
	program.insert(program.end(), block.begin(), block.end());
}

Program returning(uint32_t action) { return { BPF_STMT(BPF_RET | BPF_K, action) }; }

/* UDP encapsulation hands packets of a UDP listener to IPsec before its filter sees them. */
Program encapsulation_block()
{
	Program block;
	load(block, argument(2));
	when(block, UDP_ENCAP, returning(REFUSE));
	end(block, SECCOMP_RET_ALLOW);
	return block;
}

/*
 * setsockopt(2). SO_REUSEPORT is refused whatever its value, for a filter cannot look behind the pointer. SO_DETACH_FILTER
 * is another number, touches no steering, and stays allowed.
 */
Program option_block()
{
	Program options, block;
	for (uint32_t name :
	     { SO_REUSEPORT, SO_ATTACH_REUSEPORT_CBPF, SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_REUSEPORT_BPF })
		when(options, name, returning(REFUSE));
	end(options, SECCOMP_RET_ALLOW);
	options.insert(options.begin(), BPF_STMT(BPF_LD | BPF_W | BPF_ABS, argument(2)));
	load(block, argument(1));
	when(block, SOL_SOCKET, options);
	when(block, IPPROTO_UDP, encapsulation_block());
	end(block, SECCOMP_RET_ALLOW);
	return block;
}

/* socketcall(2) keeps the option behind a pointer, so no setsockopt through it: C libraries of today do without. */
Program socketcall_block()
{
	Program block;
	load(block, argument(0));
	when(block, SOCKETCALL_SETSOCKOPT, returning(REFUSE));
	end(block, SECCOMP_RET_ALLOW);
	return block;
}

/* One architecture. io_uring has a setsockopt of its own that seccomp does not see (since Linux 6.7): no rings, then. */
Program abi_block(const Abi &abi)
{
	bool native = abi.arch == abis.begin()->arch;
	Program block;
	load(block, NUMBER);
	when(block, abi.setsockopt, option_block());
	for (uint32_t number = IO_URING_FIRST; number <= IO_URING_LAST; number++)
		when(block, number, returning(REFUSE));
	if (!native)
		when(block, SOCKETCALL, socketcall_block());
	if (native) {
		block.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 0, 1));
		end(block, REFUSE);
	}
	end(block, SECCOMP_RET_ALLOW);
	return block;
}

Program guard_program()
{
	Program program;
	load(program, ARCH);
	for (const Abi &abi : abis)
		when(program, abi.arch, abi_block(abi));
	end(program, SECCOMP_RET_KILL_PROCESS);
	return program;
}

/* A thread that does nothing else: it ends with the guard. Returns 0 or an errno. */
void *try_out(void *program)
{
	return reinterpret_cast<void *>(
		static_cast<intptr_t>(alf_install_guard(static_cast<alf_bytes *>(program)) < 0 ? errno : 0));
}

} // namespace

/* guardProgram() -> array of struct sock_filter; empty on an architecture that it has not been written for */
static Napi::Value get_program(const Info &info)
{
	auto program = guard_program();
	auto array = Napi::Uint8Array::New(info.Env(), abis.size() == 0 ? 0 : program.size() * sizeof(sock_filter));
	memcpy(array.Data(), program.data(), array.ByteLength());
	return array;
}

/* tryGuard(program): whether a seccomp program can be installed; this thread stays as it is. */
static Napi::Value try_guard(const Info &info)
{
	ALF_REQUIRE(info, alf::is_bytes(info[0]));
	auto program = alf::bytes(info[0]);
	alf_bytes bytes = { program.data, static_cast<uint32_t>(program.size) };
	pthread_t thread;
	void *answer = nullptr;
	int error = pthread_create(&thread, nullptr, try_out, &bytes);
	if (error == 0)
		error = pthread_join(thread, &answer);
	if (error == 0)
		error = static_cast<int>(reinterpret_cast<intptr_t>(answer));
	return Napi::Number::New(info.Env(), -error);
}

void alf::define_guard(Napi::Object exports)
{
	define(exports, "guardProgram", get_program);
	define(exports, "tryGuard", try_guard);
}
