// One client of libmongoc: one server, one connection, one call at a time.
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "tap.h"

// The only server that a direct connection knows.
#define RK_SERVER_ID 1
#define RK_LOG_LINES 32

typedef struct {
    int level;
    char *text;
} log_line;

struct rk_client {
    mongoc_client_t *client;
    rk_line *line;
    char *host;
    uint16_t port;
    mongoc_ssl_opt_t tls_options;
    bool uses_tls;
    bool connected;       // The one connection was tried; there is no second.
    bool lost;            // libmongoc gave it up and wanted a second.
    rk_failure failure;   // Why connecting failed, if it did.
    rk_tap tap;
    mongoc_client_session_t *session;  // NULL where the server has none, as arbiters.
    bson_t *options;                   // Of every command: the server and the session.
    uint8_t *reply;       // NULL when there is none.
    uint32_t reply_length;
    log_line log[RK_LOG_LINES];
    size_t log_first, log_count;
    char *shown_log;
};

struct rk_batch {
    uint8_t *reply;
    uint32_t reply_length;
    const char *namespace;  // In the reply.
    bson_iter_t next;
    bool has_next;
};

// MARK: - Log

// Whose call the thread is running. libmongoc logs from the calling thread and has one handler for the process; it
// holds a lock around the handler, so lines are only put aside here.
static _Thread_local rk_client *current;

static void keep_log_line(mongoc_log_level_t level, const char *domain, const char *text, void *context) {
    (void)context;
    if (!current || current->log_count == RK_LOG_LINES) return;
    log_line *line = &current->log[(current->log_first + current->log_count++) % RK_LOG_LINES];
    line->level = (int)level;
    line->text = bson_strdup_printf("%s: %s", domain, text);
}

void rk_library_start(void) {
    mongoc_log_set_handler(keep_log_line, NULL);
    mongoc_init();
}

const char *rk_client_next_log_line(rk_client *client, int *level) {
    bson_free(client->shown_log);
    client->shown_log = NULL;
    if (client->log_count == 0) return NULL;
    log_line *line = &client->log[client->log_first];
    client->log_first = (client->log_first + 1) % RK_LOG_LINES;
    client->log_count--;
    *level = line->level;
    client->shown_log = line->text;
    line->text = NULL;
    return client->shown_log;
}

static const char *last_log_line(const rk_client *client) {
    if (client->log_count == 0) return "";
    return client->log[(client->log_first + client->log_count - 1) % RK_LOG_LINES].text;
}

// MARK: - Connecting

static mongoc_stream_t *connect_stream(rk_client *client) {
    rk_failure *failure = &client->failure;
    if (!rk_line_connect(client->line, client->host, client->port, failure)) return NULL;
    mongoc_stream_t *stream = rk_line_stream(client->line);
    if (!stream || !client->uses_tls) return stream;
    mongoc_ssl_opt_t options = client->tls_options;  // libmongoc writes to what it is given.
    mongoc_stream_t *secure = mongoc_stream_tls_new_with_hostname(stream, client->host, &options, 1);
    if (!secure) {
        mongoc_stream_destroy(stream);
        rk_fail(failure, RK_TLS_SETTINGS, 0, last_log_line(client));
        return NULL;
    }
    bson_error_t error = {0};
    if (!mongoc_stream_tls_handshake_block(secure, client->host, INT32_MAX, &error)) {
        rk_outcome outcome = rk_line_outcome(client->line);
        if (outcome != RK_INTERRUPTED && outcome != RK_TIMED_OUT) outcome = RK_TLS_HANDSHAKE;
        rk_fail(failure, outcome, rk_line_has_received(client->line), error.message);
        mongoc_stream_destroy(secure);
        return NULL;
    }
    return secure;
}

// libmongoc calls this whenever it wants a connection. A second one would hide that the first was lost.
static mongoc_stream_t *initiate(
    const mongoc_uri_t *uri, const mongoc_host_list_t *host, void *context, bson_error_t *error) {
    (void)uri;
    (void)host;
    rk_client *client = context;
    mongoc_stream_t *stream = NULL;
    if (client->connected) {
        client->lost = true;
    } else {
        client->connected = true;
        mongoc_stream_t *inner = connect_stream(client);
        if (inner && !(stream = rk_tap_stream(inner, &client->tap))) mongoc_stream_destroy(inner);
    }
    if (!stream) bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_CONNECT, "no connection");
    return stream;
}

