/*
 * The entry: records what node changes in a process before any JavaScript runs, then becomes node.
 *
 * The record and the environment are decoded by src/exec; native/runtime/handover.c restores the recorded state.
 */
#ifndef ALF_ENTRY_H
#define ALF_ENTRY_H

#include <stddef.h>

/*
 * Returns the record of this process as a variable for node: ALFWRAPPER_STATE=BLOCKED IGNORED SOFT:HARD FD,FD,…,
 * BLOCKED and IGNORED are hexadecimal signal masks, SOFT and HARD the limit on open files, FD the inherited descriptors.
 */
char *record_state(void);

/*
 * Returns the environment for node: the record, then the variables of the caller in their order. Those that would change
 * node itself start with an additional '=', and so do those that started with one.
 */
char **encode_environment(char *record, char **variables);

/* Returns the directory of this program; links to it are resolved. */
const char *find_root(void);

/*
 * Becomes the first node in PATH, which runs dist/alfwrapper.cjs of the root with the caller's arguments. Empty and relative
 * directories in PATH are skipped: node gets the caller's privileges, the working directory may be another user's.
 */
void become_node(const char *root, char **arguments, char **environment) __attribute__((noreturn));

/* Returns whether memory can be both writable and executable. Without it V8 aborts, unless it only interprets. */
int can_generate_code(void);

/* Returns zeroed memory. */
void *allocate(size_t size);

/* Returns two texts as one. */
char *join(const char *first, const char *second);

/*
 * Ends with status 125 and one line: alfwrapper: unable to WHAT OBJECT: REASON (ERRNO). Without an error there is no reason,
 * without a hint the errno decides whether there is one.
 */
void fail(const char *what, const char *object, int error, const char *hint) __attribute__((noreturn));

#endif
