/* Prints calls and answers them by the script. */
#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first that is not standard input, output or error. */
#define FIRST_FD 3
/* Below it are the descriptors of a target. */
#define FIRST_NEW_FD 7
#define MAX_FDS 256
#define LINE_BYTES 4096

static char **script;
static int script_count;
/* Whether a word names a call by its number. */
static bool has_numbers;
/* How often the word has been used. */
static int *uses;

static unsigned long calls;
static char held[LINE_BYTES];
static unsigned long held_times;

/* Standard input, output and error are. */
static bool is_open[MAX_FDS] = { true, true, true };
static int next_fd = FIRST_NEW_FD;

void read_script(int count, char **words)
{
	script = words;
	script_count = count;
	uses = calloc((size_t)count + 1, sizeof(*uses));
	if (uses == NULL)
		abort();
	for (int i = 0; i < count; i++)
		has_numbers |= words[i][0] >= '0' && words[i][0] <= '9';
}

/* Returns what follows `NAME=` in the word, or NULL. */
static const char *value_of(const char *word, const char *name)
{
	size_t size = strlen(name);

	return strncmp(word, name, size) == 0 && word[size] == '=' ? word + size + 1 : NULL;
}

static int find(const char *name)
{
	for (int i = 0; i < script_count; i++)
		if (value_of(script[i], name) != NULL)
			return i;
	return -1;
}

const char *setting(const char *name, const char *otherwise)
{
	int at = find(name);

	return at < 0 ? otherwise : value_of(script[at], name);
}

const char *next_setting(const char *name)
{
	int last = -1;

	for (int i = 0; i < script_count; i++) {
		if (value_of(script[i], name) == NULL)
			continue;
		last = i;
		if (uses[i] == 0)
			break;
	}
	if (last < 0)
		return NULL;
	uses[last]++;
	return value_of(script[last], name);
}

/* The answer of a word for the call: one after the other. */
static long take_answer(int at, const char *name)
{
	const char *values = value_of(script[at], name);

	for (int skip = uses[at]++; skip > 0; skip--) {
		const char *comma = strchr(values, ',');

		if (comma == NULL)
			break;
		values = comma + 1;
	}
	return strtol(values, NULL, 10);
}

static long find_answer(const char *name, long otherwise)
{
	char number[24];
	int at;

	if (has_numbers) {
		snprintf(number, sizeof(number), "%lu", calls);
		at = find(number);
		if (at >= 0)
			return take_answer(at, number);
	}
	at = find(name);
	return at < 0 ? otherwise : take_answer(at, name);
}

void flush_calls(void)
{
	if (held_times > 1)
		printf("%s (%lu times)\n", held, held_times);
	else if (held_times == 1)
		puts(held);
	held_times = 0;
	fflush(stdout);
}

static void hold(const char *line)
{
	if (held_times == 0 || strcmp(held, line) != 0) {
		flush_calls();
		snprintf(held, sizeof(held), "%s", line);
	}
	held_times++;
}

long answer_call(const char *name, long otherwise, const char *format, ...)
{
	char arguments[LINE_BYTES / 2], line[LINE_BYTES];
	va_list list;
	long result;

	va_start(list, format);
	vsnprintf(arguments, sizeof(arguments), format, list);
	va_end(list);
	snprintf(line, sizeof(line), "%s(%s)", name, arguments);
	calls++;
	hold(line);
	result = find_answer(name, otherwise);
	if (result == NEW_FD) {
		mark_open(next_fd);
		return next_fd++;
	}
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

void print_result(const char *format, ...)
{
	va_list list;

	flush_calls();
	printf("= ");
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
}

void mark_open(int fd)
{
	if (fd < 0 || fd >= MAX_FDS)
		abort();
	is_open[fd] = true;
}

void mark_closed(int fd)
{
	if (fd < 0 || fd >= MAX_FDS || !is_open[fd])
		print_result("closed %d, which is not open", fd);
	else
		is_open[fd] = false;
}

void print_open(void)
{
	for (int fd = FIRST_FD; fd < MAX_FDS; fd++)
		if (is_open[fd])
			print_result("left %d", fd);
}
