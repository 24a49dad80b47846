/* The accept queue of a listener. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "internal.h"

int alf_read_queue(struct alf_launch *launch, int fd, struct alf_queue *queue)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (alf_check(launch, ALF_STEP_QUEUE, ALF_CALL(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size))) < 0)
		return -1;
	/* Of a listener these two fields are the length and the maximum of its accept queue: tcp_get_info, net/ipv4/tcp.c. */
	queue->waiting = info.tcpi_unacked;
	queue->most = info.tcpi_sacked;
	return 0;
}
