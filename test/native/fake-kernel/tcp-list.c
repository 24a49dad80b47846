/*
 * The list of TCP sockets and the rules. Settings:
 *
 *   look=SOCKET;SOCKET...   what one look lists, the next setting what the next look does; the last is repeated
 *   look=ERROR              a look that fails with a negated errno
 *
 * A SOCKET is `STATE COOKIE DEVICE TRANSPARENT FROM PORT TO PORT`.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../native/runtime/internal.h"
#include "rules.h"
#include "script.h"
#include "words.h"

static void write_end(struct sockaddr_storage *end, const char *host, uint16_t port)
{
	struct sockaddr_in *end4 = (struct sockaddr_in *)end;
	struct sockaddr_in6 *end6 = (struct sockaddr_in6 *)end;

	memset(end, 0, sizeof(*end));
	end4->sin_port = htons(port);
	end->ss_family = strchr(host, ':') == NULL ? AF_INET : AF_INET6;
	if (inet_pton(end->ss_family, host, end->ss_family == AF_INET ? (void *)&end4->sin_addr : &end6->sin6_addr) != 1)
		abort();
}

static void read_socket(const char *text, struct alf_tcp_socket *socket)
{
	char from[64], to[64];
	unsigned int state, transparent;
	unsigned long long cookie;
	uint16_t from_port, to_port;

	if (sscanf(text, "%u %llu %u %u %63s %hu %63s %hu", &state, &cookie, &socket->device, &transparent, from,
		   &from_port, to, &to_port) != 8)
		abort();
	socket->state = (uint8_t)state;
	socket->cookie = cookie;
	socket->transparent = transparent != 0;
	write_end(&socket->ends.from, from, from_port);
	write_end(&socket->ends.to, to, to_port);
}

int __wrap_alf_list_tcp(struct alf_tcp_list *list, int family, uint16_t port)
{
	const char *text = next_setting("look");
	long result = answer_call("alf_list_tcp", 0, "%s, %u", word_of_family(family), port);

	*list = (struct alf_tcp_list){ 0 };
	if (text == NULL || text[0] == '-')
		return text == NULL ? -EACCES : atoi(text);
	list->sockets = calloc(strlen(text) + 1, sizeof(*list->sockets));
	for (; text != NULL && text[0] != 0; text = strchr(text, ';')) {
		text += text[0] == ';';
		read_socket(text, &list->sockets[list->count++]);
	}
	return (int)result;
}

bool is_allowed(void *context, const struct alf_connection *connection)
{
	char from[128];

	(void)context;
	snprintf(from, sizeof(from), "%s", word_of_address(&connection->from, alf_address_size(&connection->from)));
	return answer_call("is_allowed", 1, "%s, %s", from,
			   word_of_address(&connection->to, alf_address_size(&connection->to))) == 1;
}
