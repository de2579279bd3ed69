/* SPDX-License-Identifier: MIT
 *
 * TLS of the server: 1.2 with forward secrecy and 1.3, no tickets (their key would outlive the sessions), HTTP/1.1
 * only.
 */
#include "dashboard/server/server.h"

#include <errno.h>
#include <openssl/err.h>
#include <sys/stat.h>

#define FORWARD_SECRET "ECDHE+AESGCM:ECDHE+CHACHA20" /* of TLS 1.2: a key that leaks later opens no old session */

static int complain(SSL_CTX *ctx, const char *what, const char *path, struct nsc_error *error)
{
	char text[160];

	ERR_error_string_n(ERR_get_error(), text, sizeof(text));
	SSL_CTX_free(ctx);
	return nsc_fail(error, -EINVAL, "%s '%s' cannot be used: %s", what, path, text);
}

/* Who has the key can be the server. A group may have it (Debian's ssl-cert). */
static int check_key(const char *path, struct nsc_error *error)
{
	struct stat st;

	if (!stat(path, &st) && S_ISREG(st.st_mode) && st.st_mode & S_IRWXO)
		return nsc_fail(error, -EACCES, "the private key '%s' is open to others: chmod 640 it", path);
	return 0;
}

int nsc_tls_open(void **tls, const char *cert, const char *key, struct nsc_error *error)
{
	static const h2o_iovec_t protocols[] = { { H2O_STRLIT("http/1.1") }, { NULL, 0 } };
	int status = check_key(key, error);
	SSL_CTX *ctx = status ? NULL : SSL_CTX_new(TLS_server_method());

	if (status)
		return status;
	if (!ctx)
		return nsc_fail(error, -ENOMEM, "no memory for TLS");
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(ctx, FORWARD_SECRET);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		return complain(ctx, "the certificate", cert, error);
	if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		return complain(ctx, "the private key", key, error);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return complain(ctx, "with this certificate the private key", key, error);
	h2o_ssl_register_alpn_protocols(ctx, protocols);
	*tls = ctx;
	return 0;
}

void nsc_tls_close(void *tls)
{
	SSL_CTX_free(tls);
}
