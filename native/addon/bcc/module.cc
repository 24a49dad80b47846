/* Modules of BCC: compiled from C, which creates their tables in the kernel; functions loaded; closed. */
#include <bcc/bcc_common.h>
#include <linux/bpf.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <vector>

#include "../arguments.h"
#include "addon.h"

using Info = Napi::CallbackInfo;
using alf::status;

namespace {

struct Destroy {
	void operator()(void *module) const { bpf_module_destroy(module); }
};

/* Compiled modules by handle. A number cannot be used after close, unlike a pointer. */
std::map<int, std::unique_ptr<void, Destroy>> modules;
int last_handle;

void *find(const Napi::Value &handle)
{
	auto found = modules.find(alf::integer(handle));
	return found == modules.end() ? nullptr : found->second.get();
}

std::string text(const Napi::Value &value) { return value.As<Napi::String>().Utf8Value(); }

/* For those who forget to: an error that a library did not name. */
long failed(int fallback)
{
	if (errno == 0)
		errno = fallback;
	return -1;
}

/* The kernel headers that BCC asks the environment for, unless the variable is set. */
class KernelSource {
	bool ours = getenv("BCC_KERNEL_SOURCE") == nullptr;

public:
	explicit KernelSource(const std::string &path)
	{
		if (ours)
			setenv("BCC_KERNEL_SOURCE", path.c_str(), 1);
	}
	~KernelSource()
	{
		if (ours)
			unsetenv("BCC_KERNEL_SOURCE");
	}
};

/*
 * moduleCompile(name, text, flags, kernel) -> handle. Compiles a text and creates its tables in the kernel. name: for the
 * line that is printed if the compiler crashes; kernel: directory of the headers, if the environment does not name one.
 */
Napi::Value module_compile(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsString() && info[1].IsString() && info[2].IsArray() && info[3].IsString());
	auto source = text(info[1]);
	auto array = info[2].As<Napi::Array>();
	std::vector<std::string> flags;
	for (uint32_t i = 0; i < array.Length(); i++)
		flags.push_back(text(array.Get(i)));
	/* For ebpf/kernel/include/asm/page.h. */
	flags.push_back("-DALF_PAGE_SIZE=" + std::to_string(sysconf(_SC_PAGESIZE)));
	std::vector<const char *> pointers;
	for (const auto &flag : flags)
		pointers.push_back(flag.c_str());

	KernelSource kernel(text(info[3]));
	alf::StderrCapture capture("compile " + text(info[0]));
	errno = 0;
	/* Without RLIMIT_MEMLOCK: the kernels we run on charge maps to the memory cgroup, and the target would inherit it. */
	void *module = bpf_module_create_c_from_string(source.c_str(), 0, pointers.data(), pointers.size(), false, nullptr);
	if (module == nullptr)
		return status(info, failed(EINVAL));
	modules.emplace(++last_handle, module);
	return status(info, last_handle);
}

/* moduleFunctions(handle) -> names */
Napi::Value module_functions(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	void *module = find(info[0]);
	ALF_REQUIRE(info, module != nullptr);
	auto names = Napi::Array::New(info.Env());
	for (size_t i = 0; i < bpf_num_functions(module); i++)
		names.Set(i, Napi::String::New(info.Env(), bpf_function_name(module, i)));
	return names;
}

/* moduleTables(handle) -> what each table is; its fd belongs to the module */
Napi::Value module_tables(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	void *module = find(info[0]);
	ALF_REQUIRE(info, module != nullptr);
	auto env = info.Env();
	auto tables = Napi::Array::New(env);
	for (size_t i = 0; i < bpf_num_tables(module); i++) {
		auto table = Napi::Object::New(env);
		auto words = [&](const char *name, const char *value) { table.Set(name, Napi::String::New(env, value ? value : "")); };
		auto number = [&](const char *name, double value) { table.Set(name, Napi::Number::New(env, value)); };
		words("name", bpf_table_name(module, i));
		words("keyDescriptor", bpf_table_key_desc_id(module, i));
		words("leafDescriptor", bpf_table_leaf_desc_id(module, i));
		number("type", bpf_table_type_id(module, i));
		number("keySize", bpf_table_key_size_id(module, i));
		number("leafSize", bpf_table_leaf_size_id(module, i));
		number("maxEntries", bpf_table_max_entries_id(module, i));
		number("flags", bpf_table_flags_id(module, i));
		number("fd", bpf_table_fd_id(module, i));
		tables.Set(i, table);
	}
	return tables;
}

/* moduleLicense(handle) -> what it declares as its licence, empty if nothing */
Napi::Value module_license(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	void *module = find(info[0]);
	ALF_REQUIRE(info, module != nullptr);
	const char *license = bpf_module_license(module);
	return Napi::String::New(info.Env(), license ? license : "");
}

/* moduleCode(handle, function) -> its instructions */
Napi::Value module_code(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	void *module = find(info[0]);
	ALF_REQUIRE(info, module != nullptr);
	auto name = text(info[1]);
	auto *insns = static_cast<const uint8_t *>(bpf_function_start(module, name.c_str()));
	ALF_REQUIRE(info, insns != nullptr);
	return Napi::Buffer<uint8_t>::Copy(info.Env(), insns, bpf_function_size(module, name.c_str()));
}

/* moduleLoad(handle, function) -> fd of the socket filter, owned by the caller */
Napi::Value module_load(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	void *module = find(info[0]);
	ALF_REQUIRE(info, module != nullptr);
	auto name = text(info[1]);
	auto *insns = static_cast<const bpf_insn *>(bpf_function_start(module, name.c_str()));
	ALF_REQUIRE(info, insns != nullptr);

	alf::StderrCapture capture("load " + name);
	errno = 0;
	int fd = bcc_func_load(module, BPF_PROG_TYPE_SOCKET_FILTER, name.c_str(), insns, bpf_function_size(module, name.c_str()),
			       bpf_module_license(module), bpf_module_kern_version(module), 0, nullptr, 0, nullptr, -1);
	return status(info, fd < 0 ? failed(EINVAL) : fd);
}

/* moduleInstructions(handle, function) -> the function as it is loaded */
Napi::Value module_instructions(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsString());
	void *module = find(info[0]);
	ALF_REQUIRE(info, module != nullptr);
	auto name = text(info[1]);
	auto *start = static_cast<const uint8_t *>(bpf_function_start(module, name.c_str()));
	ALF_REQUIRE(info, start != nullptr);
	return Napi::Buffer<uint8_t>::Copy(info.Env(), start, bpf_function_size(module, name.c_str()));
}

/* moduleClose(handle): gives the fds of the tables back; what a program holds lives on */
Napi::Value module_close(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	errno = EBADF;
	return status(info, modules.erase(alf::integer(info[0])) == 1 ? 0 : -1);
}

} // namespace

void alf::define_module(Napi::Object exports)
{
	define(exports, "moduleCompile", module_compile);
	define(exports, "moduleFunctions", module_functions);
	define(exports, "moduleTables", module_tables);
	define(exports, "moduleLicense", module_license);
	define(exports, "moduleCode", module_code);
	define(exports, "moduleLoad", module_load);
	define(exports, "moduleInstructions", module_instructions);
	define(exports, "moduleClose", module_close);
}
