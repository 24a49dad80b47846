/* The environment of node, from which src/exec gets the caller's back. */
#include <string.h>

#include "entry.h"

/*
 * What variables begin with that change how node starts, before any code of ours runs; they are the target's. The C library
 * of Debian 12 cuts GLIBC_TUNABLES into pieces where /proc/self/environ shows them. "=" makes the encoding reversible.
 */
static const char *const hidden[] = { "GLIBC_TUNABLES=", "ICU_", "NODE_", "OPENSSL_", "SSL_CERT_", "UV_", "=" };

static int is_hidden(const char *variable)
{
	for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++)
		if (strncmp(variable, hidden[i], strlen(hidden[i])) == 0)
			return 1;
	return 0;
}

char **encode_environment(char *record, char **variables)
{
	size_t count = 0;

	while (variables[count])
		count++;
	char **environment = allocate((count + 2) * sizeof(*environment));
	environment[0] = record;
	for (size_t i = 0; i < count; i++)
		environment[i + 1] = is_hidden(variables[i]) ? join("=", variables[i]) : variables[i];
	return environment;
}
