#include "store/log/record_copy.hpp"

#include <cstring>

namespace annals::store {

record_copy copy_of(const record_view& record) {
  record_copy made{record, nullptr};
  std::string_view* const texts[] = {&made.record.stream,      &made.record.type,      &made.record.command_id, &made.record.causation,
                                     &made.record.correlation, &made.record.principal, &made.record.payload};
  std::size_t size = 0;
  for (const auto* text : texts) size += text->size();
  const std::shared_ptr<char[]> bytes{new char[size + 1]};
  auto* to = bytes.get();
  for (auto* text : texts) {
    if (!text->empty()) std::memcpy(to, text->data(), text->size());
    *text = {to, text->size()};
    to += text->size();
  }
  made.bytes = bytes;
  return made;
}

}  // namespace annals::store
