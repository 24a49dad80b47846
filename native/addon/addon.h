/* What the files of the core addon add to its exports. */
#pragma once

#include <napi.h>

namespace alf {

void define_constants(Napi::Object exports);
void define_socket(Napi::Object exports);
void define_link(Napi::Object exports);
void define_guard(Napi::Object exports);
void define_probe(Napi::Object exports);
void define_process(Napi::Object exports);
void define_accounts(Napi::Object exports);
void define_launch(Napi::Object exports);

} // namespace alf
