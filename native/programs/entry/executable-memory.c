/* Whether this process may generate machine code. MemoryDenyWriteExecute= of systemd and SELinux deny it. */
#include <sys/mman.h>
#include <unistd.h>

#include "entry.h"

int can_generate_code(void)
{
	long size = sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return 0;
	munmap(page, size);
	return 1;
}
