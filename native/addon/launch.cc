/* The runtime for JavaScript. One launch at a time: a process becomes one target. */
#include <cstring>

#include "addon.h"
#include "arguments.h"
#include "runtime/alf_runtime.h"
#include "runtime/call.h"

using Info = Napi::CallbackInfo;

namespace {

alf_launch launch;
bool is_open;

const char *const steps[] = {
#define ALF_STEP(name, text) text,
	ALF_STEPS(ALF_STEP)
#undef ALF_STEP
};

/* { step, part, listener, index, errno } */
Napi::Object describe(Napi::Env env, const alf_failure &failure)
{
	auto object = Napi::Object::New(env);
	object.Set("step", steps[failure.step]);
	object.Set("part", static_cast<int>(failure.part));
	object.Set("listener", failure.listener);
	object.Set("index", failure.index);
	object.Set("errno", failure.error);
	return object;
}

Napi::Object describe(Napi::Env env, alf_step step, int error)
{
	alf_failure failure = {};
	failure.step = step;
	failure.error = error;
	return describe(env, failure);
}

Napi::Value copy(Napi::Env env, const sockaddr_storage &address)
{
	auto array = Napi::Uint8Array::New(env, sizeof(address));
	memcpy(array.Data(), &address, sizeof(address));
	return array;
}

Napi::Array sockets(Napi::Env env)
{
	auto array = Napi::Array::New(env);
	for (uint32_t i = 0; i < launch.opened && launch.sockets[i].ready; i++)
		array.Set(i, copy(env, launch.sockets[i].bound));
	return array;
}

/* Connections that are tested one by one by a function of JavaScript's. */
struct Test {
	Napi::Env env;
	Napi::Function function;
};

bool is_allowed(void *context, const alf_connection *connection)
{
	auto *test = static_cast<Test *>(context);
	/* It has thrown: the exception is passed on when the native function returns. */
	if (test->env.IsExceptionPending())
		return false;
	auto answer = test->function.Call({ copy(test->env, connection->from), copy(test->env, connection->to) });
	return !test->env.IsExceptionPending() && answer.ToBoolean();
}

Napi::Array removed(Napi::Env env)
{
	auto array = Napi::Array::New(env);
	for (uint32_t i = 0; i < launch.opened; i++) {
		const alf_socket &socket = launch.sockets[i];
		if (socket.removed == 0)
			continue;
		auto object = Napi::Object::New(env);
		object.Set("listener", i);
		object.Set("count", socket.removed);
		object.Set("reason", static_cast<int>(socket.reason));
		object.Set("errno", socket.reason_error);
		array.Set(array.Length(), object);
	}
	return array;
}

} // namespace

/*
 * launchOpen(plan, programFd) -> { failure, bound, companion }
 *
 * `bound` has the sockaddr of each listener that is open. `companion` is its process id, 0 if none was started.
 */
static Napi::Value launch_open(const Info &info)
{
	ALF_REQUIRE(info, alf::is_bytes(info[0]) && info[1].IsNumber() && !is_open);
	auto env = info.Env();
	auto encoded = alf::bytes(info[0]);
	auto result = Napi::Object::New(env);
	alf_plan plan;
	int error = alf_decode_plan(&plan, encoded.data, encoded.size);
	if (error == 0)
		error = alf_begin(&launch, &plan, alf::integer(info[1]));
	if (error < 0) {
		result.Set("failure", describe(env, ALF_STEP_PLAN, -error));
		result.Set("bound", Napi::Array::New(env));
		result.Set("companion", 0);
		return result;
	}
	is_open = true;
	if (alf_open(&launch) < 0)
		result.Set("failure", describe(env, launch.failure));
	result.Set("bound", sockets(env));
	result.Set("companion", static_cast<int>(launch.companion));
	return result;
}

/* launchSettle(isAllowed or undefined) -> { failure, removed: [{ listener, count, reason, errno }] } */
static Napi::Value launch_settle(const Info &info)
{
	ALF_REQUIRE(info, is_open && (info[0].IsFunction() || info[0].IsUndefined()));
	auto env = info.Env();
	Test test = { env, info[0].IsFunction() ? info[0].As<Napi::Function>() : Napi::Function() };
	int status = alf_settle(&launch, info[0].IsFunction() ? is_allowed : nullptr, &test);
	if (env.IsExceptionPending())
		return env.Undefined();
	auto result = Napi::Object::New(env);
	if (status < 0)
		result.Set("failure", describe(env, launch.failure));
	result.Set("removed", removed(env));
	return result;
}

/* launchHandover(target) -> failure. Returns only if nothing has changed. */
static Napi::Value launch_handover(const Info &info)
{
	ALF_REQUIRE(info, is_open && alf::is_bytes(info[0]));
	auto encoded = alf::bytes(info[0]);
	alf_target target;
	int error = alf_decode_target(&target, encoded.data, encoded.size);
	if (error < 0)
		return describe(info.Env(), ALF_STEP_PLAN, -error);
	alf_become(&launch, &target);
	alf_release_target(&target);
	return describe(info.Env(), launch.failure);
}

/* launchClose(): closes and removes what was opened; without effect if no launch is open. */
static Napi::Value launch_close(const Info &info)
{
	if (is_open)
		alf_close(&launch);
	is_open = false;
	return info.Env().Undefined();
}

/* failCall(number, errno): the runtime's call of this number fails from now on; 0 for none. -> the calls made so far */
static Napi::Value fail_call(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsNumber() && info[1].IsNumber());
	unsigned int calls = alf_calls;
	alf_calls = 0;
	alf_failing_call = static_cast<unsigned int>(alf::integer(info[0]));
	alf_failing_errno = alf::integer(info[1]);
	return Napi::Number::New(info.Env(), calls);
}

void alf::define_launch(Napi::Object exports)
{
	alf_record_limits();
	define(exports, "launchOpen", launch_open);
	define(exports, "launchSettle", launch_settle);
	define(exports, "launchHandover", launch_handover);
	define(exports, "launchClose", launch_close);
	define(exports, "failCall", fail_call);
}
