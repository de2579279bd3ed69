# SPDX-License-Identifier: MIT
# Made by `netscope --generate bash`. Source it, or put it where bash-completion looks under the name netscope.

_netscope_files()
{
	local IFS=$'\n'
	compopt -o filenames 2> /dev/null
	COMPREPLY=($(compgen -f -- "$word"))
}

_netscope()
{
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}

	COMPREPLY=()
	[ "$word" = = ] && word=
	[ "$before" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}
	case $before in
	-r|--read-pcap) _netscope_files; return ;;
	--backend) COMPREPLY=($(compgen -W 'auto file pcap tpacket synth dpdk' -- "$word")); return ;;
	--dpdk-port) return ;;
	--dpdk-queues) return ;;
	-i|--interface) return ;;
	-f|--filter) return ;;
	-s|--snaplen) return ;;
	-t|--timeout-ms) return ;;
	--latency) COMPREPLY=($(compgen -W 'balanced low throughput' -- "$word")); return ;;
	--timestamps) COMPREPLY=($(compgen -W 'auto software hardware' -- "$word")); return ;;
	-c|--count) return ;;
	--write-pcap) _netscope_files; return ;;
	--write-pcap-rotate-mb) return ;;
	--write-pcap-rotate-s) return ;;
	--write-pcap-limit-mb) return ;;
	--write-pcap-max-files) return ;;
	--write-pcap-cutoff-kb) return ;;
	--export-json) _netscope_files; return ;;
	--export-csv) _netscope_files; return ;;
	--export-parquet) _netscope_files; return ;;
	--ipfix-file) _netscope_files; return ;;
	--expired-flows-jsonl) _netscope_files; return ;;
	--expired-flows-csv) _netscope_files; return ;;
	--expired-flows-parquet) _netscope_files; return ;;
	--summary-json) _netscope_files; return ;;
	--timeline-out) _netscope_files; return ;;
	--profile-out) _netscope_files; return ;;
	--expired-flows-parquet-rotate-mb) return ;;
	--expired-flows-parquet-rotate-s) return ;;
	--parquet-omit) return ;;
	--geoip) _netscope_files; return ;;
	--ipfix) return ;;
	--ipfix-rate) return ;;
	--ipfix-domain) return ;;
	--flow-timeout-s) return ;;
	--active-timeout-s) return ;;
	--max-flows) return ;;
	--decap-port) return ;;
	--track) return ;;
	--flow-key) return ;;
	--names) COMPREPLY=($(compgen -W 'off apps full' -- "$word")); return ;;
	--names-memory-mb) return ;;
	--fragments) COMPREPLY=($(compgen -W 'count apart' -- "$word")); return ;;
	--trace) return ;;
	--trace-count) return ;;
	--stats-interval-ms) return ;;
	--top-flows) return ;;
	--top-names) return ;;
	--workers) return ;;
	--readers) return ;;
	--channel-capacity) return ;;
	--cores) return ;;
	--management-cores) return ;;
	--poll) COMPREPLY=($(compgen -W 'adaptive busy block' -- "$word")); return ;;
	--record-memory-mb) return ;;
	--alerts-jsonl) _netscope_files; return ;;
	--recorder-mb) return ;;
	--recorder-snaplen) return ;;
	--recorder-cutoff-kb) return ;;
	--recorder-filter) return ;;
	--recorder-payload) COMPREPLY=($(compgen -W 'on off' -- "$word")); return ;;
	--record-alerts) _netscope_files; return ;;
	--record-alerts-before-s) return ;;
	--record-alerts-after-s) return ;;
	--record-alerts-limit-mb) return ;;
	--record-alerts-per-hour) return ;;
	--control-socket) _netscope_files; return ;;
	--last) return ;;
	--web-bind) return ;;
	--web-port) return ;;
	--web-history) _netscope_files; return ;;
	--web-link) return ;;
	--web-peers) return ;;
	--web-peers-pass-file) _netscope_files; return ;;
	--web-peers-ca) _netscope_files; return ;;
	--web-tls-cert) _netscope_files; return ;;
	--web-tls-key) _netscope_files; return ;;
	--web-auth-user) return ;;
	--web-auth-pass-file) _netscope_files; return ;;
	--url) return ;;
	--interval-s) return ;;
	--traffic) return ;;
	--seconds) return ;;
	--send) return ;;
	--send-core) return ;;
	--frame-sizes) return ;;
	--flow-counts) return ;;
	--trial-s) return ;;
	--repeats) return ;;
	--save) _netscope_files; return ;;
	--baseline) _netscope_files; return ;;
	--against) _netscope_files; return ;;
	--spool) _netscope_files; return ;;
	--spool-limit-mb) return ;;
	--sensor) return ;;
	--to) return ;;
	--to-database) return ;;
	--to-user) return ;;
	--to-pass-file) _netscope_files; return ;;
	--to-ca) _netscope_files; return ;;
	--ship-metrics) return ;;
	--to-webhook-token) _netscope_files; return ;;
	--to-alertmanager-token) _netscope_files; return ;;
	--to-alertmanager-resend-s) return ;;
	--to-alerts-max-age-s) return ;;
	--to-syslog-pen) return ;;
	--flow) return ;;
	--host) return ;;
	--port) return ;;
	--community-id) return ;;
	--name) return ;;
	--from) return ;;
	-o|--output) _netscope_files; return ;;
	--user) return ;;
	--sandbox) COMPREPLY=($(compgen -W 'auto always never' -- "$word")); return ;;
	--sandbox-off) return ;;
	--synth-packets) return ;;
	--synth-flows) return ;;
	--synth-seed) return ;;
	--synth-rate-pps) return ;;
	--synth-start-ns) return ;;
	--synth-payload-min) return ;;
	--synth-payload-max) return ;;
	--synth-tcp-share) return ;;
	--synth-ipv6-share) return ;;
	--synth-vlan-share) return ;;
	--synth-fragment-share) return ;;
	--synth-dns-share) return ;;
	--synth-tls-share) return ;;
	--synth-http-share) return ;;
	--synth-quic-share) return ;;
	--synth-server-names) return ;;
	--synth-loss) return ;;
	--synth-reorder) return ;;
	--synth-flow-packets) return ;;
	--synth-rtt-us) return ;;
	--synth-elephant-share) return ;;
	--synth-attack) COMPREPLY=($(compgen -W 'off flood spread scan' -- "$word")); return ;;
	--synth-attack-share) return ;;
	--synth-attack-sources) return ;;
	--synth-attack-targets) return ;;
	--synth-attack-every-s) return ;;
	--synth-attack-for-s) return ;;
	--config) _netscope_files; return ;;
	--generate) COMPREPLY=($(compgen -W 'man bash zsh cli.md configuration.md example.toml metrics.md probes.md flows.sql flows-18.sql' -- "$word")); return ;;
	esac
	COMPREPLY=($(compgen -W '-r --read-pcap --direct --backend --dpdk-port --dpdk-queues -i --interface -p --promiscuous --no-promiscuous -f --filter -s --snaplen -t --timeout-ms --latency --timestamps --dedup -c --count --write-pcap --write-pcap-rotate-mb --write-pcap-rotate-s --write-pcap-limit-mb --write-pcap-index --no-write-pcap-index --write-pcap-max-files --write-pcap-cutoff-kb --hex-dump --no-hex-dump --quiet --no-quiet -v --verbose --export-json --export-csv --export-parquet --ipfix-file --expired-flows-jsonl --expired-flows-csv --expired-flows-parquet --summary-json --timeline-out --profile-out --timeline --no-timeline --expired-flows-parquet-rotate-mb --expired-flows-parquet-rotate-s --parquet-omit --geoip --services --no-services --progress --no-progress --ipfix --ipfix-rate --ipfix-uniflow --no-ipfix-uniflow --ipfix-domain --flow-timeout-s --active-timeout-s --max-flows --decap --no-decap --decap-port --track --track-sctp --no-track-sctp --flow-key --names --names-memory-mb --dns --no-dns --fragments --trace --trace-count --stats --no-stats --stats-interval-ms --top-flows --top-names --profile --pipeline --no-pipeline --workers --readers --channel-capacity --cores --management-cores --poll --record-memory-mb --alerts-jsonl --anomalies --no-anomalies --recorder-mb --recorder-snaplen --recorder-cutoff-kb --recorder-filter --recorder-payload --record-alerts --record-alerts-before-s --record-alerts-after-s --record-alerts-limit-mb --record-alerts-per-hour --control-socket --last --web --no-web --web-bind --web-port --web-history --web-link --web-peers --web-peers-pass-file --web-peers-ca --web-tls --no-web-tls --web-tls-cert --web-tls-key --web-auth --no-web-auth --web-auth-user --web-auth-pass-file --url --interval-s --once --traffic --seconds --send --send-anyway --send-core --frame-sizes --flow-counts --trial-s --repeats --save --baseline --against --until-stable --spool --spool-limit-mb --sensor --to --to-database --to-user --to-pass-file --to-ca --ship-metrics --to-webhook-token --to-alertmanager-token --to-alertmanager-resend-s --to-alerts-max-age-s --to-syslog-pen --init --status --flow --host --port --community-id --name --from -o --output --user --sandbox --sandbox-off --synth-packets --synth-flows --synth-seed --synth-rate-pps --synth-paced --no-synth-paced --synth-start-ns --synth-payload-min --synth-payload-max --synth-tcp-share --synth-ipv6-share --synth-vlan-share --synth-fragment-share --synth-dns-share --synth-tls-share --synth-http-share --synth-quic-share --synth-server-names --synth-loss --synth-reorder --synth-flow-packets --synth-handshake --no-synth-handshake --synth-rtt-us --synth-elephant-share --synth-attack --synth-attack-share --synth-attack-sources --synth-attack-targets --synth-attack-every-s --synth-attack-for-s --config -T --check --print-config -l --list-interfaces --json --generate -h --help -V --version doctor bench extract extcap index recorder ship top ' -- "$word"))
	[ ${#COMPREPLY[@]} -gt 0 ] || _netscope_files
}

complete -F _netscope netscope
