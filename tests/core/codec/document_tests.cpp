// Our reader of msgpack beside msgpack-c: the same bytes are taken and refused, and have the same values.
#include <annals/codec.hpp>

#include <boost/test/unit_test.hpp>
#include <msgpack.hpp>

#include <bit>
#include <random>

using namespace annals;

namespace {

struct appending {
  std::string* to;
  void write(const char* bytes, std::size_t count) { to->append(bytes, count); }
};
using packer = msgpack::packer<appending>;

std::string text_of(std::mt19937& random, std::size_t most) { return std::string(random() % (most + 1), static_cast<char>(random())); }

/// Any kind of value, in any of the forms that msgpack has for it.
void pack_any(packer& out, std::mt19937& random, int depth) {
  const auto bits = (std::uint64_t{random()} << 32 | random()) >> (random() % 64);
  switch (random() % (depth > 0 ? 15 : 12)) {
    case 0: out.pack_nil(); return;
    case 1: random() % 2 ? out.pack_true() : out.pack_false(); return;
    case 2: out.pack_fix_uint8(static_cast<std::uint8_t>(bits)); return;
    case 3: out.pack_fix_int8(static_cast<std::int8_t>(bits)); return;
    case 4: out.pack_fix_int16(static_cast<std::int16_t>(bits)); return;
    case 5: out.pack_fix_int32(static_cast<std::int32_t>(bits)); return;
    case 6: out.pack_fix_int64(static_cast<std::int64_t>(bits)); return;
    case 7: out.pack_int64(static_cast<std::int64_t>(bits) * (random() % 2 ? 1 : -1)); return;
    case 8: out.pack_uint64(bits); return;
    case 9: random() % 2 ? out.pack_float(static_cast<float>(bits) / 7) : out.pack_double(static_cast<double>(bits) / 7); return;
    case 10: {
      const auto text = text_of(random, random() % 20 ? 40 : 70'000);
      out.pack_str(static_cast<std::uint32_t>(text.size())).pack_str_body(text.data(), static_cast<std::uint32_t>(text.size()));
      return;
    }
    case 11: {
      const auto text = text_of(random, random() % 20 ? 40 : 70'000);
      if (random() % 2)
        out.pack_bin(static_cast<std::uint32_t>(text.size())).pack_bin_body(text.data(), static_cast<std::uint32_t>(text.size()));
      else
        out.pack_ext(text.size(), static_cast<std::int8_t>(random())).pack_ext_body(text.data(), static_cast<std::uint32_t>(text.size()));
      return;
    }
    case 12:
    case 13: {
      const auto entries = random() % 5;
      out.pack_map(static_cast<std::uint32_t>(entries));
      for (std::size_t i = 0; i < entries; ++i) {
        const auto key = text_of(random, 9);
        if (random() % 10)
          out.pack_str(static_cast<std::uint32_t>(key.size())).pack_str_body(key.data(), static_cast<std::uint32_t>(key.size()));
        else
          out.pack_int64(7);
        pack_any(out, random, depth - 1);
      }
      return;
    }
    default: {
      const auto entries = random() % 20 ? random() % 5 : 20;
      out.pack_array(static_cast<std::uint32_t>(entries));
      for (std::size_t i = 0; i < entries; ++i) pack_any(out, random, depth - 1);
    }
  }
}

bool same(const value& ours, const msgpack::object& theirs);

bool same_entries(const value& ours, const msgpack::object& theirs) {
  const bool is_map = theirs.type == msgpack::type::MAP;
  const std::size_t count = is_map ? theirs.via.map.size : theirs.via.array.size;
  if (ours.is_map() != is_map || ours.is_array() == is_map || ours.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    if (is_map) {
      const auto& key = theirs.via.map.ptr[i].key;
      const bool is_text = key.type == msgpack::type::STR;
      if (ours.key(i) != (is_text ? std::string_view{key.via.str.ptr, key.via.str.size} : std::string_view{})) return false;
    }
    if (!same(ours.at(i), is_map ? theirs.via.map.ptr[i].val : theirs.via.array.ptr[i])) return false;
  }
  return true;
}

/// Which getters give something. Whole numbers may be asked for as floating ones, too.
bool gives(const value& v, bool boolean, bool natural, bool integer, bool number, bool text) {
  bool b{};
  std::uint64_t n{};
  std::int64_t i{};
  double d{};
  std::string_view t;
  const bool is_number = number || natural || integer;
  return v.get(b) == boolean && v.get(n) == natural && v.get(i) == integer && v.get(t) == text && (v.get(d) ? is_number : !number);
}

bool same(const value& ours, const msgpack::object& theirs) {
  namespace kind = msgpack::type;
  bool b{};
  std::uint64_t n{};
  std::int64_t i{};
  double d{};
  std::string_view t;
  switch (theirs.type) {
    case kind::NIL: return ours.is_nil() && gives(ours, false, false, false, false, false);
    case kind::BOOLEAN: return gives(ours, true, false, false, false, false) && ours.get(b) && b == theirs.via.boolean;
    case kind::POSITIVE_INTEGER:
      return gives(ours, false, true, theirs.via.u64 <= std::uint64_t{INT64_MAX}, false, false) && ours.get(n) && n == theirs.via.u64 &&
             (!ours.get(i) || static_cast<std::uint64_t>(i) == n);
    case kind::NEGATIVE_INTEGER: return gives(ours, false, false, true, false, false) && ours.get(i) && i == theirs.via.i64;
    case kind::FLOAT32:
    case kind::FLOAT64:  // bit for bit: some are not equal to themselves
      return gives(ours, false, false, false, true, false) && ours.get(d) &&
             std::bit_cast<std::uint64_t>(d) == std::bit_cast<std::uint64_t>(theirs.via.f64);
    case kind::STR:
      return gives(ours, false, false, false, false, true) && ours.get(t) && t == std::string_view{theirs.via.str.ptr, theirs.via.str.size};
    case kind::MAP:
    case kind::ARRAY: return same_entries(ours, theirs);
    default: return gives(ours, false, false, false, false, false) && !ours.is_nil() && ours.size() == 0;
  }
}

/// Both take the bytes and see the same, or both refuse them. Whether they take them.
bool agree_to_take(std::string_view bytes) {
  document parsed;
  const auto ours = parsed.parse(bytes);
  bool taken = false;
  msgpack::object_handle theirs;
  try {
    std::size_t used = 0;
    theirs = msgpack::unpack(bytes.data(), bytes.size(), used, nullptr, nullptr, {1u << 20, 1u << 20, 16u << 20, 16u << 20, 16u << 20, 128});
    taken = used == bytes.size();
  } catch (const std::exception&) {
  }
  BOOST_TEST_REQUIRE(ours.has_value() == taken);
  if (taken) {
    BOOST_TEST_REQUIRE(same(*ours, theirs.get()));
    std::string copy;
    ours->copy_to(copy);
    BOOST_TEST_REQUIRE((copy == bytes));
  }
  return taken;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(documents)

BOOST_AUTO_TEST_CASE(they_read_as_msgpack_c_reads_them_whole_and_damaged) {
  std::mt19937 random{1};
  std::size_t taken = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    appending to{&bytes};
    packer out{to};
    pack_any(out, random, 5);
    BOOST_TEST_REQUIRE(agree_to_take(bytes));
    for (int change = 0; change < 3; ++change) {
      auto damaged = bytes;
      if (random() % 3 == 0)
        damaged.resize(random() % damaged.size());
      else
        damaged[random() % std::min<std::size_t>(damaged.size(), 50)] = static_cast<char>(random());
      ++(agree_to_take(damaged) ? taken : refused);
    }
  }
  BOOST_TEST(taken > 1'000u);
  BOOST_TEST(refused > 1'000u);
}

BOOST_AUTO_TEST_CASE(every_first_byte_is_read_as_msgpack_c_reads_it) {
  for (int head = 0; head < 256; ++head)
    for (const std::size_t more : {0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 40}) agree_to_take(static_cast<char>(head) + std::string(more, '\0'));
}

BOOST_AUTO_TEST_CASE(so_deep_and_no_deeper) {
  document parsed;
  BOOST_TEST(parsed.parse(std::string(127, '\x91') + '\x90').has_value());
  BOOST_TEST(!parsed.parse(std::string(128, '\x91') + '\x90').has_value());
  BOOST_TEST(parsed.parse("\x07").has_value());  // and it can be used again
}

BOOST_AUTO_TEST_SUITE_END()