// Whether a peer that hung up on a plain greeting speaks TLS: asked on a second connection.
static bool peer_wants_tls(rk_client *client) {
    rk_failure ignored;
    rk_line_reset(client->line);
    if (!rk_line_connect(client->line, client->host, client->port, &ignored)) return false;
    mongoc_stream_t *stream = rk_line_stream(client->line);
    if (!stream) return false;
    mongoc_ssl_opt_t options = {.weak_cert_validation = true};
    mongoc_stream_t *secure = mongoc_stream_tls_new_with_hostname(stream, client->host, &options, 1);
    if (secure) {
        bson_error_t error;
        (void)mongoc_stream_tls_handshake_block(secure, client->host, INT32_MAX, &error);
    }
    bool answered = rk_line_peer_speaks_tls(client->line);
    mongoc_stream_destroy(secure ? secure : stream);
    return answered;
}

// Keeps what an initialised document holds; its bytes move without a copy unless they are few.
static void take_reply(rk_client *client, bson_t *reply) {
    bson_free(client->reply);
    client->reply = reply ? bson_destroy_with_steal(reply, true, &client->reply_length) : NULL;
}

static void copy_reply(rk_client *client, const bson_t *reply) {
    bson_t copy;
    bson_copy_to(reply, &copy);
    take_reply(client, &copy);
}

static void explain_open_failure(rk_client *client, const bson_error_t *error, rk_failure *failure) {
    rk_outcome outcome = rk_line_outcome(client->line);
    int number = rk_line_error(client->line);
    if (client->failure.outcome != RK_OK) {
        *failure = client->failure;
        return;
    }
    if (client->tap.is_broken) {
        rk_fail(failure, RK_PROTOCOL, 0, "malformed message");
        return;
    }
    if (outcome == RK_CLOSED && !client->tap.has_received && client->uses_tls) {
        rk_fail(failure, RK_TLS_HANDSHAKE, 1, "the connection was closed right after the handshake");
        return;
    }
    if (outcome == RK_CLOSED && !rk_line_has_received(client->line)) {
        rk_fail(failure, peer_wants_tls(client) ? RK_TLS_EXPECTED : RK_CLOSED, number, error->message);
        return;
    }
    if (outcome != RK_OK) {
        rk_fail(failure, outcome, number, error->message);
        return;
    }
    bson_t answer;
    bool authenticating = error->code == MONGOC_ERROR_CLIENT_AUTHENTICATE || error->domain == MONGOC_ERROR_SCRAM;
    if (rk_tap_document(&client->tap, &answer)) copy_reply(client, &answer);
    rk_fail(failure, authenticating ? RK_AUTHENTICATION : RK_LIBRARY, (int)error->code, error->message);
}

// Without a session of ours libmongoc would get one for each command, for which it selects a server again; after an
// error such as NotWritablePrimary it then sleeps for half a second first.
static void start_session(rk_client *client) {
    bson_error_t ignored;
    mongoc_session_opt_t *options = mongoc_session_opts_new();
    mongoc_session_opts_set_causal_consistency(options, false);
    client->session = mongoc_client_start_session(client->client, options, &ignored);
    mongoc_session_opts_destroy(options);
    client->options = BCON_NEW("serverId", BCON_INT32(RK_SERVER_ID));
    if (client->session) (void)mongoc_client_session_append(client->session, client->options, &ignored);
}

bool rk_client_open(rk_client *client, rk_failure *failure) {
    bson_error_t error = {0};
    take_reply(client, NULL);
    current = client;
    client->tap.wanted = true;
    mongoc_server_description_t *server =
        mongoc_client_get_handshake_description(client->client, RK_SERVER_ID, NULL, &error);
    if (server) {
        copy_reply(client, mongoc_server_description_hello_response(server));
        mongoc_server_description_destroy(server);
        start_session(client);
    } else {
        explain_open_failure(client, &error, failure);
    }
    client->tap.wanted = false;
    current = NULL;
    return server != NULL;
}

// MARK: - Life

