// Every value that can be a field comes back as it was, to the bit where it has one; what cannot is refused.
#include <annals/codec.hpp>

#include <rapidcheck.h>
#include <boost/test/unit_test.hpp>

#include <bit>
#include <limits>
#include <unordered_map>

using namespace annals;

namespace {

struct reals {
  double d = 1;
  float f = 1;
  std::optional<double> maybe;
  std::vector<double> list;  // goes through a document; the others are read straight
  static constexpr auto about = describe<&reals::d, &reals::f, &reals::maybe, &reals::list>("reals", 1);
};
struct flat_reals {
  double d = 1;
  float f = 1;
  std::optional<double> maybe;
  static constexpr auto about = describe<&flat_reals::d, &flat_reals::f, &flat_reals::maybe>("reals", 1);
};
struct one_double {
  double number = 0;
  static constexpr auto about = describe<&one_double::number>("one", 1);
};
struct one_float {
  float number = 0;
  static constexpr auto about = describe<&one_float::number>("one", 1);
};

enum class level : std::int8_t { low = -1, high = 1 };
struct oddities {
  char c = 0;
  wchar_t w = 0;
  char8_t c8 = 0;
  char32_t c32 = 0;
  std::byte raw{};
  level out_of_range = level::low;
  std::vector<bool> bits;
  std::vector<std::optional<std::int64_t>> holes;
  std::unordered_map<std::string, std::optional<std::string>> maybe;
  std::string bytes;
  static constexpr auto about = describe<&oddities::c, &oddities::w, &oddities::c8, &oddities::c32, &oddities::raw, &oddities::out_of_range,
                                         &oddities::bits, &oddities::holes, &oddities::maybe, &oddities::bytes>("oddities", 1);
};

template <class Real>
bool same_bits(Real a, Real b) {
  using bits = std::conditional_t<sizeof(Real) == 4, std::uint32_t, std::uint64_t>;
  return std::bit_cast<bits>(a) == std::bit_cast<bits>(b);
}
template <class Reals>
bool comes_back(double number) {
  Reals of;
  of.d = number;
  of.f = static_cast<float>(number);
  of.maybe = number;
  if constexpr (requires { of.list; }) of.list = {number, -number};
  const auto back = decoded<Reals>(encoded(of)).value();
  if constexpr (requires { of.list; })
    if (!same_bits(back.list.at(0), number) || !same_bits(back.list.at(1), -number)) return false;
  return same_bits(back.d, of.d) && same_bits(back.f, of.f) && back.maybe && same_bits(*back.maybe, number);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exact)

BOOST_AUTO_TEST_CASE(case_76_a_real_number_comes_back_to_the_bit) {
  using limits = std::numeric_limits<double>;
  const double nan_with_payload = std::bit_cast<double>(std::uint64_t{0x7ff8'0000'2000'0001});
  for (const double number :
       {0.0, -0.0, 1.0, -1.0, 0.1, 1e300, 9007199254740993.0, 1.8446744073709552e19, -9.2233720368547758e18, limits::max(), limits::lowest(),
        limits::min(), limits::denorm_min(), limits::infinity(), -limits::infinity(), limits::quiet_NaN(), -limits::quiet_NaN(), nan_with_payload}) {
    BOOST_TEST(comes_back<reals>(number), number);
    BOOST_TEST(comes_back<flat_reals>(number), number);
  }
  BOOST_TEST(rc::check([](std::uint64_t bits) {
    const auto number = std::bit_cast<double>(bits);
    RC_ASSERT(comes_back<reals>(number));
    RC_ASSERT(comes_back<flat_reals>(number));
  }));
}

BOOST_AUTO_TEST_CASE(case_76_a_float_takes_no_number_that_is_none) {
  for (const double number : {0.1, 1e300, -1e300, 16777217.0, std::numeric_limits<double>::denorm_min()}) {
    const auto narrowed = decoded<one_float>(encoded(one_double{number}));
    BOOST_TEST_REQUIRE(!narrowed.has_value(), number);
    BOOST_TEST(narrowed.error().detail == "one.number: expected a number that fits its field");
  }
  BOOST_TEST(decoded<one_float>(encoded(one_double{0.5})).value().number == 0.5F);
}

BOOST_AUTO_TEST_CASE(case_76_what_is_unusual_comes_back_as_it_was) {
  BOOST_TEST(rc::check(
      [](char c, std::uint32_t wide, std::uint8_t raw, std::int8_t number, const std::vector<bool>& bits, const std::string& bytes, std::int64_t at) {
        oddities of;
        of.c = c;
        of.w = static_cast<wchar_t>(wide);
        of.c8 = static_cast<char8_t>(raw);
        of.c32 = wide;
        of.raw = std::byte{raw};
        of.out_of_range = static_cast<level>(number);
        of.bits = bits;
        of.holes = {at, std::nullopt, -at};
        of.maybe = {{bytes, std::nullopt}, {bytes + "x", bytes}};
        of.bytes = bytes + "\xff\xc0" + std::string(1, '\0');
        RC_ASSERT(same(decoded<oddities>(encoded(of)).value(), of));
      }));
}

BOOST_AUTO_TEST_SUITE_END()
