/* The core addon: sockets, process state, handover. It needs nothing but libc. */
#include "addon.h"

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	alf::define_constants(exports);
	alf::define_socket(exports);
	alf::define_tcp_sockets(exports);
	alf::define_link(exports);
	alf::define_classic(exports);
	alf::define_companion(exports);
	alf::define_guard(exports);
	alf::define_process(exports);
	alf::define_identity(exports);
	alf::define_handover(exports);
	return exports;
}

NODE_API_MODULE(alf, init)
