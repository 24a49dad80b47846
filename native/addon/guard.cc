/* Whether the guard could be installed. */
#include <pthread.h>

#include <cerrno>
#include <cstdint>

#include "addon.h"
#include "arguments.h"
#include "runtime/alf_runtime.h"

using Info = Napi::CallbackInfo;

namespace {

/* A thread that does nothing else: it ends with the guard. Returns 0 or an errno. */
void *try_out(void *program)
{
	return reinterpret_cast<void *>(
		static_cast<intptr_t>(alf_install_guard(static_cast<alf_bytes *>(program)) < 0 ? errno : 0));
}

} // namespace

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
	define(exports, "tryGuard", try_guard);
}
