/* Classic BPF: a program as bytes goes to the kernel. */
#include <linux/filter.h>
#include <sys/socket.h>

#include "addon.h"
#include "arguments.h"

/* attachClassic(fd, option, program): setsockopt(2) with a program, an array of struct sock_filter */
static Napi::Value attach_classic(const Napi::CallbackInfo &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber() && alf::is_bytes(info[2]));
	auto program = alf::bytes(info[2]);
	size_t count = program.size / sizeof(sock_filter);
	/* The kernel takes no more than BPF_MAXINSNS; the field must not wrap to something it takes. */
	ALF_REQUIRE(info, program.size % sizeof(sock_filter) == 0 && count <= UINT16_MAX);
	sock_fprog fprog = { static_cast<unsigned short>(count), reinterpret_cast<sock_filter *>(program.data) };
	return alf::status(info, setsockopt(alf::integer(info[0]), SOL_SOCKET, alf::integer(info[1]), &fprog,
					    sizeof(fprog)));
}

void alf::define_classic(Napi::Object exports) { define(exports, "attachClassic", attach_classic); }
