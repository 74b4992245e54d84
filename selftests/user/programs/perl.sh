# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# perl: hashes, strings and patterns, in child processes and in threads.
program 100000 /usr/share/perl/5.36/Thread/Queue.pm=perl

work()
{
	random_lines "$(size 60000 15000)" 13 >lines
	cat >script.pl <<-'END'
	use strict;
	use warnings;
	use threads;
	use Thread::Queue;
	use Digest::MD5 'md5_hex';

	my (%by, @lines);
	open(my $in, '<', 'lines') or die;
	while (<$in>) {
		chomp;
		push @lines, $_;
		my ($hex, $group, $name, $n) = split / /;
		push @{$by{$group}{names}}, $name;
		$by{$group}{sum} += $n;
		$by{$group}{longest} = $name
			if length($name) > length($by{$group}{longest} // '');
	}
	sub digest {
		my ($share, $of) = @_;
		my %words;
		for (my $i = $share; $i < @lines; $i += $of) {
			(my $s = $lines[$i]) =~ s/([a-z]+)\.(\w+)/uc($2) . "-$1"/e;
			$words{substr($s, $_, 5)} .= length $s for 0 .. 9;
		}
		return md5_hex(join ',', map { "$_=$words{$_}" } sort keys %words);
	}
	for (sort { $a <=> $b } keys %by) {
		my $g = $by{$_};
		print "$_ $g->{sum} $g->{longest} ",
			md5_hex(join ' ', sort @{$g->{names}}), "\n";
	}
	my @children = map {
		my $share = $_;
		my $pid = open(my $from, '-|') // die "fork: $!";
		if (!$pid) {
			print digest($share, 4), "\n";
			exit 0;
		}
		$from;
	} 0 .. 3;
	for my $from (@children) {
		print 'child ', <$from>;
		close $from or die "a child failed: $?";
	}
	# Each thread is given a copy of everything here.
	my ($jobs, $done) = (Thread::Queue->new, Thread::Queue->new);
	my @threads = map { threads->create(sub {
		while (defined(my $job = $jobs->dequeue)) {
			$done->enqueue("$job " . digest($job, 24));
		}
	}) } 1 .. 3;
	$jobs->enqueue(0 .. 23);
	$jobs->end;
	$_->join for @threads;
	$done->end;
	my @digests;
	while (defined(my $d = $done->dequeue)) {
		push @digests, $d;
	}
	print "thread $_\n" for sort @digests;
	END
	under "$1" perl script.pl >results/out
}
