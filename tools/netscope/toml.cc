// SPDX-License-Identifier: MIT
//
// The only C++ here: toml++ parses, the tree is walked in the order of the file. No exception leaves this file.
#include "tools/netscope/toml.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

#include <toml++/toml.h>

namespace
{

bool is_bare(std::string_view key)
{
	return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
	});
}

// A float as digits that give it back; the setter judges nan and inf.
std::string digits(double value)
{
	char text[32];

	std::snprintf(text, sizeof(text), "%.17g", value);
	return text;
}

bool has_zero(std::string_view text)
{
	return text.find('\0') != text.npos;
}

nsc_toml_kind read_array(const toml::array &array, std::string &text, std::string &texts)
{
	bool comma = false;

	for (const toml::node &node : array) {
		const toml::value<std::string> *string = node.as_string();

		if (!string || (*string)->empty() || has_zero(**string)) {
			text = "an array of something else";
			return NSC_TOML_OTHER;
		}
		comma |= (*string)->find(',') != std::string::npos;
		text += (text.empty() ? "" : ",") + **string;
		texts += **string + '\0';
	}
	if (comma)
		text = "an array of something else";
	return comma ? NSC_TOML_TEXTS : NSC_TOML_LIST;
}

nsc_toml_kind read_value(const toml::node &node, std::string &text, std::string &texts)
{
	if (node.is_table())
		return NSC_TOML_SECTION;
	if (const auto *value = node.as_boolean())
		return text = **value ? "true" : "false", NSC_TOML_BOOL;
	if (const auto *value = node.as_integer())
		return text = std::to_string(**value), NSC_TOML_INTEGER;
	if (const auto *value = node.as_floating_point())
		return text = digits(**value), NSC_TOML_FLOAT;
	if (const auto *value = node.as_array())
		return read_array(*value, text, texts);
	if (const auto *value = node.as_string(); value && !has_zero(**value))
		return text = **value, NSC_TOML_STRING;
	text = node.is_string() ? "a text with a zero byte" : "a date or time";
	return NSC_TOML_OTHER;
}

// "Error while parsing a key: ..." as the rest of a sentence: "while parsing a key: ...".
std::string reason(std::string_view description)
{
	constexpr std::string_view prefix = "Error ";
	std::string text(description.substr(description.rfind(prefix, 0) == 0 ? prefix.size() : 0));

	if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z')
		text[0] = static_cast<char>(text[0] + ('a' - 'A'));
	return text;
}

struct entry {
	const toml::key *key;
	const toml::node *node;
};

bool earlier(const entry &a, const entry &b)
{
	const toml::source_position x = a.key->source().begin, y = b.key->source().begin;

	return x.line != y.line ? x.line < y.line : x.column < y.column;
}

// As deep as the visitor lets it: it refuses sections that it does not know.
int walk(const toml::table &table, const std::string &prefix, const nsc_toml_visitor &visitor)
{
	std::vector<entry> entries;

	for (auto &&[key, node] : table)
		entries.push_back({&key, &node});
	std::sort(entries.begin(), entries.end(), earlier);
	for (const entry &entry : entries) {
		const std::string_view name = entry.key->str();
		const std::string key = prefix + (is_bare(name) ? std::string(name) : '"' + std::string(name) + '"');
		std::string text, texts;
		const nsc_toml_kind kind = read_value(*entry.node, text, texts);
		const toml::source_position at = entry.key->source().begin;
		const nsc_toml_item item = {key.c_str(), kind, text.c_str(), texts.c_str(), at.line, at.column};
		int status = visitor.visit(visitor.context, &item);

		if (!status && kind == NSC_TOML_SECTION)
			status = walk(*entry.node->as_table(), key + ".", visitor);
		if (status)
			return status;
	}
	return 0;
}

} // namespace

int nsc_toml_read(const char *text, size_t size, const struct nsc_toml_visitor *visitor)
{
	try {
		return walk(toml::parse(std::string_view(text, size)), "", *visitor);
	} catch (const toml::parse_error &error) {
		const toml::source_position at = error.source().begin;

		visitor->fail(visitor->context, at.line, at.column, reason(error.description()).c_str());
		return -EINVAL;
	} catch (const std::bad_alloc &) {
		return -ENOMEM;
	} catch (const std::exception &error) {
		visitor->fail(visitor->context, 0, 0, error.what());
		return -EINVAL;
	}
}
