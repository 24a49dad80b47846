/* Memory that is never freed: execve(2) replaces it all. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"

void *allocate(size_t size)
{
	void *memory = calloc(size, 1);

	if (!memory)
		fail("allocate memory", "", ENOMEM, NULL);
	return memory;
}

char *join(const char *first, const char *second)
{
	size_t length = strlen(first), size = strlen(second) + 1;
	char *text = allocate(length + size);

	memcpy(text, first, length);
	memcpy(text + length, second, size);
	return text;
}
