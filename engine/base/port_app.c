/* SPDX-License-Identifier: MIT
 *
 * Applications by their port: what is left when a flow has not said one.
 */
#include "engine/base/server_port.h"

enum { PORT_TCP = 1, PORT_UDP = 2, PORT_BOTH = 3 };

static const struct port_app {
	uint16_t port;
	uint8_t over; /* PORT_* */
	uint8_t app;
} port_apps[] = {
	{ 21, PORT_TCP, NSC_APP_FTP },          { 22, PORT_TCP, NSC_APP_SSH },
	{ 23, PORT_TCP, NSC_APP_TELNET },       { 25, PORT_TCP, NSC_APP_SMTP },
	{ 53, PORT_BOTH, NSC_APP_DNS },         { 67, PORT_UDP, NSC_APP_DHCP },
	{ 68, PORT_UDP, NSC_APP_DHCP },         { 69, PORT_UDP, NSC_APP_TFTP },
	{ 80, PORT_TCP, NSC_APP_HTTP },         { 88, PORT_BOTH, NSC_APP_KERBEROS },
	{ 110, PORT_TCP, NSC_APP_POP3 },        { 123, PORT_UDP, NSC_APP_NTP },
	{ 137, PORT_UDP, NSC_APP_NETBIOS },     { 138, PORT_UDP, NSC_APP_NETBIOS },
	{ 139, PORT_TCP, NSC_APP_SMB },         { 143, PORT_TCP, NSC_APP_IMAP },
	{ 161, PORT_UDP, NSC_APP_SNMP },        { 162, PORT_UDP, NSC_APP_SNMP },
	{ 179, PORT_TCP, NSC_APP_BGP },         { 389, PORT_BOTH, NSC_APP_LDAP },
	{ 443, PORT_TCP, NSC_APP_TLS },         { 443, PORT_UDP, NSC_APP_QUIC },
	{ 445, PORT_TCP, NSC_APP_SMB },         { 465, PORT_TCP, NSC_APP_TLS },
	{ 500, PORT_UDP, NSC_APP_IKE },         { 502, PORT_TCP, NSC_APP_MODBUS },
	{ 514, PORT_UDP, NSC_APP_SYSLOG },      { 546, PORT_UDP, NSC_APP_DHCPV6 },
	{ 547, PORT_UDP, NSC_APP_DHCPV6 },      { 554, PORT_TCP, NSC_APP_RTSP },
	{ 587, PORT_TCP, NSC_APP_SMTP },        { 636, PORT_TCP, NSC_APP_TLS },
	{ 853, PORT_TCP, NSC_APP_TLS },         { 993, PORT_TCP, NSC_APP_TLS },
	{ 995, PORT_TCP, NSC_APP_TLS },         { 1194, PORT_BOTH, NSC_APP_OPENVPN },
	{ 1433, PORT_TCP, NSC_APP_MSSQL },      { 1812, PORT_UDP, NSC_APP_RADIUS },
	{ 1813, PORT_UDP, NSC_APP_RADIUS },     { 1883, PORT_TCP, NSC_APP_MQTT },
	{ 1900, PORT_UDP, NSC_APP_SSDP },       { 2049, PORT_TCP, NSC_APP_NFS },
	{ 3306, PORT_TCP, NSC_APP_MYSQL },      { 3389, PORT_BOTH, NSC_APP_RDP },
	{ 3478, PORT_BOTH, NSC_APP_STUN },      { 4500, PORT_UDP, NSC_APP_IKE },
	{ 5060, PORT_BOTH, NSC_APP_SIP },       { 5353, PORT_UDP, NSC_APP_MDNS },
	{ 5355, PORT_BOTH, NSC_APP_LLMNR },     { 5432, PORT_TCP, NSC_APP_POSTGRESQL },
	{ 5672, PORT_TCP, NSC_APP_AMQP },       { 5900, PORT_TCP, NSC_APP_VNC },
	{ 6379, PORT_TCP, NSC_APP_REDIS },      { 8080, PORT_TCP, NSC_APP_HTTP },
	{ 8443, PORT_TCP, NSC_APP_TLS },        { 8883, PORT_TCP, NSC_APP_TLS },
	{ 51820, PORT_UDP, NSC_APP_WIREGUARD },
};

static uint8_t port_app_of(uint16_t port, uint8_t over)
{
	size_t low = 0, high = NSC_ARRAY_LEN(port_apps);

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (port_apps[middle].port < port)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < NSC_ARRAY_LEN(port_apps) && port_apps[low].port == port; low++)
		if (port_apps[low].over & over)
			return port_apps[low].app;
	return NSC_APP_NONE;
}

static uint8_t port_app(const struct nsc_flow_record *r)
{
	uint8_t over = r->proto == NSC_PROTO_TCP ? PORT_TCP : PORT_UDP, app = NSC_APP_NONE;
	uint16_t port[2];
	unsigned n = nsc_flow_server_ports(r, port);

	if (r->proto != NSC_PROTO_TCP && r->proto != NSC_PROTO_UDP)
		return NSC_APP_NONE;
	for (unsigned i = 0; i < n && !app; i++)
		app = port_app_of(port[i], over);
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
