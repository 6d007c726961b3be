// The part of libmongoc that ReplicaKit uses, as functions that take bytes and give bytes.
//
// No type of libmongoc or libbson crosses this border: some builds of libbson align bson_t to 128 bytes, which Swift
// cannot hold, and opaque pointers of two kinds look alike to it.
#ifndef CMONGOSHIM_H
#define CMONGOSHIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// How a call ended.
typedef enum {
    RK_OK,              // It did what it should.
    RK_SERVER,          // The server answered with an error: see the reply.
    RK_INTERRUPTED,     // rk_line_interrupt was called.
    RK_TIMED_OUT,       // The deadline passed.
    RK_NAME_UNKNOWN,    // The host name has no address; number is getaddrinfo's.
    RK_CONNECT_FAILED,  // No address could be connected to; number is errno.
    RK_CLOSED,          // The peer closed the connection, or it broke; number is errno or 0.
    RK_TLS_SETTINGS,    // The TLS files are unusable.
    RK_TLS_HANDSHAKE,   // The TLS handshake failed.
    RK_TLS_EXPECTED,    // The peer speaks TLS only, and we did not.
    RK_AUTHENTICATION,  // The server did not accept who we are: see the reply, if there is one.
    RK_PROTOCOL,        // What came is not a message of MongoDB's protocol.
    RK_LIBRARY,         // Something else that libmongoc reports; number is its code.
} rk_outcome;

typedef struct {
    rk_outcome outcome;
    int number;
    char text[512];  // In words, from libmongoc or the system; may hold what the server sent.
} rk_failure;

// MARK: - The line: one socket

// Owns the socket of one client. Reference counted; `interrupt` and `retain` may be called from any thread at any
// time, everything else only by whoever runs the client's calls.
typedef struct rk_line rk_line;

// Makes a line that is not connected yet, with one reference; NULL without memory.
rk_line *rk_line_new(void);
void rk_line_release(rk_line *line);
// Makes whatever waits on the socket end at once, now and in future. The line cannot be used again.
void rk_line_interrupt(rk_line *line);
// Sets when calls give up, in microseconds of rk_now.
void rk_line_set_deadline(rk_line *line, int64_t deadline);
// The monotonic clock in microseconds.
int64_t rk_now(void);

// MARK: - The client

typedef struct rk_client rk_client;

// Who to connect to, and as whom. NULL where there is nothing to say; everything is copied.
typedef struct {
    const char *host;  // A host name, an IP address without brackets, or the path of a Unix socket.
    uint16_t port;     // 0 for a Unix socket.
    const char *user;
    const char *password;
    const char *source;     // The database of the user.
    const char *mechanism;  // NULL: what the server has for the user.
    const char *application;
    bool tls;
    const char *ca_file;
    const char *certificate_key_file;
    const char *certificate_password;
} rk_settings;

// Prepares the library: once in a process, before any client. Its log goes to the clients from then on.
void rk_library_start(void);

// Makes a client that is not connected; it takes a reference to the line. NULL on failure.
rk_client *rk_client_new(const rk_settings *settings, rk_line *line, rk_failure *failure);
// Ends its server session and frees it; gives up at the line's deadline.
void rk_client_free(rk_client *client);
// Connects, shakes hands and authenticates. Afterwards the reply is the server's answer to `hello`.
bool rk_client_open(rk_client *client, rk_failure *failure);
// Runs one command, which must be a well-formed document. The reply is there on success and after RK_SERVER.
bool rk_client_run(
    rk_client *client, const char *database, const uint8_t *command, size_t length, rk_failure *failure);
// The last reply, NULL when there is none; valid until the next call.
const uint8_t *rk_client_reply(const rk_client *client, size_t *length);
// Takes the oldest of the lines that libmongoc logged during this client's calls: its level (mongoc_log_level_t) and
// text, valid until the next call; NULL when there are no more.
const char *rk_client_next_log_line(rk_client *client, int *level);

// MARK: - Batches of a cursor

typedef struct rk_batch rk_batch;

// Takes the documents of a cursor's reply (`firstBatch` or `nextBatch`) over from the client, with the cursor's
// number; NULL when the reply has no such thing.
rk_batch *rk_batch_take(rk_client *client, int64_t *cursor);
void rk_batch_free(rk_batch *batch);
// The cursor's namespace, empty when the reply has none.
const char *rk_batch_namespace(const rk_batch *batch);
// An upper bound of the length of all its documents.
size_t rk_batch_length_limit(const rk_batch *batch);
// The length of the next document, 0 when there is none; -1 when the bytes are malformed.
int64_t rk_batch_next_length(const rk_batch *batch);
// Copies whole documents while they fit; gives the number of bytes and adds the number of documents to `count`.
size_t rk_batch_fill(rk_batch *batch, uint8_t *buffer, size_t capacity, size_t *count);

#endif
