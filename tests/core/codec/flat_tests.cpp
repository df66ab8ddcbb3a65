// Flat structs read directly from their bytes: taken as they are written, and never otherwise than a document would.
#include <annals/codec.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <random>

using namespace annals;

namespace {

enum class mood : std::int16_t { low = -300, fine = 7 };

struct amount {
  std::int32_t cents = 5;
  std::string currency = "EUR";
  static constexpr auto about = describe<&amount::cents, &amount::currency>("amount", 1);
};
struct flat {
  bool yes = false;
  std::int8_t i8 = 1;
  std::int64_t i64 = 2;
  std::uint8_t u8 = 3;
  std::uint32_t u32 = 4;
  std::uint64_t u64 = 5;
  double number = 0.5;
  float small = 0;
  std::string text = "default";
  mood now = mood::fine;
  std::optional<amount> maybe;
  std::optional<bool> perhaps = true;
  amount one;
  static constexpr auto about =
      describe<&flat::yes, &flat::i8, &flat::i64, &flat::u8, &flat::u32, &flat::u64, &flat::number, &flat::small, &flat::text, &flat::now,
               &flat::maybe, &flat::perhaps>("flat", 1, field{"a_name_of_more_than_thirty_one_bytes", &flat::one});
};
struct real {
  double number = 0;
  static constexpr auto about = describe<&real::number>("real", 1);
};
constexpr auto endless_name = [] {
  std::array<char, 300> name{};
  name.fill('n');
  return name;
}();
struct endless {
  bool yes = false;
  static constexpr auto about = describe("endless", 1, field{std::string_view{endless_name.data(), endless_name.size()}, &endless::yes});
};
struct with_list {
  std::vector<std::int64_t> all;
  static constexpr auto about = describe<&with_list::all>("with_list", 1);
};
struct with_map {
  std::optional<std::map<std::string, bool>> all;
  static constexpr auto about = describe<&with_map::all>("with_map", 1);
};
struct of_seventeen {
  bool a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0, k = 0, l = 0, m = 0, n = 0, o = 0, p = 0, q = 0;
  using me = of_seventeen;
  static constexpr auto about = describe<&me::a, &me::b, &me::c, &me::d, &me::e, &me::f, &me::g, &me::h, &me::i, &me::j, &me::k, &me::l, &me::m,
                                         &me::n, &me::o, &me::p, &me::q>("of_seventeen", 1);
};
static_assert(detail::is_flat<flat> && detail::is_flat<amount> && detail::is_flat<of_seventeen>);
static_assert(!detail::is_flat<with_list> && !detail::is_flat<with_map> && !detail::is_flat<encoded_value>);

template <class T>
std::optional<T> read_flat(std::string_view bytes) {
  T object{};
  detail::flat_reader from{bytes};
  if (!from.read(object) || !from.at_end()) return std::nullopt;
  return object;
}

template <class T>
result<T> by_document(std::string_view bytes) {
  document parsed;
  const auto root = parsed.parse(bytes);
  if (!root) return root.error();
  T object{};
  if (auto ok = decode(*root, object); !ok) return detail::within(T::about.name, ok.error());
  return object;
}

template <class T>
T any_number(std::mt19937_64& random) {
  return static_cast<T>(random() >> random() % 64) * (random() % 2 ? 1 : static_cast<T>(-1));
}

flat any(std::mt19937_64& random) {
  const auto text = [&](std::size_t most) { return std::string(random() % most, static_cast<char>('a' + random() % 26)); };
  flat made{random() % 2 == 0,
            any_number<std::int8_t>(random),
            any_number<std::int64_t>(random),
            any_number<std::uint8_t>(random),
            any_number<std::uint32_t>(random),
            any_number<std::uint64_t>(random),
            random() % 2 ? std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 100)
                         : static_cast<double>(any_number<std::int32_t>(random)),
            random() % 2 ? 0.25f : static_cast<float>(any_number<std::int8_t>(random)),
            text(random() % 4 ? 40 : 1'000),
            random() % 2 ? mood::low : mood::fine,
            std::nullopt,
            std::nullopt,
            {any_number<std::int32_t>(random), text(300)}};
  if (random() % 2) made.maybe = amount{any_number<std::int32_t>(random), text(20)};
  if (random() % 2) made.perhaps = random() % 2 == 0;
  return made;
}

/// Decoded as if there were no shorter way: the same value, or the same error. Whether there was a value.
bool decoded_as_by_document(std::string_view given) {
  const std::vector<char> exact(given.begin(), given.end());  // a sanitizer sees what is read behind it
  const std::string_view bytes{exact.data(), exact.size()};
  const auto ours = decoded<flat>(bytes), theirs = by_document<flat>(bytes);
  BOOST_TEST_REQUIRE(ours.has_value() == theirs.has_value());
  if (!ours)
    BOOST_TEST_REQUIRE((ours.error() == theirs.error()));
  else
    BOOST_TEST_REQUIRE((encoded(*ours) == encoded(*theirs)));
  return ours.has_value();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_flat_structs)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_without_a_document) {
  std::mt19937_64 random{1};
  for (int round = 0; round < 20'000; ++round) {
    auto object = any(random);
    const auto read = read_flat<flat>(encoded(object));
    if (std::abs(object.number) > 0x1p53 && std::trunc(object.number) == object.number) continue;  // may be left to a document
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST_REQUIRE(same(*read, object));
  }
  for (const auto n : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::numeric_limits<std::int64_t>::max()}) {
    flat object;
    object.i64 = n;
    BOOST_TEST(read_flat<flat>(encoded(object)).value().i64 == n);
  }
}

