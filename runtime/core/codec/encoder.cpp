// Writes msgpack.
#include <annals/codec.hpp>

#include <msgpack.hpp>

#include <cmath>
#include <stdexcept>

namespace annals {
namespace {

/// msgpack's packer writes to anything that has write(); this one appends to a string.
struct string_sink {
  std::string* out;
  void write(const char* bytes, std::size_t count) { out->append(bytes, count); }
};

msgpack::packer<string_sink> packer_for(string_sink& sink) { return msgpack::packer<string_sink>(sink); }

std::uint32_t checked_count(std::size_t count) {
  if (count > 0xffffffffu) throw std::length_error{"a map, array or text with more than 4 G entries cannot be encoded"};
  return static_cast<std::uint32_t>(count);
}

}  // namespace

void encoder::put(bool v) {
  string_sink sink{out_};
  v ? packer_for(sink).pack_true() : packer_for(sink).pack_false();
}

void encoder::put(std::int64_t v) {
  string_sink sink{out_};
  packer_for(sink).pack_int64(v);
}

void encoder::put(std::uint64_t v) {
  string_sink sink{out_};
  packer_for(sink).pack_uint64(v);
}

void encoder::put(double v) {
  string_sink sink{out_};
  // The packer writes a whole number as an integer, and integers have no negative zero.
  if (v == 0 && std::signbit(v)) return sink.write("\xcb\x80\0\0\0\0\0\0\0", 1 + sizeof v);
  packer_for(sink).pack_double(v);
}

void encoder::put(std::string_view v) {
  string_sink sink{out_};
  packer_for(sink).pack_str(checked_count(v.size()));
  out_->append(v);
}

void encoder::put_nil() {
  string_sink sink{out_};
  packer_for(sink).pack_nil();
}

void encoder::begin_map(std::size_t entries) {
  string_sink sink{out_};
  packer_for(sink).pack_map(checked_count(entries));
}

void encoder::begin_array(std::size_t entries) {
  string_sink sink{out_};
  packer_for(sink).pack_array(checked_count(entries));
}

void encoder::put_nothing() {
  constexpr char begins_no_value = '\xc1';
  out_->push_back(begins_no_value);
  is_undecodable_ = true;
}

void encoder::put_encoded(std::string_view value) {
  if (!detail::is_one_value(value)) return put_nothing();
  out_->append(value);
}

}  // namespace annals
