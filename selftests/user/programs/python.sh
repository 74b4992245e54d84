# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Parts of Python's own test suite, with all of Python's memory from malloc()
# and not from its own pools.  Each test that passes under glibc must pass.
program 100000 /usr/bin/python3.11=python3.11 \
	/usr/lib/python3.11/test/test_dict.py=libpython3.11-testsuite

modules()
{
	[ -n "${QUICK-}" ] ||
		echo test_{subprocess,weakref,threading,pickle,decimal,long} \
			test_{codecs,pyexpat,tempfile,exceptions,set}
	echo test_{dict,list,json,bytes,unicode,re,array,deque,memoryview} \
		test_{ctypes,mmap,gc,thread,fork1,zlib,xml_etree_c}
}

# run_tests LIB JUNIT-FILE ARGUMENT...
run_tests()
{
	local lib=$1 xml=$2

	shift 2
	# A failure is told by the list of those that passed.
	PYTHONMALLOC=malloc under "$lib" /usr/bin/python3.11 -m test -j4 \
		--junit-xml "$xml" "$@" || [ $? = 2 ]
}

# passed JUNIT-FILE...
passed()
{
	/usr/bin/python3.11 - "$@" <<-'END'
	import sys
	import xml.etree.ElementTree as ElementTree
	for name in sys.argv[1:]:
	    for case in ElementTree.parse(name).iter('testcase'):
	        if case.get('result') == 'completed' and not any(
	                e.tag in ('failure', 'error', 'skipped') for e in case):
	            print(case.get('name'))
	END
}

work()
{
	local list

	read -ra list <<<"$(modules | paste -s -d ' ')"
	run_tests "$1" "$PWD/tests.xml" "${list[@]}"
	passed tests.xml | sort -u >results/passed
	[ "$(wc -l <results/passed)" -gt 1000 ]
}

same()
{
	comm -23 "$1/passed" "$2/passed" | sed 's/^/did not pass: /'
}
