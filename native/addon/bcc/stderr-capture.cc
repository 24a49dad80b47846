/* libbcc and clang write to standard error; their messages are kept until takeLog. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "../arguments.h"
#include "addon.h"

namespace {

/* The status with which a launch ends that has failed itself. */
constexpr int FAILED = 125;
constexpr int CRASHES[] = { SIGSEGV, SIGABRT, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
constexpr size_t CRASH_COUNT = sizeof(CRASHES) / sizeof(CRASHES[0]);

std::string said;

/* Read by signal handlers: set before anything can go wrong, -1 while nothing is captured. */
volatile int kept_stderr = -1;
volatile int memory = -1;
int stderr_flags;
char failing[4352];
struct sigaction before[CRASH_COUNT];
stack_t stack_before;
alignas(16) char signal_stack[1 << 16];

/* The first error LLVM has printed, or what else there is to say; async-signal-safe. */
const char *reason()
{
	static char text[4096];
	ssize_t size = pread(memory, text, sizeof(text) - 1, 0);
	text[size < 0 ? 0 : size] = '\0';
	for (const char *word : { "LLVM ERROR: ", "error: " }) {
		char *found = strstr(text, word);
		if (found == nullptr)
			continue;
		found += strlen(word);
		found[strcspn(found, "\n")] = '\0';
		/* It speaks of a line of what BCC has made of the source, and of a type of LLVM's. */
		char *words = strstr(found, "): ");
		return strstr(found, "in function ") != nullptr && words != nullptr ? words + 3 : found;
	}
	return "the compiler crashed\n  hint: write it in another way, or in libbpf style, which is compiled by the clang of your choice";
}

void put(const char *text)
{
	if (write(kept_stderr, text, strlen(text)) < 0)
		return;
}

/* The end of a process that libbcc or LLVM has decided on. */
[[noreturn]] void end_with_a_line()
{
	put("alfwrapper: unable to ");
	put(failing);
	put(": ");
	put(reason());
	put("\n");
	_exit(FAILED);
}

void on_crash(int) { end_with_a_line(); }

void on_exit()
{
	if (kept_stderr >= 0)
		end_with_a_line();
}

/* Standard error as it was, close-on-exec or not, open or not. */
void give_back()
{
	if (kept_stderr < 0)
		return;
	dup3(kept_stderr, STDERR_FILENO, stderr_flags & FD_CLOEXEC ? O_CLOEXEC : 0);
	close(kept_stderr);
	kept_stderr = -1;
}

void keep_what_was_said()
{
	char buffer[4096];
	ssize_t size;
	for (off_t at = 0; (size = pread(memory, buffer, sizeof(buffer), at)) > 0; at += size)
		said.append(buffer, size);
	close(memory);
	memory = -1;
}

/* takeLog() -> everything libbcc, clang and the verifier have said since the last call */
Napi::Value take_log(const Napi::CallbackInfo &info)
{
	auto result = Napi::String::New(info.Env(), said);
	said.clear();
	return result;
}

} // namespace

alf::StderrCapture::StderrCapture(const std::string &what)
{
	static bool registered = atexit(on_exit) == 0;
	(void)registered;

	strncpy(failing, what.c_str(), sizeof(failing) - 1);
	memory = memfd_create("alf_bcc", MFD_CLOEXEC);
	stderr_flags = fcntl(STDERR_FILENO, F_GETFD);
	int kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (memory < 0 || kept < 0 || dup2(memory, STDERR_FILENO) < 0) {
		/* The messages then go to standard error; compiling goes ahead. */
		if (kept >= 0)
			close(kept);
		return;
	}
	kept_stderr = kept;

	stack_t stack = {};
	stack.ss_sp = signal_stack;
	stack.ss_size = sizeof(signal_stack);
	sigaltstack(&stack, &stack_before);
	struct sigaction crash = {};
	crash.sa_handler = on_crash;
	crash.sa_flags = SA_ONSTACK;
	for (size_t i = 0; i < CRASH_COUNT; i++)
		sigaction(CRASHES[i], &crash, &before[i]);
}

alf::StderrCapture::~StderrCapture()
{
	if (kept_stderr >= 0) {
		for (size_t i = 0; i < CRASH_COUNT; i++)
			sigaction(CRASHES[i], &before[i], nullptr);
		sigaltstack(&stack_before, nullptr);
		give_back();
	}
	if (memory >= 0)
		keep_what_was_said();
}

void alf::define_log(Napi::Object exports) { define(exports, "takeLog", take_log); }
