// Reads the fields of a struct from a document: the part of decoding that is the same for all types.
#include <annals/codec.hpp>

#include <optional>

namespace annals::detail {

namespace {

/// For field names, which are short: the library's comparison is optimised for long texts.
bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

}  // namespace

result<void> get_fields(const value& from, std::initializer_list<field_in_object> fields) {
  if (!from.is_map()) return wrong_kind("a map");
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::string_view key = from.key(i);
    std::uint64_t bit = 1;
    for (auto field = fields.begin(); field != fields.end(); ++field, bit <<= 1) {
      if (!same_text(field->name, key)) continue;
      if (seen & bit) return duplicate_key(key);
      seen |= bit;
      if (auto ok = field->get(from.at(i), field->where); !ok) return within(field->name, std::move(ok).error());
      break;
    }
  }
  return {};
}

result<void> decode_document(std::string_view bytes, std::string_view name, void* object, get_erased get) {
  thread_local document parsed;
  const auto root = parsed.parse(bytes);
  if (!root) return root.error();
  if (auto ok = get(*root, object); !ok) return within(name, std::move(ok).error());
  return {};
}

}  // namespace annals::detail
