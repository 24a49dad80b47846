/* Who is at the other end of a connection. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "acceptor.h"

/* As systemd writes it: an IPv4 address in a mapped one as such, a scope by its name. */
static void write_in6(const struct sockaddr_in6 *in6, char *text, size_t room)
{
	char name[IF_NAMESIZE];
	size_t used;

	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		inet_ntop(AF_INET, in6->sin6_addr.s6_addr + 12, text, room);
	else
		inet_ntop(AF_INET6, &in6->sin6_addr, text, room);
	used = strlen(text);
	if (in6->sin6_scope_id == 0)
		return;
	if (if_indextoname(in6->sin6_scope_id, name))
		snprintf(text + used, room - used, "%%%s", name);
	else
		snprintf(text + used, room - used, "%%%u", in6->sin6_scope_id);
}

/* A name with a character that lines and variables must not have is ignored. */
static void write_un(const struct sockaddr_un *un, socklen_t size, char *text, size_t room)
{
	int length = (int)size - (int)offsetof(struct sockaddr_un, sun_path);
	int abstract = length > 0 && un->sun_path[0] == 0;

	if (length <= abstract)
		return;
	snprintf(text, room, "%s%.*s", abstract ? "@" : "", length - abstract, un->sun_path + abstract);
	for (const char *at = text; *at; at++)
		if (iscntrl((unsigned char)*at))
			*text = 0;
}

static void read_user(struct source *source, int fd)
{
	struct ucred peer = { 0, (uid_t)-1, (gid_t)-1 };
	socklen_t size = sizeof(peer);

	getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	memcpy(source->bytes, &peer.uid, sizeof(peer.uid));
	source->bytes[15] = 1; /* not like any address */
}

void read_peer(struct peer *peer, const union address *address, socklen_t size, int fd)
{
	unsigned char *bytes = peer->source.bytes;

	memset(peer, 0, sizeof(*peer));
	switch (address->any.sa_family) {
	case AF_INET:
		bytes[10] = bytes[11] = 0xff;
		memcpy(bytes + 12, &address->in.sin_addr, 4);
		inet_ntop(AF_INET, &address->in.sin_addr, peer->address, sizeof(peer->address));
		peer->port = ntohs(address->in.sin_port);
		return;
	case AF_INET6:
		memcpy(bytes, &address->in6.sin6_addr, IN6_IS_ADDR_V4MAPPED(&address->in6.sin6_addr) ? 16 : 8);
		write_in6(&address->in6, peer->address, sizeof(peer->address));
		peer->port = ntohs(address->in6.sin6_port);
		return;
	default:
		read_user(&peer->source, fd);
		write_un(&address->un, size, peer->address, sizeof(peer->address));
		peer->port = -1;
	}
}
