/* Map elements: one function, one system call. */
#include <bpf/bpf.h>

#include "../arguments.h"
#include "addon.h"

using alf::bytes;
using alf::integer;
using alf::is_bytes;
using alf::status;
using Info = Napi::CallbackInfo;

/* mapUpdate(fd, key, value) */
static Napi::Value map_update(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]) && is_bytes(info[2]));
	auto key = bytes(info[1]), value = bytes(info[2]);
	return status(info, bpf_map_update_elem(integer(info[0]), key.data, value.data, BPF_ANY));
}

void alf::define_map(Napi::Object exports)
{
	define(exports, "mapUpdate", map_update);
}
