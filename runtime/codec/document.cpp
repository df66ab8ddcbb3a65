// Reading msgpack: a document of values, within limits.
#include <annals/codec.hpp>

#include <msgpack.hpp>

namespace annals {
namespace {

using object = msgpack::object;
namespace kind = msgpack::type;

const object& of(const void* p) { return *static_cast<const object*>(p); }

// Larger than any event may be, and no deeper than a person nests: what is past it is not ours.
const msgpack::unpack_limit limits{1u << 20, 1u << 20, 16u << 20, 16u << 20, 16u << 20, 64};

bool refer(kind::object_type, std::size_t, void*) { return true; }

}  // namespace

bool value::is_nil() const { return of(object_).type == kind::NIL; }
bool value::is_map() const { return of(object_).type == kind::MAP; }
bool value::is_array() const { return of(object_).type == kind::ARRAY; }

std::size_t value::size() const {
  const auto& o = of(object_);
  if (o.type == kind::MAP) return o.via.map.size;
  if (o.type == kind::ARRAY) return o.via.array.size;
  return 0;
}

std::string_view value::key(std::size_t i) const {
  const auto& o = of(object_);
  if (o.type != kind::MAP || i >= o.via.map.size) return {};
  const auto& key = o.via.map.ptr[i].key;
  if (key.type != kind::STR) return {};
  return {key.via.str.ptr, key.via.str.size};
}

value value::at(std::size_t i) const {
  const auto& o = of(object_);
  if (i >= size()) detail::broken("value::at past the end");
  return value{o.type == kind::MAP ? &o.via.map.ptr[i].val : &o.via.array.ptr[i]};
}

std::optional<value> value::find(std::string_view name) const {
  if (!is_map()) return std::nullopt;
  for (std::size_t i = 0; i < size(); ++i)
    if (key(i) == name) return at(i);
  return std::nullopt;
}

bool value::get(bool& out) const {
  const auto& o = of(object_);
  if (o.type != kind::BOOLEAN) return false;
  out = o.via.boolean;
  return true;
}

bool value::get(std::int64_t& out) const {
  const auto& o = of(object_);
  if (o.type == kind::NEGATIVE_INTEGER) {
    out = o.via.i64;
    return true;
  }
  if (o.type != kind::POSITIVE_INTEGER || o.via.u64 > std::uint64_t{INT64_MAX}) return false;
  out = static_cast<std::int64_t>(o.via.u64);
  return true;
}

bool value::get(std::uint64_t& out) const {
  const auto& o = of(object_);
  if (o.type != kind::POSITIVE_INTEGER) return false;
  out = o.via.u64;
  return true;
}

bool value::get(double& out) const {
  const auto& o = of(object_);
  if (o.type == kind::FLOAT64 || o.type == kind::FLOAT32) {
    out = o.via.f64;
    return true;
  }
  // The packer writes a whole number as an integer, exactly; one that no double can hold was none.
  if (o.type == kind::POSITIVE_INTEGER) out = static_cast<double>(o.via.u64);
  if (o.type == kind::NEGATIVE_INTEGER) out = static_cast<double>(o.via.i64);
  constexpr double past_u64 = 18446744073709551616.0;
  return (o.type == kind::POSITIVE_INTEGER && out < past_u64 && static_cast<std::uint64_t>(out) == o.via.u64) ||
         (o.type == kind::NEGATIVE_INTEGER && static_cast<std::int64_t>(out) == o.via.i64);
}

bool value::get(std::string_view& out) const {
  const auto& o = of(object_);
  if (o.type != kind::STR) return false;
  out = {o.via.str.ptr, o.via.str.size};
  return true;
}

void value::copy_to(std::string& out) const {
  struct sink {
    std::string* to;
    void write(const char* bytes, std::size_t count) { to->append(bytes, count); }
  } s{&out};
  msgpack::packer<sink>(s).pack(of(object_));
}

struct document::zone {
  msgpack::zone memory;
  msgpack::object root;
};

document::document() : zone_(new zone) {}
document::~document() { delete zone_; }

result<value> document::parse(std::string_view bytes) {
  zone_->memory.clear();
  std::size_t used = 0;
  bool by_reference = false;
  try {
    zone_->root = msgpack::unpack(zone_->memory, bytes.data(), bytes.size(), used, by_reference, refer, nullptr, limits);
  } catch (const std::exception& e) {
    return error{errc::undecodable, "not msgpack", e.what()};
  }
  if (used != bytes.size())
    return error{errc::undecodable, "not msgpack", std::to_string(bytes.size() - used) + " bytes behind the value"};
  return value{&zone_->root};
}

namespace detail {

error wrong_kind(std::string_view expected) { return {errc::undecodable, "undecodable", "expected " + std::string{expected}}; }

error within(std::string_view name, error inner) {
  const bool is_place = inner.detail.starts_with("expected ") || inner.detail.starts_with("duplicate ");
  inner.detail = std::string{name} + (is_place ? ": " : ".") + inner.detail;
  return inner;
}

error duplicate_key(std::string_view name) {
  return {errc::undecodable, "undecodable", "duplicate key " + std::string{name}};
}

}  // namespace detail
}  // namespace annals
