// The socket under a client, as a stream of libmongoc.
//
// libmongoc's own streams have one timeout for the life of a client and no way to end a blocked call. This one ends
// every wait at a deadline that is set for each call, and at once when another thread asks for it. It also remembers
// how a wait ended, because libmongoc reports a deadline, a lost connection and an interruption in the same words.
#include "line.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

// Distinguishes the stream from libmongoc's kinds, which count up from 1.
#define RK_STREAM_TYPE 0x524B

struct rk_line {
    atomic_int references;
    atomic_bool interrupted;
    pthread_mutex_t lock;  // Held while `fd` changes or is shut down, so no other file of the same number is hit.
    int fd;
    // The rest belongs to the thread that runs the client's calls.
    int64_t deadline;
    rk_outcome outcome;
    int error;
    bool has_received;
    uint8_t first_byte;
};

typedef struct {
    mongoc_stream_t vtable;
    rk_line *line;
} rk_stream;

int64_t rk_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

bool rk_fail(rk_failure *failure, rk_outcome outcome, int number, const char *text) {
    failure->outcome = outcome;
    failure->number = number;
    snprintf(failure->text, sizeof failure->text, "%s", text);
    return false;
}

// MARK: - Life

rk_line *rk_line_new(void) {
    rk_line *line = calloc(1, sizeof *line);
    if (!line) return NULL;
    atomic_init(&line->references, 1);
    atomic_init(&line->interrupted, false);
    pthread_mutex_init(&line->lock, NULL);
    line->fd = -1;
    line->deadline = INT64_MAX;
    return line;
}

rk_line *rk_line_retain(rk_line *line) {
    atomic_fetch_add(&line->references, 1);
    return line;
}

static void set_socket(rk_line *line, int fd) {
    pthread_mutex_lock(&line->lock);
    int old = line->fd;
    line->fd = fd;
    pthread_mutex_unlock(&line->lock);
    if (old >= 0) close(old);
}

void rk_line_release(rk_line *line) {
    if (atomic_fetch_sub(&line->references, 1) > 1) return;
    set_socket(line, -1);
    pthread_mutex_destroy(&line->lock);
    free(line);
}

void rk_line_interrupt(rk_line *line) {
    atomic_store(&line->interrupted, true);
    pthread_mutex_lock(&line->lock);
    if (line->fd >= 0) shutdown(line->fd, SHUT_RDWR);
    pthread_mutex_unlock(&line->lock);
}

void rk_line_set_deadline(rk_line *line, int64_t deadline) { line->deadline = deadline; }

rk_outcome rk_line_outcome(const rk_line *line) {
    return atomic_load(&line->interrupted) ? RK_INTERRUPTED : line->outcome;
}

int rk_line_error(const rk_line *line) { return line->error; }

bool rk_line_has_received(const rk_line *line) { return line->has_received; }

bool rk_line_peer_speaks_tls(const rk_line *line) {
    // A TLS record begins with its kind: 0x15 an alert, 0x16 a handshake.
    return line->has_received && (line->first_byte == 0x15 || line->first_byte == 0x16);
}

void rk_line_reset(rk_line *line) {
    line->outcome = RK_OK;
    line->error = 0;
    line->has_received = false;
}

// MARK: - Waiting

static int ended(rk_line *line, rk_outcome outcome, int number) {
    if (line->outcome == RK_OK) {
        line->outcome = outcome;
        line->error = number;
    }
    errno = number;
    return -1;
}

// Whether the line must not be used any more: -1 with errno, or 0.
static int check(rk_line *line) {
    if (atomic_load(&line->interrupted)) return ended(line, RK_INTERRUPTED, ECANCELED);
    if (rk_now() >= line->deadline) return ended(line, RK_TIMED_OUT, ETIMEDOUT);
    return 0;
}

// Waits until the socket is ready, the deadline or `until` has come, or the line is interrupted.
// Gives 1 when ready, 0 at `until`, else -1 with errno.
static int wait_for(rk_line *line, short events, int64_t until) {
    for (;;) {
        if (check(line) < 0) return -1;
        int64_t now = rk_now();
        int64_t end = until < line->deadline ? until : line->deadline;
        int64_t left = end > now ? (end - now + 999) / 1000 : 0;
        struct pollfd item = {.fd = line->fd, .events = events};
        int ready = poll(&item, 1, left > 3600000 ? 3600000 : (int)left);
        if (ready > 0) return check(line) < 0 ? -1 : 1;
        if (ready < 0 && errno != EINTR) return ended(line, RK_CLOSED, errno);
        if (rk_now() >= until && until < line->deadline) return 0;
    }
}

