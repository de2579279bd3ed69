/* SPDX-License-Identifier: MIT
 *
 * Completion for bash and zsh: names, words to choose from, files for paths.
 */
#include "tools/netscope/generate.h"

#include "tools/netscope/options.h"

#include <string.h>

static void print_words(FILE *out, const struct nsc_option *option)
{
	char words[160];

	nsc_option_words(option, " ", words, sizeof(words));
	fputs(words, out);
}

/* "-r|--read-pcap" */
static void print_pattern(FILE *out, const struct nsc_option *option)
{
	if (option->letter)
		fprintf(out, "-%c|", option->letter);
	fprintf(out, "--%s", option->name);
}

static void print_bash_value(FILE *out, const struct nsc_option *option)
{
	if (!option->name || !option->metavar || option->implied)
		return;
	fputc('\t', out);
	print_pattern(out, option);
	if (option->type == NSC_OPTION_PATH || option->type == NSC_OPTION_PATHS) {
		fputs(") _netscope_files; return ;;\n", out);
	} else if (option->type == NSC_OPTION_CHOICE) {
		fputs(") COMPREPLY=($(compgen -W '", out);
		print_words(out, option);
		fputs("' -- \"$word\")); return ;;\n", out);
	} else {
		fputs(") return ;;\n", out);
	}
}

void nsc_generate_bash(FILE *out)
{
	fputs("# SPDX-License-Identifier: MIT\n# Made by `netscope --generate bash`. Source it, or put it where "
	      "bash-completion looks under the name netscope.\n\n"
	      "_netscope_files()\n{\n\tlocal IFS=$'\\n'\n\tcompopt -o filenames 2> /dev/null\n"
	      "\tCOMPREPLY=($(compgen -f -- \"$word\"))\n}\n\n"
	      "_netscope()\n{\n\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n\n"
	      "\tCOMPREPLY=()\n\t[ \"$word\" = = ] && word=\n"
	      "\t[ \"$before\" = = ] && before=${COMP_WORDS[COMP_CWORD-2]}\n\tcase $before in\n",
	      out);
	for (size_t i = 0; i < nsc_option_count; i++)
		print_bash_value(out, &nsc_option_table[i]);
	fputs("\tesac\n\tCOMPREPLY=($(compgen -W '", out);
	for (const struct nsc_option *option = nsc_option_table; option < nsc_option_end; option++) {
		if (!option->name)
			continue;
		if (option->letter)
			fprintf(out, "-%c ", option->letter);
		fprintf(out, "--%s ", option->name);
		if (option->type == NSC_OPTION_BOOL)
			fprintf(out, "--no-%s ", option->name);
	}
	for (size_t i = 0; i < nsc_command_count; i++)
		fprintf(out, "%s ", nsc_command_table[i].name);
	fputs("' -- \"$word\"))\n\t[ ${#COMPREPLY[@]} -gt 0 ] || _netscope_files\n}\n\ncomplete -F _netscope "
	      "netscope\n",
	      out);
}

/* Within '...[here]...' of _arguments. */
static void print_zsh_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:\\", *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void print_zsh_names(FILE *out, const struct nsc_option *option)
{
	if (option->letter && (option->type == NSC_OPTION_COUNT || nsc_option_repeats(option)))
		fprintf(out, "\t'*'{-%c,--%s%s}'[", option->letter, option->name, option->metavar ? "=" : "");
	else if (option->letter)
		fprintf(out, "\t'(-%c --%s)'{-%c,--%s%s}'[", option->letter, option->name, option->letter, option->name,
			option->metavar ? "=" : "");
	else
		fprintf(out, "\t'--%s%s[", option->name, option->implied ? "=-" : option->metavar ? "=" : "");
}

static void print_zsh_option(FILE *out, const struct nsc_option *option)
{
	if (!option->name)
		return;
	print_zsh_names(out, option);
	print_zsh_text(out, option->help);
	fputc(']', out);
	if (option->metavar)
		fprintf(out, "%s:%s:", option->implied ? ":" : "", option->metavar);
	if (option->type == NSC_OPTION_PATH || option->type == NSC_OPTION_PATHS)
		fputs("_files", out);
	if (option->type == NSC_OPTION_CHOICE) {
		fputc('(', out);
		print_words(out, option);
		fputc(')', out);
	}
	fputs("' \\\n", out);
	if (option->type == NSC_OPTION_BOOL)
		fprintf(out, "\t'--no-%s[Not --%s]' \\\n", option->name, option->name);
}

void nsc_generate_zsh(FILE *out)
{
	fputs("#compdef netscope\n# SPDX-License-Identifier: MIT\n# Made by `netscope --generate zsh`. "
	      "Put it into a folder of $fpath under the name _netscope.\n\n_arguments \\\n",
	      out);
	for (size_t i = 0; i < nsc_option_count; i++)
		print_zsh_option(out, &nsc_option_table[i]);
	fputs("\t'1:command:(", out);
	for (size_t i = 0; i < nsc_command_count; i++)
		fprintf(out, "%s%s", i ? " " : "", nsc_command_table[i].name);
	fputs(")' \\\n\t'*:capture file:_files' \\\n\t&& return 0\n", out);
}
