// The codec's frozen rules, and that nothing is lost on the way.
#include <annals/codec.hpp>

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>

using namespace annals;

namespace {

enum class colour : std::uint8_t { red = 1, green = 200 };

struct inner {
  std::int32_t small = 0;
  std::string text;
  static constexpr auto about = describe<&inner::small, &inner::text>("inner", 1);
};
struct everything {
  bool yes = false;
  std::int8_t i8 = 0;
  std::int64_t i64 = 0;
  std::uint16_t u16 = 0;
  std::uint64_t u64 = 0;
  double number = 0;
  std::string text;
  colour paint = colour::red;
  std::optional<std::int64_t> maybe;
  std::vector<inner> list;
  std::map<std::string, std::int64_t> by_name;
  inner one;
  static constexpr auto about =
      describe<&everything::yes, &everything::i8, &everything::i64, &everything::u16, &everything::u64, &everything::number, &everything::text,
               &everything::paint, &everything::maybe, &everything::list, &everything::by_name, &everything::one>("everything", 1);
};
struct more_than_inner {  // an older or newer sibling of `inner`
  std::int32_t small = 0;
  std::vector<std::string> unknown;
  static constexpr auto about = describe<&more_than_inner::unknown, &more_than_inner::small>("inner", 1);
};
struct wide {
  std::int64_t small = 0;
  static constexpr auto about = describe<&wide::small>("inner", 1);
};
struct with_value {
  encoded_value any;
  static constexpr auto about = describe<&with_value::any>("with_value", 1);
};

struct tree {
  std::vector<tree> branches;
  static constexpr auto about = describe<&tree::branches>("tree", 1);
};
/// Two deep for each level.
tree tall(int levels) {
  tree all;
  auto* at = &all;
  for (int i = 0; i < levels; ++i) at = &at->branches.emplace_back();
  return all;
}

std::string map_of(std::initializer_list<std::pair<std::string_view, std::int64_t>> entries) {
  std::string bytes;
  encoder out{bytes};
  out.begin_map(entries.size());
  for (const auto& [name, number] : entries) {
    out.put(name);
    out.put(number);
  }
  return bytes;
}

template <class T>
struct pair_of {
  T first{}, second_1{};
  static constexpr auto about = describe<&pair_of::first, &pair_of::second_1>("pair", 1);
};
struct renamed {
  std::int64_t amount = 0, fee = 0;
  int cache = 0;
  static constexpr auto about = describe<&renamed::fee>("renamed", 1, field{"cents", &renamed::amount}, not_stored{&renamed::cache});
};
static_assert(std::string_view{pair_of<std::string>::about.fields.names[0]} == "first");
static_assert(std::string_view{pair_of<std::int64_t>::about.fields.names[1]} == "second_1");

}  // namespace

BOOST_AUTO_TEST_SUITE(codec)

BOOST_AUTO_TEST_CASE(a_field_is_stored_under_its_members_name_or_the_one_that_it_is_given) {
  struct local {
    std::int64_t cents = 7;
  };
  static_assert(detail::name_of_member<&local::cents>() == "cents");
  BOOST_TEST(to_json(encoded(pair_of<std::string>{"a", "b"})).value() == R"({"first":"a","second_1":"b"})");
  BOOST_TEST(to_json(encoded(renamed{1, 2, 3})).value() == R"({"fee":2,"cents":1})");
  BOOST_TEST(decoded<renamed>(encoded(renamed{1, 2, 3})).value().amount == 1);
}

BOOST_AUTO_TEST_CASE(whatever_goes_in_comes_out) {
  BOOST_TEST(rc::check([](bool yes, std::int8_t i8, std::int64_t i64, std::uint16_t u16, std::uint64_t u64, const std::string& text,
                          const std::vector<std::pair<std::int32_t, std::string>>& list, const std::map<std::string, std::int64_t>& by_name) {
    everything in;
    in.yes = yes;
    in.i8 = i8;
    in.i64 = i64;
    in.u16 = u16;
    in.u64 = u64;
    in.number = static_cast<double>(i64) / 3;
    in.text = text;
    in.paint = yes ? colour::green : colour::red;
    if (yes) in.maybe = i64;
    for (const auto& [small, name] : list) in.list.push_back({small, name});
    in.by_name = by_name;
    in.one = {i8, text};
    const auto out = decoded<everything>(encoded(in));
    RC_ASSERT(out.has_value());
    RC_ASSERT(same(*out, in));
  }));
}

BOOST_AUTO_TEST_CASE(integers_at_their_limits_survive) {
  everything in;
  in.i8 = std::numeric_limits<std::int8_t>::min();
  in.i64 = std::numeric_limits<std::int64_t>::min();
  in.u16 = std::numeric_limits<std::uint16_t>::max();
  in.u64 = std::numeric_limits<std::uint64_t>::max();
  BOOST_TEST(same(decoded<everything>(encoded(in)).value(), in));
}

BOOST_AUTO_TEST_CASE(unknown_fields_are_ignored_and_missing_ones_keep_their_defaults) {
  more_than_inner newer{7, {"a", "b"}};
  const auto old = decoded<inner>(encoded(newer)).value();
  BOOST_TEST(old.small == 7);
  BOOST_TEST(old.text.empty());
}