// What to do after a system call on the socket failed: 1 try again, 0 would block, else -1 with errno.
static int after_error(rk_line *line, short events, int32_t timeout) {
    if (errno == EINTR) return 1;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return ended(line, RK_CLOSED, errno);
    if (timeout == 0) {
        errno = EAGAIN;
        return check(line) < 0 ? -1 : 0;
    }
    return wait_for(line, events, INT64_MAX);
}

// MARK: - Connecting

static bool connect_one(
    rk_line *line, int family, const struct sockaddr *address, socklen_t length, int64_t until, int *error) {
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd < 0) {
        *error = errno;
        return false;
    }
    int on = 1;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    if (family != AF_UNIX) setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#ifdef SO_NOSIGPIPE
    setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    set_socket(line, fd);
    int result = connect(fd, address, length);
    if (result < 0 && (errno == EINPROGRESS || errno == EINTR)) {
        result = wait_for(line, POLLOUT, until);
        if (result > 0) {
            socklen_t size = sizeof *error;
            if (getsockopt(fd, SOL_SOCKET, SO_ERROR, error, &size) == 0 && *error == 0) return check(line) == 0;
        } else {
            *error = ETIMEDOUT;
        }
        return false;
    }
    *error = errno;
    return result == 0;
}

static bool connect_failed(rk_line *line, int error, rk_failure *failure) {
    set_socket(line, -1);
    rk_outcome outcome = rk_line_outcome(line);
    if (outcome != RK_INTERRUPTED && outcome != RK_TIMED_OUT) outcome = RK_CONNECT_FAILED;
    return rk_fail(failure, outcome, error, strerror(error));
}

static bool connect_unix(rk_line *line, const char *path, rk_failure *failure) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int error = ENAMETOOLONG;
    if (strlen(path) < sizeof address.sun_path) {
        strcpy(address.sun_path, path);
        // A full backlog answers EAGAIN where TCP would wait.
        while (check(line) == 0) {
            const struct sockaddr *any = (const struct sockaddr *)&address;
            if (connect_one(line, AF_UNIX, any, sizeof address, line->deadline, &error)) return true;
            if (error != EAGAIN) break;
            usleep(2000);
        }
    }
    return connect_failed(line, error, failure);
}

