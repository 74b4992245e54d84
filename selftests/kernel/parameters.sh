# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# Parameters: what is not accepted is refused with EINVAL and a line that says
# what would be; what is accepted is kept.

# refused PARAMETER ACCEPTED-REGEX
refused()
{
	dmesg -c >/dev/null
	if said=$(load_hoardk "$1" 2>&1); then
		not_ok "parameters: $1 is refused" "hoardk was loaded"
		rmmod hoardk
		return
	fi
	expect_line "parameters: $1 gives EINVAL" \
		'[Ii]nvalid (argument|parameter)' "$said"
	expect_line "parameters: $1 tells what is accepted" \
		"hoardk: .*$2" "$(dmesg)"
}

# accepted "PARAMETERS" NAME VALUE
accepted()
{
	# shellcheck disable=SC2086 # several parameters
	if ! load_hoardk $1; then
		not_ok "parameters: $1 is accepted" "$(dmesg | tail -n 1)"
		return
	fi
	expect_equal "parameters: $1 is kept" \
		"$(cat "/sys/module/hoardk/parameters/$2")" "$3"
	check "parameters: hoardk with $1 unloads" unload_hoardk
}

part_parameters()
{
	for bad in policy=foo policy= policy=hoardd policy=HOARD; do
		refused "$bad" 'global.*local.*ownership.*hoard'
	done
	for bad in slack=0 slack=1025 slack=99999; do
		refused "$bad" '1.*1024'
	done
	for bad in empty_percent=0 empty_percent=5 empty_percent=19 \
		   empty_percent=91 empty_percent=95; do
		refused "$bad" '20.*90'
	done
	for bad in checks=foo checks= checks=owner,foo 'checks=owner,' \
		   checks=ALL; do
		refused "$bad" 'owner.*redzone.*poison.*quarantine'
	done
	for bad in slack=-1 slack=many empty_percent=half free_at_unload=7; do
		refused "$bad" "${bad%%=*}"
	done
	for policy in global local ownership hoard; do
		accepted "policy=$policy" policy "$policy"
	done
	accepted slack=1 slack 1
	accepted slack=1024 slack 1024
	accepted empty_percent=20 empty_percent 20
	accepted empty_percent=90 empty_percent 90
	for checks in none owner redzone,poison all; do
		accepted "checks=$checks" checks "$checks"
	done
	accepted 'policy=hoard slack=2 empty_percent=25' slack 2
	accepted '' policy hoard
	accepted '' fail_nth 0
	accepted '' fail_times 1
}
