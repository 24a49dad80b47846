/* What the files of the eBPF addon share. */
#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <string>

namespace alf {

void define_object(Napi::Object exports);
void define_map(Napi::Object exports);
void define_log(Napi::Object exports);

} // namespace alf
