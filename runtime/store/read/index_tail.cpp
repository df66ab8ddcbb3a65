#include "store/read/index_tail.hpp"

#include <new>

namespace annals::store {

/// One cache line of the processor.
struct alignas(64) open_tail::block {
  static constexpr std::size_t positions_max = 7;
  std::array<position, positions_max> at;
  block* next;
};

const stream_run* tail_segment::find(std::string_view stream) const {
  const auto found = std::lower_bound(runs.begin(), runs.end(), stream, [](const stream_run& r, std::string_view name) { return r.stream < name; });
  return found != runs.end() && found->stream == stream ? &*found : nullptr;
}

void open_tail::run::copy(std::size_t skip, std::size_t many, std::vector<position>& out) const {
  const auto* from = oldest;
  for (; skip >= block::positions_max; skip -= block::positions_max) from = from->next;
  for (; many > 0; skip = 0, from = from->next) {
    const auto here = std::min(many, block::positions_max - skip);
    out.insert(out.end(), from->at.begin() + skip, from->at.begin() + skip + here);
    many -= here;
  }
}

void open_tail::begin(std::uint64_t hash, std::string_view stream, version first, position at) {
  auto* place = static_cast<char*>(memory_.allocate(sizeof(run) + stream.size(), alignof(run)));
  auto* name = place + sizeof(run);
  stream.copy(name, stream.size());
  auto* made = new (place) run{hash, {name, stream.size()}, first, 0, nullptr, nullptr};
  runs_.push_back(made);
  table_.insert(*made);
  add(*made, at);
}

void open_tail::add(run& to, position at) {
  const auto place = to.count++ % block::positions_max;
  if (place == 0) {
    auto* made = new (memory_.allocate(sizeof(block), alignof(block))) block{};
    (to.newest ? to.newest->next : to.oldest) = made;
    to.newest = made;
  }
  to.newest->at[place] = at;
  ++records_;
}

open_tail::run* open_tail::prefetch_end(std::uint64_t hash, std::string_view stream) const {
  auto* known = find(hash, stream);
  if (known) __builtin_prefetch(known->newest, 1);
  return known;
}

std::shared_ptr<tail_segment> open_tail::close(derived_mark mark) {
  auto made = std::make_shared<tail_segment>();
  std::sort(runs_.begin(), runs_.end(), [](const run* a, const run* b) { return a->stream < b->stream; });
  std::size_t names = 0;
  for (const auto* r : runs_) names += r->stream.size();
  made->names.reserve(names);
  made->positions.reserve(records_);
  made->runs.reserve(runs_.size());
  for (const auto* r : runs_) {
    const std::string_view stream{made->names.data() + made->names.size(), r->stream.size()};
    made->names += r->stream;
    const auto* positions = made->positions.data() + made->positions.size();
    r->copy(0, r->count, made->positions);
    made->runs.push_back({stream, r->first, {positions, r->count}});
  }
  made->mark = mark;
  made->records = records_;
  runs_.clear();
  table_.clear();
  memory_.release();
  records_ = 0;
  return made;
}

}  // namespace annals::store
