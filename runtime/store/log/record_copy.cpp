#include "store/log/record_copy.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace annals::store {
namespace {

constexpr std::size_t first_piece = 4 * 1'024;     // bytes; doubled each time
constexpr std::size_t longest_piece = 32 * 1'024;  // glibc merges all its small free pieces when 64 KiB are freed at once
constexpr std::size_t own_bytes = 2 * 1'024;       // a longer record has a piece of its own

std::array<std::string_view*, 7> texts_of(record_view& one) {
  return {&one.stream, &one.type, &one.command_id, &one.causation, &one.correlation, &one.principal, &one.payload};
}

std::size_t text_bytes(record_view of) {
  std::size_t size = 0;
  for (const auto* text : texts_of(of)) size += text->size();
  return size;
}

void move_texts(record_view& of, char* to) {
  for (auto* text : texts_of(of)) {
    if (!text->empty()) std::memcpy(to, text->data(), text->size());
    *text = {to, text->size()};
    to += text->size();
  }
}

}  // namespace

record_copy copy_of(const record_view& record) {
  const std::shared_ptr<char[]> bytes{new char[text_bytes(record) + 1]};
  record_copy made{record, bytes};
  move_texts(made.record, bytes.get());
  return made;
}

record_copy record_copier::copy(const record_view& record) {
  const auto size = text_bytes(record);
  if (size > own_bytes) return copy_of(record);
  if (size_ - used_ < size) {
    const auto next = std::clamp(2 * size_, first_piece, longest_piece);
    bytes_.reset(new char[next]);
    size_ = next;
    used_ = 0;
  }
  record_copy made{record, bytes_};
  move_texts(made.record, bytes_.get() + used_);
  used_ += size;
  return made;
}

}  // namespace annals::store
