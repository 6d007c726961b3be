// Reads every document of a database's collections with libmongoc's cursors, and does nothing with them: what any dump on
// that library costs at least. The URI comes on standard input, so that no password is an argument.
#include <mongoc/mongoc.h>
#include <stdio.h>
#include <string.h>

int main(int count, char **arguments) {
    char uri[1024];
    if (count != 2 || !fgets(uri, sizeof uri, stdin)) return 64;
    uri[strcspn(uri, "\n")] = 0;
    mongoc_init();
    mongoc_client_t *client = mongoc_client_new(uri);
    if (!client) return 1;
    mongoc_database_t *database = mongoc_client_get_database(client, arguments[1]);
    bson_error_t error;
    char **names = mongoc_database_get_collection_names_with_opts(database, NULL, &error);
    if (!names) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    unsigned long long bytes = 0;
    for (char **name = names; *name; name++) {
        mongoc_collection_t *collection = mongoc_client_get_collection(client, arguments[1], *name);
        bson_t filter = BSON_INITIALIZER;
        mongoc_cursor_t *cursor = mongoc_collection_find_with_opts(collection, &filter, NULL, NULL);
        const bson_t *document;
        while (mongoc_cursor_next(cursor, &document)) bytes += document->len;
        if (mongoc_cursor_error(cursor, &error)) {
            fprintf(stderr, "%s\n", error.message);
            return 1;
        }
        mongoc_cursor_destroy(cursor);
        mongoc_collection_destroy(collection);
    }
    printf("%llu\n", bytes);
    return 0;
}
