#ifndef REPLICAKIT_PIDFD_H
#define REPLICAKIT_PIDFD_H

#include <sys/types.h>

/* Opens a descriptor that refers to this very process and never to a later one with the same number.
   Returns -1 with errno set; ENOSYS before Linux 5.3. */
int rk_pidfd_open(pid_t pid);

/* Signals the process behind the descriptor: 0, or -1 with errno set (ESRCH: it has ended). */
int rk_pidfd_send_signal(int pidfd, int signal);

#endif