bool rk_line_connect(rk_line *line, const char *host, uint16_t port, rk_failure *failure) {
    if (host[0] == '/') return connect_unix(line, host, failure);
    char service[8];
    snprintf(service, sizeof service, "%u", (unsigned)port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *addresses = NULL;
    int result = getaddrinfo(host, service, &hints, &addresses);
    if (check(line) < 0) {
        if (result == 0) freeaddrinfo(addresses);
        return connect_failed(line, line->error, failure);
    }
    if (result != 0) return rk_fail(failure, RK_NAME_UNKNOWN, result, gai_strerror(result));
    int left = 0, first_error = 0;
    for (struct addrinfo *each = addresses; each; each = each->ai_next) left++;
    for (struct addrinfo *each = addresses; each; each = each->ai_next, left--) {
        // An address that swallows packets leaves the others their share of the time.
        int64_t now = rk_now(), until = line->deadline;
        if (left > 1 && until > now) until = now + (until - now) / left;
        int error = 0;
        if (connect_one(line, each->ai_family, each->ai_addr, each->ai_addrlen, until, &error)) {
            freeaddrinfo(addresses);
            return true;
        }
        if (!first_error) first_error = error;
        if (check(line) < 0) break;
    }
    freeaddrinfo(addresses);
    return connect_failed(line, first_error, failure);
}

// MARK: - The stream

static void note_received(rk_line *line, const mongoc_iovec_t *iov) {
    if (line->has_received) return;
    line->has_received = true;
    line->first_byte = *(const uint8_t *)iov->iov_base;
}

// Leaves out the first `count` bytes of the buffers.
static void advance(mongoc_iovec_t **iov, size_t *iovcnt, size_t count) {
    while (*iovcnt > 0 && count >= (*iov)->iov_len) {
        count -= (*iov)->iov_len;
        (*iov)++;
        (*iovcnt)--;
    }
    if (*iovcnt > 0) {
        (*iov)->iov_base = (char *)(*iov)->iov_base + count;
        (*iov)->iov_len -= count;
    }
}

static ssize_t stream_transfer(
    rk_line *line, mongoc_iovec_t *iov, size_t iovcnt, size_t enough, int32_t timeout, bool reading) {
    ssize_t total = 0;
    while (iovcnt > 0) {
        if (check(line) < 0) return -1;
        struct msghdr message = {.msg_iov = iov, .msg_iovlen = iovcnt > 64 ? 64 : iovcnt};
        ssize_t count = reading ? recvmsg(line->fd, &message, 0) : sendmsg(line->fd, &message, MSG_NOSIGNAL);
        if (count > 0) {
            if (reading) note_received(line, iov);
            total += count;
            advance(&iov, &iovcnt, (size_t)count);
            if (reading && (size_t)total >= enough) break;
        } else if (count == 0) {
            if (line->outcome == RK_OK) ended(line, RK_CLOSED, 0);
            errno = ECONNRESET;
            return enough == 0 ? 0 : -1;  // A reader that asked for no minimum learns of the end by 0 bytes.
        } else {
            int next = after_error(line, reading ? POLLIN : POLLOUT, timeout);
            if (next == 0 && total > 0) break;
            if (next <= 0) return -1;
        }
    }
    return total;
}

static ssize_t stream_readv(
    mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t iovcnt, size_t enough, int32_t timeout) {
    return stream_transfer(((rk_stream *)stream)->line, iov, iovcnt, enough, timeout, true);
}

static ssize_t stream_writev(mongoc_stream_t *stream, mongoc_iovec_t *iov, size_t iovcnt, int32_t timeout) {
    // libmongoc keeps its list of buffers for a second try, so a copy is used up instead.
    mongoc_iovec_t *copy = malloc(iovcnt * sizeof *copy);
    if (!copy) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(copy, iov, iovcnt * sizeof *copy);
    ssize_t total = stream_transfer(((rk_stream *)stream)->line, copy, iovcnt, SIZE_MAX, timeout, false);
    int error = errno;
    free(copy);
    errno = error;
    return total;
}

static ssize_t stream_poll(mongoc_stream_poll_t *items, size_t count, int32_t timeout) {
    if (count != 1) {
        errno = EINVAL;
        return -1;
    }
    rk_line *line = ((rk_stream *)items->stream)->line;
    int64_t until = timeout < 0 ? INT64_MAX : rk_now() + (int64_t)timeout * 1000;
    int ready = wait_for(line, (short)items->events, until);
    if (ready == 0) return 0;
    // A line that has ended looks like one that the peer hung up: then libmongoc stops waiting.
    items->revents = ready < 0 ? POLLHUP : items->events;
    return 1;
}

static int stream_close(mongoc_stream_t *stream) {
    set_socket(((rk_stream *)stream)->line, -1);
    return 0;
}

static void stream_destroy(mongoc_stream_t *stream) {
    stream_close(stream);
    rk_line_release(((rk_stream *)stream)->line);
    free(stream);
}

static int stream_flush(mongoc_stream_t *stream) {
    (void)stream;
    return 0;
}

static int stream_setsockopt(mongoc_stream_t *stream, int level, int name, void *value, mongoc_socklen_t length) {
    return setsockopt(((rk_stream *)stream)->line->fd, level, name, value, length);
}

static bool stream_check_closed(mongoc_stream_t *stream) {
    char byte;
    ssize_t count = recv(((rk_stream *)stream)->line->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

static bool stream_timed_out(mongoc_stream_t *stream) {
    return ((rk_stream *)stream)->line->outcome == RK_TIMED_OUT;
}

static bool stream_should_retry(mongoc_stream_t *stream) {
    return ((rk_stream *)stream)->line->outcome == RK_OK && (errno == EAGAIN || errno == EWOULDBLOCK);
}

mongoc_stream_t *rk_line_stream(rk_line *line) {
    rk_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->line = rk_line_retain(line);
    stream->vtable = (mongoc_stream_t){
        .type = RK_STREAM_TYPE,
        .destroy = stream_destroy,
        .failed = stream_destroy,
        .close = stream_close,
        .flush = stream_flush,
        .writev = stream_writev,
        .readv = stream_readv,
        .setsockopt = stream_setsockopt,
        .check_closed = stream_check_closed,
        .poll = stream_poll,
        .timed_out = stream_timed_out,
        .should_retry = stream_should_retry,
    };
    return &stream->vtable;
}
