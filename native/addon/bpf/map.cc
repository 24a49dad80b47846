/* Map elements: one function, one system call. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

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

/* mapLookup(fd, key, into): into receives the value, of a per-CPU map one for every possible CPU */
static Napi::Value map_lookup(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]) && is_bytes(info[2]));
	return status(info, bpf_map_lookup_elem(integer(info[0]), bytes(info[1]).data, bytes(info[2]).data));
}

/* mapDelete(fd, key) */
static Napi::Value map_delete(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]));
	return status(info, bpf_map_delete_elem(integer(info[0]), bytes(info[1]).data));
}

/* mapNextKey(fd, key, into): into receives the key behind key, or the first one if key is undefined */
static Napi::Value map_next_key(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && (info[1].IsUndefined() || is_bytes(info[1])) && is_bytes(info[2]));
	void *key = info[1].IsUndefined() ? nullptr : bytes(info[1]).data;
	return status(info, bpf_map_get_next_key(integer(info[0]), key, bytes(info[2]).data));
}

/* possibleCpus() -> how many values an entry of a per-CPU map has */
static Napi::Value possible_cpus(const Info &info) { return status(info, libbpf_num_possible_cpus()); }

/* mapUpdateBatch(fd, keys, values, count): keys and values are consecutive. Since Linux 5.6. */
static Napi::Value map_update_batch(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && is_bytes(info[1]) && is_bytes(info[2]) && info[3].IsNumber());
	auto keys = bytes(info[1]), values = bytes(info[2]);
	__u32 count = integer(info[3]);
	return status(info, bpf_map_update_batch(integer(info[0]), keys.data, values.data, &count, nullptr));
}

/* mapCreateArray(name, valueSize) -> fd of an array with one element, which begins where a page of memory does */
static Napi::Value map_create_array(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsString() && info[1].IsNumber());
	auto name = info[0].As<Napi::String>().Utf8Value();
	LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);
	return status(info, bpf_map_create(BPF_MAP_TYPE_ARRAY, name.c_str(), sizeof(__u32), integer(info[1]), 1, &options));
}

/* mapClose(fd) */
static Napi::Value map_close(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber());
	return status(info, close(integer(info[0])));
}

void alf::define_map(Napi::Object exports)
{
	define(exports, "mapUpdate", map_update);
	define(exports, "mapLookup", map_lookup);
	define(exports, "mapDelete", map_delete);
	define(exports, "mapNextKey", map_next_key);
	define(exports, "possibleCpus", possible_cpus);
	define(exports, "mapUpdateBatch", map_update_batch);
	define(exports, "mapCreateArray", map_create_array);
	define(exports, "mapClose", map_close);
}
