// SPDX-License-Identifier: BSD-3-Clause
/*
 * TLS 1.2 and 1.3 by Mbed TLS, whose cryptography is in the crypto partition: the server's
 * private key, which is persistent and is never anywhere else, and the keys of each connection.
 * docs/psa-crypto.md says how it is built.
 *
 *   tls serve CERTIFICATE [PORT]
 *	Echoes to all who connect, on the loopback interface; PORT 0, or none, is any that is
 *	free. Makes the key at its first start, and each time a certificate of it, which it
 *	writes to the file CERTIFICATE.
 *   tls connect CERTIFICATE PORT [COUNT [1.2|1.3]]
 *	Opens COUNT connections to a server with that certificate, keeps all of them, and sends
 *	something through each: at once, and again at the end of its input.
 */
#include <errno.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/pk.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <netinet/in.h>
#include <poll.h>
#include <psa/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <tstee.h>

#define HOST		"127.0.0.1"
#define NAME		"localhost"
#define KEY_ID		0x00746c73 /* "tls" */
#define ECHO_MAX	1024u
#define CERTIFICATE_MAX 4096u

struct connection {
	mbedtls_ssl_context ssl;
	mbedtls_net_context net;
	unsigned char data[ECHO_MAX]; /* what was read */
	size_t len;		      /* bytes of it */
	size_t sent;		      /* and those that were echoed */
};

static int fail(const char *what, int error)
{
	char text[128];

	mbedtls_strerror(error, text, sizeof(text));
	fprintf(stderr, "tls: %s: -0x%04x %s %s\n", what, (unsigned int)-error, text,
		tstee_error());
	return 1;
}

static int fail_psa(const char *what, psa_status_t status)
{
	fprintf(stderr, "tls: %s: PSA status %d %s\n", what, (int)status, tstee_error());
	return 1;
}

/* The server's key, which the partition keeps for this user. */
static psa_status_t find_key(void)
{
	psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
	psa_status_t status;
	psa_key_id_t key;

	status = psa_get_key_attributes(KEY_ID, &attributes);
	if (status != PSA_ERROR_INVALID_HANDLE)
		return status;
	psa_set_key_id(&attributes, KEY_ID);
	psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
	psa_set_key_bits(&attributes, 256);
	psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
	psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
	return psa_generate_key(&attributes, &key);
}

/* Signs a certificate of @key by itself, writes it to the file @path and parses it into @crt. */
static int certify(mbedtls_pk_context *key, const char *path, mbedtls_x509_crt *crt)
{
	char from[15], to[15];
	unsigned char pem[CERTIFICATE_MAX], serial[16];
	const time_t now = time(NULL), begin = now - 24 * 3600, end = now + 365 * 24 * 3600;
	mbedtls_x509write_cert request;
	FILE *file;
	int error;

	mbedtls_x509write_crt_init(&request);
	mbedtls_x509write_crt_set_subject_key(&request, key);
	mbedtls_x509write_crt_set_issuer_key(&request, key);
	mbedtls_x509write_crt_set_md_alg(&request, MBEDTLS_MD_SHA256);
	strftime(from, sizeof(from), "%Y%m%d%H%M%S", gmtime(&begin));
	strftime(to, sizeof(to), "%Y%m%d%H%M%S", gmtime(&end));
	error = psa_generate_random(serial, sizeof(serial)) ? MBEDTLS_ERR_X509_FATAL_ERROR : 0;
	serial[0] = 1; /* Positive, and no leading zeros. */
	if (!error)
		error = mbedtls_x509write_crt_set_serial_raw(&request, serial, sizeof(serial));
	if (!error)
		error = mbedtls_x509write_crt_set_validity(&request, from, to);
	if (!error)
		error = mbedtls_x509write_crt_set_subject_name(&request, "CN=" NAME);
	if (!error)
		error = mbedtls_x509write_crt_set_issuer_name(&request, "CN=" NAME);
	if (!error)
		error = mbedtls_x509write_crt_pem(&request, pem, sizeof(pem),
						  mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	if (!error)
		error = mbedtls_x509_crt_parse(crt, pem, strlen((char *)pem) + 1);
	mbedtls_x509write_crt_free(&request);
	if (error)
		return fail("a certificate", error);

	file = fopen(path, "w");
	if (!file || fputs((char *)pem, file) < 0 || fclose(file)) {
		perror(path);
		return 1;
	}
	return 0;
}

/* Goes on with the handshake, or the echo, until it must wait; poll's events, or an error. */
static int serve_more(struct connection *connection)
{
	mbedtls_ssl_context *ssl = &connection->ssl;
	int status;

	for (;;) {
		if (!mbedtls_ssl_is_handshake_over(ssl)) {
			status = mbedtls_ssl_handshake(ssl);
		} else if (connection->sent < connection->len) {
			status = mbedtls_ssl_write(ssl, connection->data + connection->sent,
						   connection->len - connection->sent);
			if (status > 0)
				connection->sent += (size_t)status;
		} else {
			status = mbedtls_ssl_read(ssl, connection->data, sizeof(connection->data));
			if (!status)
				return MBEDTLS_ERR_SSL_CONN_EOF;
			connection->len = status > 0 ? (size_t)status : 0;
			connection->sent = 0;
		}
		if (status == MBEDTLS_ERR_SSL_WANT_READ)
			return POLLIN;
		if (status == MBEDTLS_ERR_SSL_WANT_WRITE)
			return POLLOUT;
		if (status < 0)
			return status;
	}
}

static void close_connection(struct connection *connection)
{
	mbedtls_ssl_free(&connection->ssl);
	mbedtls_net_free(&connection->net);
	free(connection);
}

static struct connection *new_connection(const mbedtls_ssl_config *config)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	mbedtls_ssl_init(&connection->ssl);
	mbedtls_net_init(&connection->net);
	if (mbedtls_ssl_setup(&connection->ssl, config)) {
		close_connection(connection);
		return NULL;
	}
	mbedtls_ssl_set_bio(&connection->ssl, &connection->net, mbedtls_net_send, mbedtls_net_recv,
			    NULL);
	return connection;
}