BOOST_AUTO_TEST_CASE(duplicate_keys_are_refused_and_named) {
  const auto twice = decoded<inner>(map_of({{"small", 1}, {"small", 2}}));
  BOOST_TEST((twice.error().code == errc::undecodable));
  BOOST_TEST(twice.error().detail.find("small") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(integers_are_never_narrowed) {
  for (const std::int64_t number : {std::int64_t{1} << 31, -(std::int64_t{1} << 31) - 1, std::numeric_limits<std::int64_t>::max()}) {
    const auto narrowed = decoded<inner>(encoded(wide{number}));
    BOOST_TEST((narrowed.error().code == errc::undecodable));
    BOOST_TEST(narrowed.error().detail.find("inner") != std::string::npos);
    BOOST_TEST(narrowed.error().detail.find("small") != std::string::npos);
  }
  BOOST_TEST(decoded<inner>(encoded(wide{(std::int64_t{1} << 31) - 1})).has_value());
}

BOOST_AUTO_TEST_CASE(other_kinds_are_refused) {
  std::string text;
  encoder out{text};
  out.begin_map(1);
  out.put(std::string_view{"small"});
  out.put(std::string_view{"seven"});
  BOOST_TEST((decoded<inner>(text).error().code == errc::undecodable));
  BOOST_TEST((decoded<inner>(std::string_view{"\xc0", 1}).error().code == errc::undecodable));  // nil
}

BOOST_AUTO_TEST_CASE(no_bytes_are_trusted) {
  BOOST_TEST(rc::check([](const std::string& bytes) {
    const auto out = decoded<everything>(bytes);
    if (!out) RC_ASSERT(out.error().code == errc::undecodable);
  }));
  const auto good = encoded(everything{});
  for (std::size_t n = 0; n < good.size(); ++n) BOOST_TEST(!decoded<everything>(std::string_view{good}.substr(0, n)));
  BOOST_TEST(!decoded<everything>(good + "x"));
}

BOOST_AUTO_TEST_CASE(a_header_that_promises_gigabytes_is_refused_without_taking_them) {
  for (const std::string_view bytes : {std::string_view{"\xdd\xff\xff\xff\xff", 5}, std::string_view{"\xdf\xff\xff\xff\xff", 5},
                                       std::string_view{"\xdb\xff\xff\xff\xff", 5}, std::string_view{"\xc6\xff\xff\xff\xff", 5}}) {
    document parsed;
    BOOST_TEST(!parsed.parse(bytes));
  }
}

BOOST_AUTO_TEST_CASE(nesting_without_end_is_refused) {
  document parsed;
  BOOST_TEST(!parsed.parse(std::string(100'000, '\x91')));
}

BOOST_AUTO_TEST_CASE(what_is_nested_so_deep_is_written_and_read_and_no_deeper) {
  for (const int levels : {0, 30, 31, 32, 33, 10'000}) {
    std::string bytes;
    encoder out{bytes};
    encode(out, tall(levels));
    BOOST_TEST_CONTEXT(levels) {
      // The last has a list that is empty.
      const bool may_be_read = 2 * levels + 2 <= static_cast<int>(nesting_max);
      BOOST_TEST(out.is_undecodable() == !may_be_read);
      BOOST_TEST(decoded<tree>(bytes).has_value() == may_be_read);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_list_of_millions_is_read) {
  everything in;
  in.list.resize(1'100'000);
  BOOST_TEST(decoded<everything>(encoded(in)).value().list.size() == 1'100'000u);
}

BOOST_AUTO_TEST_CASE(a_text_of_many_bytes_is_read) {
  const inner in{1, std::string(17u << 20, 'x')};
  BOOST_TEST((decoded<inner>(encoded(in)).value().text == in.text));
}

BOOST_AUTO_TEST_CASE(an_encoded_value_that_is_none_is_not_written) {
  const std::string deep = std::string(63, '\x91') + '\x90';
  for (const auto& [bytes, may_be_read] : {std::pair<std::string, bool>{"\xc0", true},
                                           {"", false},
                                           {"\xc1", false},
                                           {"\x92\x01", false},
                                           {"\x01\x02", false},
                                           {deep, true},
                                           {'\x91' + deep, false}}) {
    std::string all;
    encoder out{all};
    encode(out, with_value{{bytes}});
    BOOST_TEST(out.is_undecodable() == !may_be_read);
    BOOST_TEST(decoded<with_value>(all).has_value() == may_be_read);
  }
}

BOOST_AUTO_TEST_CASE(a_value_of_any_kind_is_carried_as_it_is) {
  with_value in;
  in.any.bytes = encoded(inner{5, "five"});
  const auto out = decoded<with_value>(encoded(in)).value();
  BOOST_TEST(decoded<inner>(out.any.bytes).value().text == "five");
}

BOOST_AUTO_TEST_CASE(payloads_are_shown_as_json) {
  BOOST_TEST(to_json(encoded(inner{-3, "a \"b\" ü"})).value() == R"({"small":-3,"text":"a \"b\" ü"})");
  BOOST_TEST(to_json(encoded(with_value{})).value() == R"({"any":null})");
  BOOST_TEST(!to_json("\xc1"));
  std::string number;
  encoder out{number};
  out.put(std::nan(""));
  BOOST_TEST(to_json(number).value() == "null");
}

BOOST_AUTO_TEST_CASE(text_that_is_not_utf8_is_shown_all_the_same) { BOOST_TEST(to_json(encoded(inner{1, "\xff"})).has_value()); }

/// Else what the loop goes over would end before it begins.
BOOST_AUTO_TEST_CASE(a_loop_over_the_value_of_a_temporary_result_goes_over_what_lives) {
  const auto call = [] { return result<std::vector<std::string>>{std::vector<std::string>(3, std::string(40, 'x'))}; };
  static_assert(!std::is_reference_v<decltype(call().value())> && !std::is_reference_v<decltype(*call())>);
  std::size_t letters = 0;
  for (const auto& each : call().value()) letters += each.size();
  for (const auto& each : *call()) letters += each.size();
  BOOST_TEST(letters == 240u);
}

BOOST_AUTO_TEST_SUITE_END()
