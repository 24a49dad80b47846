/* What the files of the BCC addon share. */
#pragma once

#include <napi.h>

#include <string>

namespace alf {

void define_module(Napi::Object exports);
void define_log(Napi::Object exports);

/*
 * Keeps what is written to standard error as long as it lives, instead of letting it through: libbcc and clang print what
 * they have to say. If they end the process themselves, which LLVM does on some errors and on every crash, one line goes to
 * the real standard error, and the process ends with the status of a launch that failed.
 */
class StderrCapture {
public:
	/* what: what is being done, to follow "unable to"; an absolute path at most */
	explicit StderrCapture(const std::string &what);
	~StderrCapture();
	StderrCapture(const StderrCapture &) = delete;
	StderrCapture &operator=(const StderrCapture &) = delete;
};

} // namespace alf
