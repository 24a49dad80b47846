/*
 * How native functions take their arguments and give their results.
 *
 * Arguments are checked by TypeScript's types and by the plan; what is checked here only keeps a mistake of ours from
 * corrupting memory. A function answers with a number >= 0, or with -errno; it never throws for what the kernel said.
 */
#pragma once

#include <napi.h>

#include <cerrno>
#include <cstdint>

/* A mistake in the caller's code: throws a TypeError and returns. */
#define ALF_REQUIRE(info, condition)                                                        \
	do {                                                                                \
		if (!(condition)) {                                                         \
			Napi::TypeError::New((info).Env(), "wrong argument: " #condition)   \
				.ThrowAsJavaScriptException();                              \
			return (info).Env().Undefined();                                    \
		}                                                                           \
	} while (0)

namespace alf {

/* The bytes of a Uint8Array, valid as long as the call runs. */
struct Bytes {
	uint8_t *data;
	size_t size;
};

inline bool is_bytes(const Napi::Value &value) { return value.IsTypedArray(); }

inline Bytes bytes(const Napi::Value &value)
{
	auto array = value.As<Napi::Uint8Array>();
	return { array.Data(), array.ByteLength() };
}

inline int integer(const Napi::Value &value) { return value.As<Napi::Number>().Int32Value(); }

/* An unsigned number of 64 bits from a bigint. */
inline uint64_t unsigned64(const Napi::Value &value)
{
	bool lossless;
	return value.As<Napi::BigInt>().Uint64Value(&lossless);
}

/* Result of a system call: what it returned, or -errno. */
inline Napi::Value status(const Napi::CallbackInfo &info, long result)
{
	return Napi::Number::New(info.Env(), static_cast<double>(result < 0 ? -errno : result));
}

inline void define(Napi::Object exports, const char *name, Napi::Value (*function)(const Napi::CallbackInfo &))
{
	exports.Set(name, Napi::Function::New(exports.Env(), function, name));
}

} // namespace alf
