/* The core addon: the runtime, and what the kernel and this process can be asked. Needs nothing but libc. */
#include "addon.h"

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	alf::define_constants(exports);
	alf::define_socket(exports);
	alf::define_link(exports);
	alf::define_guard(exports);
	alf::define_probe(exports);
	alf::define_process(exports);
	alf::define_accounts(exports);
	alf::define_launch(exports);
	return exports;
}

NODE_API_MODULE(alf, init)
