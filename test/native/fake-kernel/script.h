/*
 * The script of a fake kernel: words of the command line.
 *
 *   NAME=ANSWER[,ANSWER...]   answers the calls of a name one after the other; the last answer is repeated
 *   NUMBER=ANSWER             answers the call of this number, from 1, of any name
 *   SETTING=TEXT              what the kernel says in the memory of the caller: see the file that reads the setting
 *
 * An answer is a result >= 0 or a negated errno.
 */
#ifndef ALF_FAKE_SCRIPT_H
#define ALF_FAKE_SCRIPT_H

#include <limits.h>
#include <stdbool.h>

/* The answer of a call that returns a new descriptor. */
#define NEW_FD LONG_MIN

void read_script(int count, char **words);

/*
 * Prints a call, `NAME(ARGUMENTS)`. Returns its answer, `otherwise` if the script has none. A negative answer is stored in
 * errno and -1 is returned.
 */
long answer_call(const char *name, long otherwise, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Returns the text of a setting. */
const char *setting(const char *name, const char *otherwise);
/* Returns the text of the next occurrence of a setting; the last one is repeated. NULL if there is none. */
const char *next_setting(const char *name);

/* Prints a line that is no call: `= TEXT`. */
void print_result(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints what is held back: equal calls are printed as one, with their number. */
void flush_calls(void);

/* Descriptors. */
void mark_open(int fd);
void mark_closed(int fd);
/* Prints those that are still open. */
void print_open(void);

#endif
