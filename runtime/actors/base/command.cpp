#include "actors/base/command.hpp"

#include "store/read/send_ids.hpp"

#include <array>
#include <cstring>
#include <type_traits>

namespace annals::actors {
namespace {

constexpr std::array texts{&command::stream,    &command::body,      &command::id,   &command::correlation,
                           &command::causation, &command::principal, &command::trace};
static_assert(std::is_trivially_copyable_v<trace_context>);

}  // namespace

std::uint64_t command::fingerprint() const { return store::fingerprint_of(name, body); }

std::size_t command::text_bytes() const {
  std::size_t bytes = 0;
  for (const auto text : texts) bytes += (this->*text).size();
  return bytes;
}

void command::set_trace(const trace_context& of) { trace = {reinterpret_cast<const char*>(&of), sizeof of}; }

trace_context command::traced() const {
  trace_context of;
  if (!trace.empty()) std::memcpy(&of, trace.data(), sizeof of);
  return of;
}

void command::copy_texts_to(char* place) {
  for (const auto text : texts) {
    auto& view = this->*text;
    if (view.empty()) continue;
    std::memcpy(place, view.data(), view.size());
    view = {place, view.size()};
    place += view.size();
  }
}

owned_command::owned_command(const command& what) : what_(what), texts_(new char[what.text_bytes()]) {
  what_.copy_texts_to(texts_.get());
  what_.next = nullptr;
}

void command_list::add(const command& what) {
  char* place = room_for(what.text_bytes());  // first: if memory runs out here, the list is unchanged
  commands_.push_back(what);
  commands_.back().copy_texts_to(place);
}

char* command_list::room_for(std::size_t bytes) {
  if (bytes > block_bytes) return large_.emplace_back(new char[bytes]).get();
  if (!blocks_.empty() && used_ + bytes > block_bytes) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) blocks_.emplace_back(new char[block_bytes]);
  char* place = blocks_[block_].get() + used_;
  used_ += bytes;
  return place;
}

void command_list::clear() {
  commands_.clear();
  large_.clear();
  if (blocks_.size() > blocks_kept_max) blocks_.resize(blocks_kept_max);
  block_ = used_ = 0;
}

}  // namespace annals::actors