BOOST_AUTO_TEST_CASE(more_fields_and_longer_names_have_a_longer_head) {
  of_seventeen object;
  object.q = true;
  BOOST_TEST(read_flat<of_seventeen>(encoded(object)).value().q);
  BOOST_TEST(read_flat<endless>(encoded(endless{true})).value().yes);
}

BOOST_AUTO_TEST_CASE(what_is_damaged_is_decoded_or_refused_as_by_a_document) {
  std::mt19937_64 random{2};
  std::size_t taken = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto bytes = encoded(any(random));
    BOOST_TEST_REQUIRE(decoded_as_by_document(bytes));
    auto damaged = bytes;
    const auto place = random() % bytes.size();
    switch (random() % 4) {
      case 0: damaged.resize(place); break;
      case 1: damaged[place] = static_cast<char>(random()); break;
      case 2: damaged.insert(place, 1, static_cast<char>(random())); break;
      default: damaged += static_cast<char>(random());
    }
    ++(decoded_as_by_document(damaged) ? taken : refused);
  }
  BOOST_TEST(taken > 1'000u);
  BOOST_TEST(refused > 1'000u);
}

BOOST_AUTO_TEST_CASE(each_byte_may_be_any_other) {
  flat object;
  object.maybe = amount{-70'000, "a"};
  const auto bytes = encoded(object);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (int other = 0; other < 256; ++other) {
      auto damaged = bytes;
      damaged[i] = static_cast<char>(other);
      decoded_as_by_document(damaged);
      decoded_as_by_document(std::string_view{damaged}.substr(0, i + 1));
    }
}

BOOST_AUTO_TEST_CASE(a_number_may_be_written_longer_than_it_need_be) {
  const std::string_view head =
      "\x82\xa5"
      "cents";
  const std::string tail =
      "\xa8"
      "currency"
      "\xa1x";
  const std::pair<std::string, std::optional<std::int32_t>> ways[] = {
      {"\x07", 7},
      {{"\xcc\x07"}, 7},
      {{"\xd0\x07"}, 7},
      {{"\xd0\xf9"}, -7},
      {{"\xcd\0\x07", 3}, 7},
      {{"\xd1\xff\xf9"}, -7},
      {{"\xce\0\0\0\x07", 5}, 7},
      {{"\xd2\xff\xff\xff\xf9"}, -7},
      {{"\xd3\0\0\0\0\0\0\0\x07", 9}, 7},
      {{"\xd3\xff\xff\xff\xff\x80\0\0\0", 9}, std::numeric_limits<std::int32_t>::min()},
      {{"\xd3\xff\xff\xff\xff\x7f\xff\xff\xff"}, std::nullopt},
      {{"\xce\x80\0\0\0", 5}, std::nullopt},
      {{"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"}, std::nullopt}};
  for (const auto& [number, expected] : ways) {
    const auto bytes = std::string{head} + number + tail;
    const auto read = read_flat<amount>(bytes);
    BOOST_TEST(read.has_value() == expected.has_value());
    if (read) BOOST_TEST(read->cents == *expected);
    BOOST_TEST(by_document<amount>(bytes).has_value() == expected.has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_whole_number_that_no_double_holds_is_refused) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  const auto number = [](std::int64_t n) {
    std::string bytes;
    encoder out{bytes};
    out.begin_map(1);
    out.put(std::string_view{"number"});
    out.put(n);
    return decoded<real>(bytes);
  };
  for (const std::int64_t sign : {1, -1}) {
    BOOST_TEST(number(sign * exact).value().number == static_cast<double>(sign) * 0x1p53);
    BOOST_TEST(!number(sign * (exact + 1)).has_value());
    BOOST_TEST(number(sign * (exact + 2)).value().number == static_cast<double>(sign) * (0x1p53 + 2));
  }
}

BOOST_AUTO_TEST_CASE(fields_in_another_order_or_missing_are_left_to_a_document) {
  std::string bytes;
  encoder out{bytes};
  out.begin_map(1);
  out.put(std::string_view{"currency"});
  out.put(std::string_view{"CHF"});
  BOOST_TEST(!read_flat<amount>(bytes).has_value());
  const auto read = decoded<amount>(bytes).value();
  BOOST_TEST(read.cents == 5);
  BOOST_TEST(read.currency == "CHF");
}

BOOST_AUTO_TEST_SUITE_END()
