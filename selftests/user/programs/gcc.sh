# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# gcc, a large C file: the object must be the same to the byte.
program 100000 gcc=gcc as=binutils

# source_c FUNCTIONS
source_c()
{
	awk -v n="$1" -v x=12345 '
	function r(m) { x = x * 16807 % 2147483647; return x % m }
	BEGIN {
		print "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>"
		for (i = 0; i < n; i++) {
			printf "enum e%d { E%d_A, E%d_B = %d, E%d_C };\n",
				i, i, i, r(1000), i
			printf "struct s%d { int a; double d[%d]; char *name; ",
				i, r(20) + 1
			if (i)
				printf "struct s%d *before; struct s%d in; ",
					i - 1, r(i < 8 ? i : 8)
			print "union { long l; float f; } u; };"
			printf "static const char *const text%d[] = {", i
			for (j = r(12); j >= 0; j--)
				printf " \"text %d of %d\",", r(100000), i
			print " };"
			printf "int f%d(struct s%d *s, unsigned int k)\n{\n", i, i
			printf "\tlong sum = %d;\n\tunsigned int i, j;\n\n", r(99)
			printf "\tfor (i = 0; i < k; i++) {\n\t\tswitch ((i * %d) %% 16) {\n",
				r(1000) * 2 + 1
			for (j = 0; j < 16; j += r(3) + 1) {
				printf "\t\tcase %d: sum %s= s->a %s (long)(i * %d); ",
					j, substr("+-^|", r(4) + 1, 1),
					substr("+-*&", r(4) + 1, 1), r(5000)
				printf "s->d[i %% (sizeof(s->d) / sizeof(s->d[0]))] += sum * %d.5; break;\n",
					r(50)
			}
			printf "\t\tdefault: sum += strlen(text%d[i %% (sizeof(text%d) / sizeof(char *))]); }\n",
				i, i
			printf "\t\tfor (j = i; j < k; j += %d)\n\t\t\tsum ^= j * sum >> %d;\n\t}\n",
				r(7) + 1, r(9) + 1
			if (i)
				printf "\tif (s->before && sum > %d)\n\t\tsum += f%d(s->before, k / 2);\n",
					r(100000), i - 1
			printf "\ts->u.l = sum;\n\ts->name = sum & 1 ? malloc(sum & 63) : 0;\n"
			printf "\treturn printf(\"%%ld %d\\n\", sum);\n}\n\n", i
		}
	}'
}

work()
{
	source_c "$(size 90 40)" >source.c
	under "$1" gcc -O2 -g -c "-fdebug-prefix-map=$PWD=." source.c \
		-o results/source.o
	under "$1" gcc -O1 -S source.c -o results/source.s
}
