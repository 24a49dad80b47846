/* Arguments of calls as text, for a line that a person reads. Each function writes to a buffer of its own. */
#ifndef ALF_FAKE_WORDS_H
#define ALF_FAKE_WORDS_H

#include <sys/socket.h>

const char *word_of_family(int family);
const char *word_of_type(int type);
const char *word_of_level(int level);
/* `reading`: for getsockopt(2), where a number may have another name. */
const char *word_of_option(int level, int name, int reading);
/* `127.0.0.1:80`, `[::]:80`, `unix /run/a`, `unix @a`. */
const char *word_of_address(const void *address, socklen_t size);
/* Without the port. */
const char *word_of_host(const struct sockaddr_storage *address);

#endif
