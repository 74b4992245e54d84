# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# g++, templates: the object must be the same to the byte.
program 100000 g++=g++ as=binutils

# source_cc TYPES
source_cc()
{
	cat <<-'END'
	#include <algorithm>
	#include <functional>
	#include <map>
	#include <memory>
	#include <string>
	#include <tuple>
	#include <unordered_map>
	#include <utility>
	#include <variant>
	#include <vector>

	template <int N> struct number {
		static constexpr int value = N;
		std::vector<std::pair<int, std::string>> items;
		bool operator<(const number &o) const { return items < o.items; }
		template <typename F> int each(F f)
		{
			int sum = 0;

			for (auto &i : items)
				sum += f(i) * N;
			return sum;
		}
	};

	template <int... I>
	std::tuple<number<I>...> numbers(std::integer_sequence<int, I...>)
	{
		return {};
	}

	template <int N> int use()
	{
		std::map<number<N>, std::function<int(int)>> m;
		std::variant<int, double, number<N>, std::string> v = number<N>{};
		auto t = numbers(std::make_integer_sequence<int, N % 20 + 3>());
		auto p = std::make_shared<number<N>>();

		p->items.emplace_back(N, std::to_string(N));
		std::sort(p->items.begin(), p->items.end());
		m[*p] = [](int x) { return x + N; };
		std::get<0>(t).items = p->items;
		return std::visit([](auto &&x) { return (int)sizeof(x); }, v) +
			p->each([](auto &i) { return i.first; }) + m.begin()->second(N);
	}
	END
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "template int use<%d>();\n", i
	}'
}

work()
{
	source_cc "$(size 8 3)" >source.cc
	under "$1" g++ -std=c++17 -O1 -g -c "-fdebug-prefix-map=$PWD=." \
		-frandom-seed=1 source.cc -o results/source.o
}
