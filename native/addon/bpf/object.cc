/* eBPF objects: opened from bytes, loaded into the kernel, closed. */
#include <bpf/bpf.h>

#include <cstring>
#include <map>
#include <memory>

#include "../arguments.h"
#include "addon.h"
#include "kernel-numbers.h"

using Info = Napi::CallbackInfo;
using alf::status;

namespace {

/* Of the verifier: BPF_LOG_LEVEL1, and BPF_LOG_STATS, with which it says little else but what is wrong. */
constexpr int LOG_TRACE = 1, LOG_REASON = 4;

struct Close {
	void operator()(bpf_object *object) const { bpf_object__close(object); }
};

/* Open objects by handle. A number cannot be used after close, unlike a pointer. */
std::map<int, std::unique_ptr<bpf_object, Close>> objects;
int last_handle;

bpf_object *find(const Napi::Value &handle)
{
	auto found = objects.find(alf::integer(handle));
	return found == objects.end() ? nullptr : found->second.get();
}

std::string text(const Napi::Value &value) { return value.As<Napi::String>().Utf8Value(); }

/* objectOpen(bytes, name) -> handle. Reads the ELF file and creates nothing in the kernel. */
Napi::Value object_open(const Info &info)
{
	ALF_REQUIRE(info, alf::is_bytes(info[0]) && info[1].IsString());
	auto file = alf::bytes(info[0]);
	auto name = text(info[1]);
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = name.c_str());
	bpf_object *object = bpf_object__open_mem(file.data, file.size, &options);

	if (object == nullptr)
		return status(info, -1);
	objects.emplace(++last_handle, object);
	return status(info, last_handle);
}

/* relocateKernelSymbols(handle, name): fills the running kernel's numbers into a program (ebpf/include/alf/kernel.h) */
Napi::Value relocate_kernel_symbols(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	bpf_object *object = find(info[0]);
	ALF_REQUIRE(info, object != nullptr);
	bpf_program *program = bpf_object__find_program_by_name(object, text(info[1]).c_str());
	return status(info, program == nullptr ? -1 : alf_fill_kernel_numbers(program));
}

/*
 * objectLoad(handle, entry, trace): creates the maps and loads the one program named `entry` as a socket filter. Nothing
 * else of the object is loaded. Without trace the verifier logs only the reason of a refusal: a log of a million steps takes many
 * times as long.
 */
Napi::Value object_load(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString() && info[2].IsBoolean());
	bpf_object *object = find(info[0]);
	ALF_REQUIRE(info, object != nullptr);
	auto entry = text(info[1]);
	bool trace = info[2].ToBoolean();
	bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		bool wanted = entry == bpf_program__name(program);
		bpf_program__set_autoload(program, wanted);
		if (wanted)
			bpf_program__set_type(program, BPF_PROG_TYPE_SOCKET_FILTER);
		bpf_program__set_log_level(program, trace ? LOG_TRACE : LOG_REASON);
	}
	return status(info, bpf_object__load(object));
}

/* objectProgram(handle, name) -> fd, which belongs to the object */
Napi::Value object_program(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	bpf_object *object = find(info[0]);
	ALF_REQUIRE(info, object != nullptr);
	bpf_program *program = bpf_object__find_program_by_name(object, text(info[1]).c_str());
	return status(info, program == nullptr ? -1 : bpf_program__fd(program));
}

/* objectMap(handle, name) -> fd, which belongs to the object */
Napi::Value object_map(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	bpf_object *object = find(info[0]);
	ALF_REQUIRE(info, object != nullptr);
	return status(info, bpf_object__find_map_fd_by_name(object, text(info[1]).c_str()));
}

/* objectInstructions(handle, name) -> the program as it was loaded */
Napi::Value object_instructions(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	bpf_object *object = find(info[0]);
	ALF_REQUIRE(info, object != nullptr);
	bpf_program *program = bpf_object__find_program_by_name(object, text(info[1]).c_str());
	ALF_REQUIRE(info, program != nullptr);
	return Napi::Buffer<uint8_t>::Copy(info.Env(), reinterpret_cast<const uint8_t *>(bpf_program__insns(program)),
					   bpf_program__insn_cnt(program) * sizeof(bpf_insn));
}

/* programLoad(instructions) -> fd of a socket filter, owned by the caller */
Napi::Value program_load(const Info &info)
{
	ALF_REQUIRE(info, alf::is_bytes(info[0]));
	auto program = alf::bytes(info[0]);
	return status(info, bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "alf_trial", "GPL",
					  reinterpret_cast<const bpf_insn *>(program.data),
					  program.size / sizeof(bpf_insn), nullptr));
}

/* programTestRun(fd, frame, ifindex) -> what the program returns */
Napi::Value program_test_run(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && alf::is_bytes(info[1]) && info[2].IsNumber());
	auto frame = alf::bytes(info[1]);
	__sk_buff context = {};
	context.ifindex = alf::integer(info[2]);
	LIBBPF_OPTS(bpf_test_run_opts, options);
	options.data_in = frame.data;
	options.data_size_in = frame.size;
	options.ctx_in = &context;
	options.ctx_size_in = sizeof(context);
	options.repeat = 1;
	int result = bpf_prog_test_run_opts(alf::integer(info[0]), &options);
	return status(info, result < 0 ? result : static_cast<long>(options.retval));
}

/* programId(fd) -> the id under which bpftool(8) knows the program */
Napi::Value program_id(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	bpf_prog_info details = {};
	__u32 size = sizeof(details);
	int result = bpf_obj_get_info_by_fd(alf::integer(info[0]), &details, &size);
	return status(info, result < 0 ? result : static_cast<long>(details.id));
}

/* objectClose(handle): gives its fds back; what a socket holds lives on */
Napi::Value object_close(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	errno = EBADF;
	return status(info, objects.erase(alf::integer(info[0])) == 1 ? 0 : -1);
}

} // namespace

void alf::define_object(Napi::Object exports)
{
	define(exports, "objectOpen", object_open);
	define(exports, "relocateKernelSymbols", relocate_kernel_symbols);
	define(exports, "objectLoad", object_load);
	define(exports, "objectProgram", object_program);
	define(exports, "objectMap", object_map);
	define(exports, "objectInstructions", object_instructions);
	define(exports, "programLoad", program_load);
	define(exports, "programTestRun", program_test_run);
	define(exports, "programId", program_id);
	define(exports, "objectClose", object_close);
}
