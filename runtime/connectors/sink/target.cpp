#include "connectors/sink/target.hpp"

#include <algorithm>
#include <array>

namespace annals::connectors {

/// FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
std::uint32_t slot_of(std::string_view stream) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : stream) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return static_cast<std::uint32_t>((hash ^ hash >> 32) % slot_count);
}

held_event::held_event(const record_view& from) : record(from), slot(slot_of(from.stream)) {
  const std::array texts{&record.stream,      &record.type,      &record.command_id, &record.causation,
                         &record.correlation, &record.principal, &record.payload};
  std::size_t size = 0;
  for (const auto* text : texts) size += text->size();
  bytes_ = std::make_unique_for_overwrite<char[]>(size);
  auto* to = bytes_.get();
  for (auto* text : texts) {
    auto* const begin = to;
    to = std::copy(text->begin(), text->end(), to);
    *text = {begin, text->size()};
  }
}

}  // namespace annals::connectors