static bool set_uri(mongoc_uri_t *uri, const rk_settings *settings) {
    // Waits end at the line's deadline; libmongoc's own limits are out of the way, and so are its repeated greetings,
    // which a connection that lives as long as one piece of work does not need.
    bool done = mongoc_uri_set_option_as_bool(uri, MONGOC_URI_DIRECTCONNECTION, true) &&
        mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYREADS, false) &&
        mongoc_uri_set_option_as_bool(uri, MONGOC_URI_RETRYWRITES, false) &&
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, INT32_MAX / 2) &&
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, INT32_MAX / 2) &&
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, INT32_MAX / 2) &&
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_HEARTBEATFREQUENCYMS, INT32_MAX / 2) &&
        mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETCHECKINTERVALMS, INT32_MAX / 2);
    if (settings->mechanism) done = done && mongoc_uri_set_auth_mechanism(uri, settings->mechanism);
    if (settings->source) done = done && mongoc_uri_set_auth_source(uri, settings->source);
    if (settings->user) done = done && mongoc_uri_set_username(uri, settings->user);
    if (settings->password) done = done && mongoc_uri_set_password(uri, settings->password);
    return done;
}

static mongoc_uri_t *make_uri(const rk_settings *settings) {
    // Only messages of libmongoc that never get out show this host: the line connects by itself.
    mongoc_uri_t *uri = mongoc_uri_new_for_host_port("member", settings->port ? settings->port : 27017);
    if (uri && set_uri(uri, settings)) return uri;
    if (uri) mongoc_uri_destroy(uri);
    return NULL;
}

static void set_tls(rk_client *client, const rk_settings *settings) {
    client->uses_tls = settings->tls;
    if (!settings->tls) return;
    client->tls_options.ca_file = bson_strdup(settings->ca_file);
    client->tls_options.pem_file = bson_strdup(settings->certificate_key_file);
    client->tls_options.pem_pwd = bson_strdup(settings->certificate_password);
    // For the user name of MONGODB-X509. The handshake is the initiator's, so this comes before the initiator.
    mongoc_client_set_ssl_opts(client->client, &client->tls_options);
}

rk_client *rk_client_new(const rk_settings *settings, rk_line *line, rk_failure *failure) {
    rk_client *client = calloc(1, sizeof *client);
    if (!client) {
        rk_fail(failure, RK_LIBRARY, 0, "out of memory");
        return NULL;
    }
    client->line = rk_line_retain(line);
    client->host = bson_strdup(settings->host);
    client->port = settings->port;
    current = client;
    bson_error_t error = {0};
    mongoc_uri_t *uri = make_uri(settings);
    if (uri) client->client = mongoc_client_new_from_uri_with_error(uri, &error);
    if (client->client) {
        mongoc_client_set_error_api(client->client, 2);
        if (settings->application) mongoc_client_set_appname(client->client, settings->application);
        set_tls(client, settings);
        mongoc_client_set_stream_initiator(client->client, initiate, client);
    } else {
        rk_fail(failure, RK_LIBRARY, (int)error.code, error.code ? error.message : last_log_line(client));
    }
    if (uri) mongoc_uri_destroy(uri);
    current = NULL;
    if (client->client) return client;
    rk_client_free(client);
    return NULL;
}

static bool send_command(rk_client *client, const char *database, const bson_t *command, bson_error_t *error) {
    bson_t reply;
    current = client;
    bool done = mongoc_client_command_with_opts(
        client->client, database, command, NULL, client->options, &reply, error);
    current = NULL;
    take_reply(client, &reply);
    return done;
}

// Tells the server that the session has ended; libmongoc's own way would first look for a server.
static void end_session(rk_client *client) {
    if (!client->session) return;
    if (rk_line_outcome(client->line) == RK_OK && !client->lost) {
        bson_error_t ignored;
        bson_t *command =
            BCON_NEW("endSessions", "[", BCON_DOCUMENT(mongoc_client_session_get_lsid(client->session)), "]");
        (void)send_command(client, "admin", command, &ignored);
        bson_destroy(command);
    }
    mongoc_client_session_destroy(client->session);
    mongoc_client_reset(client->client);
}

void rk_client_free(rk_client *client) {
    int level;
    end_session(client);
    current = client;
    if (client->client) mongoc_client_destroy(client->client);
    current = NULL;
    if (client->options) bson_destroy(client->options);
    take_reply(client, NULL);
    while (rk_client_next_log_line(client, &level)) {
    }
    bson_free((void *)client->tls_options.ca_file);
    bson_free((void *)client->tls_options.pem_file);
    if (client->tls_options.pem_pwd) {
        bson_zero_free((void *)client->tls_options.pem_pwd, strlen(client->tls_options.pem_pwd));
    }
    free(client->tap.bytes);
    bson_free(client->host);
    rk_line_release(client->line);
    free(client);
}

