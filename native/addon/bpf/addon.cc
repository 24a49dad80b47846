/* The eBPF addon: a thin layer over libbpf, loaded only when an object is. */
#include "addon.h"

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	alf::define_log(exports);
	alf::define_object(exports);
	alf::define_map(exports);
	return exports;
}

NODE_API_MODULE(alf_bpf, init)
