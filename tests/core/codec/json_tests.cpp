// JSON of payloads is what the JSON library makes of the same bytes, byte for byte.
#include <annals/codec.hpp>

#include <boost/test/unit_test.hpp>
#include <msgpack.hpp>
#include <nlohmann/json.hpp>

#include <random>

using namespace annals;

namespace {

struct into_bytes {
  std::string* to;
  void write(const char* bytes, std::size_t count) { to->append(bytes, count); }
};
using bytes_packer = msgpack::packer<into_bytes>;

/// Nearly always plain; now and then with what JSON has to escape or replace.
std::string any_text(std::mt19937& random) {
  static const std::string odd[] = {"\"", "\\", "\n", std::string(1, '\0'), "\x1f", "\x7f", "ü", "\xff", "€", "\xed\xa0\x80", "/", "<"};
  auto text = std::string(random() % 4, static_cast<char>('a' + random() % 3));
  if (random() % 12 == 0) text += odd[random() % std::size(odd)];
  return text;
}

void put(bytes_packer& out, const std::string& text) {
  out.pack_str(static_cast<std::uint32_t>(text.size())).pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
}

void put_any(bytes_packer& out, std::mt19937& random, int depth) {
  const auto bits = (std::uint64_t{random()} << 32 | random()) >> (random() % 64);
  switch (random() % (depth > 0 ? 12 : 8)) {
    case 0: out.pack_nil(); return;
    case 1: random() % 2 ? out.pack_true() : out.pack_false(); return;
    case 2: out.pack_int64(static_cast<std::int64_t>(bits) * (random() % 2 ? 1 : -1)); return;
    case 3: out.pack_uint64(bits); return;
    case 4:
      if (random() % 8 != 0) return put(out, any_text(random));
      random() % 2 ? out.pack_double(static_cast<double>(bits) / 7) : out.pack_double(1.0);
      return;
    case 5:
      if (random() % 8 != 0) return put(out, any_text(random));
      out.pack_bin(3).pack_bin_body("abc", 3);
      return;
    case 6:
    case 7: return put(out, any_text(random));
    case 8:
    case 9: {
      const auto entries = random() % 30 == 0 ? 40 : random() % 5;
      out.pack_map(static_cast<std::uint32_t>(entries));
      for (std::size_t i = 0; i < entries; ++i) {
        put(out, any_text(random));  // the same one more than once, too
        put_any(out, random, depth - 1);
      }
      return;
    }
    default: {
      const auto entries = random() % 5;
      out.pack_array(static_cast<std::uint32_t>(entries));
      for (std::size_t i = 0; i < entries; ++i) put_any(out, random, depth - 1);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(json_of_payloads)

BOOST_AUTO_TEST_CASE(is_that_of_the_library) {
  using json = nlohmann::ordered_json;
  std::mt19937 random{1};
  for (int n = 0; n < 20'000; ++n) {
    std::string bytes;
    into_bytes to{&bytes};
    bytes_packer out{to};
    put_any(out, random, 4);
    const auto expected = json::from_msgpack(bytes.begin(), bytes.end()).dump(-1, ' ', false, json::error_handler_t::replace);
    BOOST_TEST_REQUIRE(to_json(bytes).value() == expected);
  }
}

BOOST_AUTO_TEST_SUITE_END()
