/* Addresses of sockets, and which of them the plan declares. */
#include <netinet/in.h>
#include <string.h>

#include "companion.h"

uint16_t port_of(const struct sockaddr_storage *address)
{
	return ntohs(address->ss_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port :
						     ((const struct sockaddr_in6 *)address)->sin6_port);
}

static bool is_unspecified(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ?
		       ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY) :
		       IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr);
}

bool same_host(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family)
		return false;
	return a->ss_family == AF_INET ?
		       ((const struct sockaddr_in *)a)->sin_addr.s_addr == ((const struct sockaddr_in *)b)->sin_addr.s_addr :
		       memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr, &((const struct sockaddr_in6 *)b)->sin6_addr,
			      sizeof(struct in6_addr)) == 0;
}

static struct sockaddr_storage address_of(const struct alf_declaration *declaration)
{
	struct sockaddr_storage declared = { 0 };

	memcpy(&declared, declaration->address.data, declaration->address.size);
	return declared;
}

/* Whether a declaration covers a socket. */
static bool covers(const struct alf_declaration *declaration, const struct sockaddr_storage *address)
{
	const struct sockaddr_storage declared = address_of(declaration);

	if (port_of(&declared) != 0 && port_of(&declared) != port_of(address))
		return false;
	if (is_unspecified(&declared))
		return declared.ss_family == AF_INET6 || address->ss_family == AF_INET;
	return same_host(&declared, address);
}

bool is_port_declared(int protocol, uint16_t port)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;

	for (uint32_t i = 0; i < interception->declared_count; i++) {
		const struct sockaddr_storage declared = address_of(&interception->declared[i]);

		if (interception->declared[i].protocol == protocol && (port_of(&declared) == 0 || port_of(&declared) == port))
			return true;
	}
	return false;
}

bool is_declared(int protocol, const struct sockaddr_storage *address)
{
	const struct alf_interception *interception = &companion.launch.plan.interception;

	for (uint32_t i = 0; i < interception->declared_count; i++)
		if (interception->declared[i].protocol == protocol && covers(&interception->declared[i], address))
			return true;
	return false;
}
