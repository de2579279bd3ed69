/* SPDX-License-Identifier: MIT
 *
 * Applications by their port: what is left when a flow has not said one.
 */
#include "engine/base/server_port.h"

/* By the whole port: no branch foretells where among the few of a search a client's port lies. */
static const struct port_app {
	uint8_t tcp, udp; /* enum nsc_app */
} port_apps[UINT16_MAX + 1] = {
	[21] = { NSC_APP_FTP, NSC_APP_NONE },          [22] = { NSC_APP_SSH, NSC_APP_NONE },
	[23] = { NSC_APP_TELNET, NSC_APP_NONE },       [25] = { NSC_APP_SMTP, NSC_APP_NONE },
	[53] = { NSC_APP_DNS, NSC_APP_DNS },           [67] = { NSC_APP_NONE, NSC_APP_DHCP },
	[68] = { NSC_APP_NONE, NSC_APP_DHCP },         [69] = { NSC_APP_NONE, NSC_APP_TFTP },
	[80] = { NSC_APP_HTTP, NSC_APP_NONE },         [88] = { NSC_APP_KERBEROS, NSC_APP_KERBEROS },
	[110] = { NSC_APP_POP3, NSC_APP_NONE },        [123] = { NSC_APP_NONE, NSC_APP_NTP },
	[137] = { NSC_APP_NONE, NSC_APP_NETBIOS },     [138] = { NSC_APP_NONE, NSC_APP_NETBIOS },
	[139] = { NSC_APP_SMB, NSC_APP_NONE },         [143] = { NSC_APP_IMAP, NSC_APP_NONE },
	[161] = { NSC_APP_NONE, NSC_APP_SNMP },        [162] = { NSC_APP_NONE, NSC_APP_SNMP },
	[179] = { NSC_APP_BGP, NSC_APP_NONE },         [389] = { NSC_APP_LDAP, NSC_APP_LDAP },
	[443] = { NSC_APP_TLS, NSC_APP_QUIC },         [445] = { NSC_APP_SMB, NSC_APP_NONE },
	[465] = { NSC_APP_TLS, NSC_APP_NONE },         [500] = { NSC_APP_NONE, NSC_APP_IKE },
	[502] = { NSC_APP_MODBUS, NSC_APP_NONE },      [514] = { NSC_APP_NONE, NSC_APP_SYSLOG },
	[546] = { NSC_APP_NONE, NSC_APP_DHCPV6 },      [547] = { NSC_APP_NONE, NSC_APP_DHCPV6 },
	[554] = { NSC_APP_RTSP, NSC_APP_NONE },        [587] = { NSC_APP_SMTP, NSC_APP_NONE },
	[636] = { NSC_APP_TLS, NSC_APP_NONE },         [853] = { NSC_APP_TLS, NSC_APP_NONE },
	[993] = { NSC_APP_TLS, NSC_APP_NONE },         [995] = { NSC_APP_TLS, NSC_APP_NONE },
	[1194] = { NSC_APP_OPENVPN, NSC_APP_OPENVPN }, [1433] = { NSC_APP_MSSQL, NSC_APP_NONE },
	[1812] = { NSC_APP_NONE, NSC_APP_RADIUS },     [1813] = { NSC_APP_NONE, NSC_APP_RADIUS },
	[1883] = { NSC_APP_MQTT, NSC_APP_NONE },       [1900] = { NSC_APP_NONE, NSC_APP_SSDP },
	[2049] = { NSC_APP_NFS, NSC_APP_NONE },        [3306] = { NSC_APP_MYSQL, NSC_APP_NONE },
	[3389] = { NSC_APP_RDP, NSC_APP_RDP },         [3478] = { NSC_APP_STUN, NSC_APP_STUN },
	[4500] = { NSC_APP_NONE, NSC_APP_IKE },        [5060] = { NSC_APP_SIP, NSC_APP_SIP },
	[5353] = { NSC_APP_NONE, NSC_APP_MDNS },       [5355] = { NSC_APP_LLMNR, NSC_APP_LLMNR },
	[5432] = { NSC_APP_POSTGRESQL, NSC_APP_NONE }, [5672] = { NSC_APP_AMQP, NSC_APP_NONE },
	[5900] = { NSC_APP_VNC, NSC_APP_NONE },        [6379] = { NSC_APP_REDIS, NSC_APP_NONE },
	[8080] = { NSC_APP_HTTP, NSC_APP_NONE },       [8443] = { NSC_APP_TLS, NSC_APP_NONE },
	[8883] = { NSC_APP_TLS, NSC_APP_NONE },        [51820] = { NSC_APP_NONE, NSC_APP_WIREGUARD },
};

static uint8_t port_app(const struct nsc_flow_record *r)
{
	uint8_t app = NSC_APP_NONE;
	uint16_t port[2];
	unsigned n = nsc_flow_server_ports(r, port);

	if (r->proto != NSC_PROTO_TCP && r->proto != NSC_PROTO_UDP)
		return NSC_APP_NONE;
	for (unsigned i = 0; i < n && !app; i++)
		app = r->proto == NSC_PROTO_TCP ? port_apps[port[i]].tcp : port_apps[port[i]].udp;
	return app;
}

void nsc_flow_named(const struct nsc_flow_record *record, struct nsc_named *named)
{
	uint64_t handle = nsc_flow_name_get(record);

	nsc_named_read(handle, named);
	if (handle == NSC_NAME_HANDLE_OFF || named->app)
		return;
	named->app = port_app(record);
	named->source = named->app ? NSC_APP_SOURCE_PORT : NSC_APP_SOURCE_NONE;
}
