/* What is said of a socket. */
#include <errno.h>
#include <stdio.h>

#include "companion.h"

#define NOT_DECLARED "no --listen declares it"

static const char *const tier_names[ALF_TIERS] = { "none", "ebpf", "classic", "steer" };

int refuse(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address, int error,
	   const char *hint)
{
	struct socket_name name = name_socket(call, kind, address);
	char what[sizeof(name.text) + 16];

	snprintf(what, sizeof(what), "filter %s", name.text);
	report_refusal(what, -error, hint);
	return error;
}

int refuse_undeclared(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address)
{
	struct socket_name name = name_socket(call, kind, address);
	char what[sizeof(name.text) + 16];

	snprintf(what, sizeof(what), "allow %s", name.text);
	report_refusal(what, EACCES, NOT_DECLARED);
	return -EACCES;
}

void report_tier(const struct seccomp_notif *call, const char *kind, const struct sockaddr_storage *address,
		 enum alf_tier tier)
{
	struct socket_name name;
	char what[sizeof(name.text) + 16];

	if (!companion.launch.plan.interception.verbose)
		return;
	name = name_socket(call, kind, address);
	snprintf(what, sizeof(what), "%s: %s", name.text, tier_names[tier]);
	report_socket(what);
}
