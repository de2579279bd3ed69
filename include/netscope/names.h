/* SPDX-License-Identifier: MIT
 *
 * Who a flow talks to, as its own first bytes say: application, name, offered protocols, fingerprint. docs/names.md
 * says where each of them comes from.
 *
 * Names are hostile text. They are made harmless where they enter: letters, digits and the characters of
 * NSC_NAME_PLAIN stand as they are (letters of names in lower case), every other byte is written %XX, and so is a `-`
 * in front. So no output needs to quote them.
 */
#ifndef NETSCOPE_NAMES_H
#define NETSCOPE_NAMES_H

#include "netscope/base.h"

/* X(ID, "name as exported"). Those behind the gap are known by their port only. */
#define NSC_APPS(X)                                                                                                    \
	X(TLS, "tls")                                                                                                  \
	X(QUIC, "quic")                                                                                                \
	X(HTTP, "http")                                                                                                \
	X(HTTP2, "http2") /* without TLS, by prior knowledge */                                                        \
	X(DNS, "dns")                                                                                                  \
	X(MDNS, "mdns")                                                                                                \
	X(LLMNR, "llmnr")                                                                                              \
	X(SSH, "ssh")                                                                                                  \
	X(SMTP, "smtp")                                                                                                \
	X(FTP, "ftp")                                                                                                  \
	X(IMAP, "imap")                                                                                                \
	X(POP3, "pop3")                                                                                                \
	X(RTSP, "rtsp")                                                                                                \
	X(SIP, "sip")                                                                                                  \
	X(MQTT, "mqtt")                                                                                                \
	X(REDIS, "redis")                                                                                              \
	X(POSTGRESQL, "postgresql")                                                                                    \
	X(MYSQL, "mysql")                                                                                              \
	X(MODBUS, "modbus")                                                                                            \
                                                                                                                       \
	X(AMQP, "amqp")                                                                                                \
	X(BGP, "bgp")                                                                                                  \
	X(DHCP, "dhcp")                                                                                                \
	X(DHCPV6, "dhcpv6")                                                                                            \
	X(IKE, "ike")                                                                                                  \
	X(KERBEROS, "kerberos")                                                                                        \
	X(LDAP, "ldap")                                                                                                \
	X(MSSQL, "mssql")                                                                                              \
	X(NETBIOS, "netbios")                                                                                          \
	X(NFS, "nfs")                                                                                                  \
	X(NTP, "ntp")                                                                                                  \
	X(OPENVPN, "openvpn")                                                                                          \
	X(RADIUS, "radius")                                                                                            \
	X(RDP, "rdp")                                                                                                  \
	X(SMB, "smb")                                                                                                  \
	X(SNMP, "snmp")                                                                                                \
	X(SSDP, "ssdp")                                                                                                \
	X(STUN, "stun")                                                                                                \
	X(SYSLOG, "syslog")                                                                                            \
	X(TELNET, "telnet")                                                                                            \
	X(TFTP, "tftp")                                                                                                \
	X(VNC, "vnc")                                                                                                  \
	X(WIREGUARD, "wireguard")

enum nsc_app {
	NSC_APP_NONE,
#define NSC_X(id, name) NSC_APP_##id,
	NSC_APPS(NSC_X)
#undef NSC_X
		NSC_APP_COUNT
};

/* How the application is known: X(ID, "name as exported"). */
#define NSC_APP_SOURCES(X)                                                                                             \
	X(PAYLOAD, "payload") /* the flow's own bytes say so */                                                        \
	X(PORT, "port")       /* only its port does */

enum nsc_app_source {
	NSC_APP_SOURCE_NONE,
#define NSC_X(id, name) NSC_APP_SOURCE_##id,
	NSC_APP_SOURCES(NSC_X)
#undef NSC_X
		NSC_APP_SOURCE_COUNT
};

enum nsc_names {
	NSC_NAMES_OFF,  /* nobody looks */
	NSC_NAMES_APPS, /* applications, protocols and fingerprints, but no names */
	NSC_NAMES_FULL,
};

#define NSC_NAME_PLAIN ".-_:[]*/~"

enum {
	NSC_NAME_MAX = 255, /* characters, as written; a longer name is no name */
	NSC_ALPN_MAX = 63,  /* of all protocols, joined by `;`; what does not fit is left out, from the end */
	NSC_JA4_LENGTH = 36,
};

struct nsc_named {           /* what a flow said; all text without NUL */
	uint8_t app;         /* enum nsc_app */
	uint8_t source;      /* enum nsc_app_source; NONE exactly without an app */
	uint8_t name_length; /* 0 = no name */
	uint8_t alpn_length; /* 0 = none were offered */
	uint8_t ja4_length;  /* 0 or NSC_JA4_LENGTH */
	char name[NSC_NAME_MAX];
	char alpn[NSC_ALPN_MAX];
	char ja4[NSC_JA4_LENGTH];
};

/* Names are kept where the worker is that saw them, and a record carries a handle of 40 bits. One below
 * NSC_NAME_HANDLE_MIN stands for no words. */
enum {
	NSC_NAME_HANDLE_OFF,  /* nobody looks for names */
	NSC_NAME_HANDLE_NONE, /* the flow has said nothing that is known */
	NSC_NAME_HANDLE_MIN = 16,
	NSC_NAME_POSITION_BITS = 34,
};

/* The words of a handle: false, and all lengths 0, for one without words, and for words that had to give way to newer
 * ones. Thread: any that got the handle. Allocates, blocks: never. */
bool nsc_named_read(uint64_t handle, struct nsc_named *named);

/* "" for NONE and beyond the table. Thread: any. */
const char *nsc_app_name(unsigned app);
const char *nsc_app_source_name(unsigned source);

#endif