/* The connections that a server has, in the order of what poll() is asked; the listener is 0. */
struct server {
	struct pollfd *polled;
	struct connection **connections;
	size_t count;
};

static int accept_one(struct server *server, mbedtls_net_context *listener,
		      const mbedtls_ssl_config *config)
{
	struct connection *connection = new_connection(config);
	const size_t count = server->count + 1;
	struct connection **connections;
	struct pollfd *polled;
	int error;

	if (!connection)
		return MBEDTLS_ERR_SSL_ALLOC_FAILED;
	error = mbedtls_net_accept(listener, &connection->net, NULL, 0, NULL);
	if (!error)
		error = mbedtls_net_set_nonblock(&connection->net);
	connections = realloc(server->connections, count * sizeof(*connections));
	if (connections)
		server->connections = connections;
	polled = realloc(server->polled, count * sizeof(*polled));
	if (polled)
		server->polled = polled;
	if (error || !connections || !polled) {
		close_connection(connection);
		return error ? error : MBEDTLS_ERR_SSL_ALLOC_FAILED;
	}
	connections[server->count] = connection;
	polled[server->count] = (struct pollfd){ .fd = connection->net.fd, .events = POLLIN };
	server->count = count;
	return 0;
}

static int serve_all(mbedtls_net_context *listener, const mbedtls_ssl_config *config)
{
	struct server server = { .count = 1 };
	int status;

	server.polled = calloc(1, sizeof(*server.polled));
	server.connections = calloc(1, sizeof(*server.connections));
	if (!server.polled || !server.connections)
		return 1;
	server.polled[0] = (struct pollfd){ .fd = listener->fd, .events = POLLIN };
	for (;;) {
		if (poll(server.polled, server.count, -1) < 0 && errno != EINTR) {
			perror("poll");
			return 1;
		}
		/* From the end, whence those come that take the places of others. */
		for (size_t i = server.count - 1; i; i--) {
			if (!server.polled[i].revents)
				continue;
			status = serve_more(server.connections[i]);
			if (status > 0) {
				server.polled[i].events = (short)status;
				continue;
			}
			if (status != MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY &&
			    status != MBEDTLS_ERR_SSL_CONN_EOF)
				fail("a connection", status);
			close_connection(server.connections[i]);
			server.count--;
			server.connections[i] = server.connections[server.count];
			server.polled[i] = server.polled[server.count];
		}
		if (server.polled[0].revents) {
			status = accept_one(&server, listener, config);
			if (status)
				fail("accept", status);
		}
	}
}

static int serve(const char *path, const char *port)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	mbedtls_net_context listener;
	mbedtls_ssl_config config;
	mbedtls_pk_context key;
	mbedtls_x509_crt crt;
	psa_status_t status;
	int error;

	mbedtls_net_init(&listener);
	mbedtls_ssl_config_init(&config);
	mbedtls_pk_init(&key);
	mbedtls_x509_crt_init(&crt);
	status = find_key();
	if (status != PSA_SUCCESS)
		return fail_psa("the server's key", status);
	/* Mbed TLS holds its ID, and nothing else of it. */
	error = mbedtls_pk_setup_opaque(&key, KEY_ID);
	if (error)
		return fail("the server's key", error);
	if (certify(&key, path, &crt))
		return 1;
	error = mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER,
					    MBEDTLS_SSL_TRANSPORT_STREAM,
					    MBEDTLS_SSL_PRESET_DEFAULT);
	if (!error)
		error = mbedtls_ssl_conf_own_cert(&config, &crt, &key);
	if (!error)
		error = mbedtls_net_bind(&listener, HOST, port, MBEDTLS_NET_PROTO_TCP);
	if (error)
		return fail("a server", error);
	mbedtls_ssl_conf_rng(&config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	if (getsockname(listener.fd, (struct sockaddr *)&address, &len)) {
		perror("getsockname");
		return 1;
	}
	printf("port %u\n", ntohs(address.sin_port));
	fflush(stdout);
	return serve_all(&listener, &config);
}