// MARK: - Commands

bool rk_client_run(
    rk_client *client, const char *database, const uint8_t *command, size_t length, rk_failure *failure) {
    bson_t body;
    bson_error_t error = {0};
    take_reply(client, NULL);
    if (!bson_init_static(&body, command, length)) {
        return rk_fail(failure, RK_LIBRARY, 0, "the command is not a document");
    }
    if (!client->options) return rk_fail(failure, RK_CLOSED, 0, "the client is not connected");
    if (send_command(client, database, &body, &error)) return true;
    if (error.domain == MONGOC_ERROR_SERVER) return rk_fail(failure, RK_SERVER, (int)error.code, error.message);
    rk_outcome outcome = rk_line_outcome(client->line);
    if (outcome == RK_OK && client->tap.is_broken) outcome = RK_PROTOCOL;
    if (outcome == RK_OK && client->lost) outcome = RK_CLOSED;
    if (outcome != RK_OK) return rk_fail(failure, outcome, rk_line_error(client->line), error.message);
    return rk_fail(failure, RK_LIBRARY, (int)error.code, error.message);
}

const uint8_t *rk_client_reply(const rk_client *client, size_t *length) {
    if (!client->reply) return NULL;
    *length = client->reply_length;
    return client->reply;
}

// MARK: - Batches

rk_batch *rk_batch_take(rk_client *client, int64_t *cursor) {
    bson_iter_t top, field, documents;
    bool has_documents = false, has_number = false;
    const char *namespace = "";
    if (!client->reply || !bson_iter_init_from_data(&top, client->reply, client->reply_length) ||
        !bson_iter_find(&top, "cursor") || !BSON_ITER_HOLDS_DOCUMENT(&top) || !bson_iter_recurse(&top, &field)) {
        return NULL;
    }
    while (bson_iter_next(&field)) {
        const char *key = bson_iter_key(&field);
        if (!strcmp(key, "id") && BSON_ITER_HOLDS_INT(&field)) {
            *cursor = bson_iter_as_int64(&field);
            has_number = true;
        } else if ((!strcmp(key, "firstBatch") || !strcmp(key, "nextBatch")) && BSON_ITER_HOLDS_ARRAY(&field)) {
            has_documents = bson_iter_recurse(&field, &documents);
        } else if (!strcmp(key, "ns") && BSON_ITER_HOLDS_UTF8(&field)) {
            namespace = bson_iter_utf8(&field, NULL);
        }
    }
    rk_batch *batch = has_documents && has_number ? calloc(1, sizeof *batch) : NULL;
    if (!batch) return NULL;
    batch->reply = client->reply;
    batch->reply_length = client->reply_length;
    batch->namespace = namespace;
    client->reply = NULL;
    batch->next = documents;
    batch->has_next = bson_iter_next(&batch->next);
    return batch;
}

void rk_batch_free(rk_batch *batch) {
    bson_free(batch->reply);
    free(batch);
}

const char *rk_batch_namespace(const rk_batch *batch) { return batch->namespace; }

size_t rk_batch_length_limit(const rk_batch *batch) { return batch->reply_length; }

int64_t rk_batch_next_length(const rk_batch *batch) {
    if (!batch->has_next) return batch->next.err_off ? -1 : 0;
    if (!BSON_ITER_HOLDS_DOCUMENT(&batch->next)) return -1;
    const uint8_t *bytes;
    uint32_t length;
    bson_iter_document(&batch->next, &length, &bytes);
    return length >= 5 ? (int64_t)length : -1;
}

size_t rk_batch_fill(rk_batch *batch, uint8_t *buffer, size_t capacity, size_t *count) {
    size_t used = 0;
    int64_t next;
    while ((next = rk_batch_next_length(batch)) > 0 && (size_t)next <= capacity - used) {
        const uint8_t *bytes;
        uint32_t length;
        bson_iter_document(&batch->next, &length, &bytes);
        memcpy(buffer + used, bytes, length);
        used += length;
        (*count)++;
        batch->has_next = bson_iter_next(&batch->next);
    }
    return used;
}
