/* libbpf reports to a callback; its messages are kept until takeLog. */
#include <cstdarg>
#include <cstdio>

#include "../arguments.h"
#include "addon.h"

namespace {

std::string messages;

int keep(libbpf_print_level level, const char *format, va_list arguments)
{
	if (level == LIBBPF_DEBUG)
		return 0;
	va_list again;
	va_copy(again, arguments);
	int size = vsnprintf(nullptr, 0, format, again);
	va_end(again);
	if (size <= 0)
		return 0;
	size_t end = messages.size();
	messages.resize(end + size + 1);
	vsnprintf(&messages[end], size + 1, format, arguments);
	messages.resize(end + size);
	return size;
}

/* takeLog() -> everything libbpf said since the last call, verifier logs included */
Napi::Value take_log(const Napi::CallbackInfo &info)
{
	auto result = Napi::String::New(info.Env(), messages);
	messages.clear();
	return result;
}

} // namespace

void alf::define_log(Napi::Object exports)
{
	libbpf_set_print(keep);
	define(exports, "takeLog", take_log);
}
