/* The user and group databases. */
#include <grp.h>
#include <pwd.h>

#include <string>
#include <vector>

#include "addon.h"
#include "arguments.h"

using Info = Napi::CallbackInfo;

namespace {

/* Entries of a directory service can be long. Longer ones than this are not read. */
constexpr size_t LONGEST = 1 << 20;

/* Asks NSS with a buffer that grows. Returns an errno; 0 with a null result is "no such entry". */
template <typename Entry, typename Lookup>
int look_up(std::vector<char> &buffer, Entry **result, Lookup lookup)
{
	int error = ERANGE;
	for (buffer.resize(1024); error == ERANGE && buffer.size() <= LONGEST; buffer.resize(buffer.size() * 2)) {
		error = lookup(buffer.data(), buffer.size(), result);
		if (error != ERANGE)
			break;
	}
	/* How "no such entry" may be said. @see getpwnam(3) */
	bool absent = error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
	return absent ? 0 : error;
}

uint32_t unsigned32(const Napi::Value &value) { return value.As<Napi::Number>().Uint32Value(); }

std::string text(const Napi::Value &value) { return value.As<Napi::String>().Utf8Value(); }

} // namespace

/* user(name or uid) -> { name, uid, gid, home, shell }, 0 if there is no such entry, or -errno */
static Napi::Value find_user(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsString() || info[0].IsNumber());
	std::vector<char> buffer;
	passwd entry = {}, *found = nullptr;
	int error = look_up(buffer, &found, [&](char *data, size_t size, passwd **result) {
		return info[0].IsString() ? getpwnam_r(text(info[0]).c_str(), &entry, data, size, result)
					  : getpwuid_r(unsigned32(info[0]), &entry, data, size, result);
	});
	if (error != 0 || found == nullptr)
		return Napi::Number::New(info.Env(), -error);
	auto object = Napi::Object::New(info.Env());
	object.Set("name", found->pw_name);
	object.Set("uid", found->pw_uid);
	object.Set("gid", found->pw_gid);
	object.Set("home", found->pw_dir);
	object.Set("shell", found->pw_shell);
	return object;
}

/* group(name or gid) -> { name, gid }, 0 if there is no such entry, or -errno */
static Napi::Value find_group(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsString() || info[0].IsNumber());
	std::vector<char> buffer;
	group entry = {}, *found = nullptr;
	int error = look_up(buffer, &found, [&](char *data, size_t size, group **result) {
		return info[0].IsString() ? getgrnam_r(text(info[0]).c_str(), &entry, data, size, result)
					  : getgrgid_r(unsigned32(info[0]), &entry, data, size, result);
	});
	if (error != 0 || found == nullptr)
		return Napi::Number::New(info.Env(), -error);
	auto object = Napi::Object::New(info.Env());
	object.Set("name", found->gr_name);
	object.Set("gid", found->gr_gid);
	return object;
}

/* groupsOf(user, gid) -> the groups the user is a member of, and gid */
static Napi::Value groups_of(const Info &info)
{
	ALF_REQUIRE(info, info[0].IsString() && info[1].IsNumber());
	int count = 64;
	std::vector<gid_t> groups(count);
	while (getgrouplist(text(info[0]).c_str(), unsigned32(info[1]), groups.data(), &count) < 0)
		groups.resize(count);
	auto array = Napi::Array::New(info.Env(), count);
	for (int i = 0; i < count; i++)
		array.Set(i, groups[i]);
	return array;
}

void alf::define_accounts(Napi::Object exports)
{
	define(exports, "user", find_user);
	define(exports, "group", find_group);
	define(exports, "groupsOf", groups_of);
}
