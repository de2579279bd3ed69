# SPDX-License-Identifier: MIT
#
# Writes MMDB files for the tests of --geoip into a folder: /usr/bin/perl tests/data/mmdb.pl FOLDER
# Addresses are those of sample.pcapng and of nobody else.
use strict;
use warnings;
use utf8;
use MaxMind::DB::Writer::Tree;

my $folder = shift;
my %types = (
	autonomous_system_number => 'uint32', autonomous_system_organization => 'utf8_string', country => 'map',
	registered_country => 'map', iso_code => 'utf8_string', names => 'map', en => 'utf8_string', country_code => 'utf8_string',
	asn => 'utf8_string', as_name => 'utf8_string', connection_type => 'utf8_string', traits => 'map', note => 'utf8_string',
);

sub database {
	my ($name, $type, $ip_version, $networks) = @_;
	my $tree = MaxMind::DB::Writer::Tree->new(
		ip_version => $ip_version, record_size => 24, database_type => $type, languages => ['en'],
		description => { en => "made by NetScope's tests" }, alias_ipv6_to_ipv4 => 0, remove_reserved_networks => 0,
		map_key_type_callback => sub { $types{ $_[0] } });
	while (my ($network, $record) = splice(@$networks, 0, 2)) {
		$tree->insert_network($network, $record);
	}
	open my $out, '>:raw', "$folder/$name.mmdb" or die "$folder/$name.mmdb: $!";
	$tree->write_tree($out);
	close $out or die "$folder/$name.mmdb: $!";
}

sub country { return { country => { iso_code => $_[0], names => { en => "country $_[0]" } } } }
sub as { return { autonomous_system_number => $_[0], autonomous_system_organization => $_[1] } }

# as GeoLite2-Country; one network has only where it was registered, one a code that is none
database('country', 'Test-Country', 6, [
	'10.11.0.0/24' => country('DE'), '10.11.10.1/32' => country('FR'), '10.11.10.2/32' => { registered_country => { iso_code => 'PL' } },
	'10.12.0.0/16' => country('Q1'), '2001:db8:11::1/128' => country('IT'), '2001:db8:11::2/128' => country('jp') ]);
# as GeoLite2-ASN, with organizations of all kinds
database('asn', 'Test-ASN', 6, [
	'10.11.0.1/32' => as(64500, 'Example Net'), '10.11.0.2/32' => as(4294967295, q{Quotes "and", <commas>}),
	'10.11.10.1/32' => as(64501, '=HYPERLINK("x")'), '10.11.10.2/32' => { autonomous_system_number => 64502 },
	'2001:db8:11::1/128' => as(64503, "\e[31mCaf\x{e9}\x{202e}"), '2001:db8:11::2/128' => as(64504, ('x' x 95) . "\x{e9}tail") ]);
# as iptoasn and others: texts on the first level
database('flat', 'Test-Flat', 6, [
	'10.11.0.1/32' => { country_code => 'AT', asn => 'AS64510', as_name => 'Flat One' },
	'10.11.0.3/32' => { country_code => 'AT', asn => 'ASx', as_name => '' },
	'10.11.0.4/32' => { note => 'nothing' } ]);
# IPv4 only, and everything inside of traits
database('traits', 'Test-Enterprise', 4, [
	'10.11.0.0/16' => { traits => as(64520, 'Traits') } ]);
database('other', 'Test-Connection-Type', 6, [ '10.11.0.0/16' => { connection_type => 'Cable/DSL' } ]);
