/* The BCC addon: a thin layer over libbcc, loaded only when a filter in BCC's dialect is compiled. */
#include "addon.h"

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	alf::define_log(exports);
	alf::define_module(exports);
	return exports;
}

NODE_API_MODULE(alf_bcc, init)
