/* How text of a user's is shown in a message of a program without Node. */
#ifndef ALF_SHOWN_H
#define ALF_SHOWN_H

#include <string.h>

/* As many bytes of a text are shown. */
#define ALF_SHOWN_BYTES 80
/* Room for four characters a byte, for what stands for the rest, and for the end. */
#define ALF_SHOWN_SIZE (4 * ALF_SHOWN_BYTES + 4)

/*
 * Writes the start of a text to a buffer of ALF_SHOWN_SIZE and returns the buffer. What a terminal would obey, and what is
 * not ASCII, is escaped: it must neither reach a terminal nor add a line.
 */
static inline const char *alf_shown(const char *text, char *buffer)
{
	static const char digits[] = "0123456789abcdef";
	char *end = buffer;
	int i;

	for (i = 0; i < ALF_SHOWN_BYTES && text[i] != 0; i++) {
		unsigned char byte = (unsigned char)text[i];
		if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
			*end++ = (char)byte;
			continue;
		}
		*end++ = '\\';
		*end++ = 'x';
		*end++ = digits[byte >> 4];
		*end++ = digits[byte & 15];
	}
	strcpy(end, text[i] != 0 ? "..." : "");
	return buffer;
}

#endif