/* Opens one; NULL: it was said why not. */
static struct connection *open_one(const mbedtls_ssl_config *config, const char *port)
{
	struct connection *connection = new_connection(config);
	int error = MBEDTLS_ERR_SSL_ALLOC_FAILED;

	if (connection)
		error = mbedtls_ssl_set_hostname(&connection->ssl, NAME);
	if (!error)
		error = mbedtls_net_connect(&connection->net, HOST, port, MBEDTLS_NET_PROTO_TCP);
	if (!error)
		error = mbedtls_ssl_handshake(&connection->ssl);
	if (!error)
		return connection;
	fail("connect", error);
	if (connection)
		close_connection(connection);
	return NULL;
}

/* Sends something that tells @number, and waits for it to come back. */
static int exchange(struct connection *connection, unsigned long number)
{
	unsigned char sent[32], received[32];
	const int len = snprintf((char *)sent, sizeof(sent), "connection %lu", number);
	int have = 0, status;

	status = mbedtls_ssl_write(&connection->ssl, sent, (size_t)len);
	for (; status > 0 && have < len; have += status) {
		status = mbedtls_ssl_read(&connection->ssl, received + have, (size_t)(len - have));
		if (status <= 0)
			break;
	}
	if (status <= 0)
		return fail("exchange", status ? status : MBEDTLS_ERR_SSL_CONN_EOF);
	if (memcmp(sent, received, (size_t)len)) {
		fprintf(stderr, "tls: connection %lu: something else came back\n", number);
		return 1;
	}
	return 0;
}

static int exchange_all(struct connection **connections, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		if (exchange(connections[i], i))
			return 1;
	}
	printf("%lu connections answer, by %s\n", count,
	       mbedtls_ssl_get_version(&connections[0]->ssl));
	fflush(stdout);
	return 0;
}

static int connect_all(const char *path, const char *port, unsigned long count, const char *version)
{
	struct connection **connections = calloc(count, sizeof(struct connection *));
	mbedtls_ssl_config config;
	mbedtls_x509_crt crt;
	int error;

	mbedtls_ssl_config_init(&config);
	mbedtls_x509_crt_init(&crt);
	error = mbedtls_x509_crt_parse_file(&crt, path);
	if (!error)
		error = mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_CLIENT,
						    MBEDTLS_SSL_TRANSPORT_STREAM,
						    MBEDTLS_SSL_PRESET_DEFAULT);
	if (error || !connections)
		return fail(path, error);
	mbedtls_ssl_conf_rng(&config, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
	mbedtls_ssl_conf_ca_chain(&config, &crt, NULL);
	if (version && !strcmp(version, "1.2"))
		mbedtls_ssl_conf_max_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
	if (version && !strcmp(version, "1.3"))
		mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_3);

	for (unsigned long i = 0; i < count; i++) {
		connections[i] = open_one(&config, port);
		if (!connections[i]) {
			fprintf(stderr, "tls: %lu connections are open\n", i);
			return 1;
		}
	}
	if (exchange_all(connections, count))
		return 1;
	while (getchar() != EOF)
		;
	if (exchange_all(connections, count))
		return 1;
	/* Frees what the partition holds of each. */
	for (unsigned long i = 0; i < count; i++) {
		mbedtls_ssl_close_notify(&connections[i]->ssl);
		close_connection(connections[i]);
	}
	free(connections);
	mbedtls_x509_crt_free(&crt);
	mbedtls_ssl_config_free(&config);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long count = argc > 4 ? strtoul(argv[4], NULL, 10) : 1;
	psa_status_t status = psa_crypto_init();

	if (status != PSA_SUCCESS)
		return fail_psa("the crypto service can't be reached", status);
	if (argc > 2 && !strcmp(argv[1], "serve"))
		return serve(argv[2], argc > 3 ? argv[3] : "0");
	if (argc > 3 && count && !strcmp(argv[1], "connect"))
		return connect_all(argv[2], argv[3], count, argc > 5 ? argv[5] : NULL);
	fputs("usage: tls serve CERTIFICATE [PORT] | connect CERTIFICATE PORT [COUNT [1.2|1.3]]\n",
	      stderr);
	return 2;
}
