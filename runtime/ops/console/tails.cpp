#include "ops/console/tails.hpp"

#include "ops/console/moments.hpp"
#include "ops/console/shapes.hpp"

#include <algorithm>

namespace annals::ops {
namespace {

constexpr std::size_t payload_bytes_in_tail = 4 * 1024;
constexpr std::size_t records_at_first = 50;

}  // namespace

bool tails::enter() {
  const std::lock_guard lock{mutex_};
  if (closed_ || count_ >= most_) return false;
  ++count_;
  return true;
}

void tails::leave() {
  const std::lock_guard lock{mutex_};
  --count_;
}

std::size_t tails::count() {
  const std::lock_guard lock{mutex_};
  return count_;
}

bool tails::wait(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, time, [this] { return closed_; });
}

void tails::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  changed_.notify_all();
}

void tail::say(std::string& into, std::string_view event, const json& data) const {
  into += "event: ";
  into += event;
  into += "\nid: " + std::to_string(looked_at_) + "\ndata: " + text_of(data) + "\n\n";
}

bool tail::wants(const record_view& record) const {
  return record.stream.starts_with(what_.prefix) && (what_.type.empty() || record.type == what_.type);
}

bool tail::begin(std::string& into) {
  has_begun_ = true;
  into += "retry: 1000\n\n";
  const auto head = site_.view.head();
  if (!head) return false;
  looked_at_ = std::min(what_.after.value_or(head->at), head->at);
  if (what_.after) return true;
  record_list last{site_.view.types(), records_at_first, payload_bytes_in_tail};
  std::uint64_t seen = 0;
  const auto ok = site_.view.log_backward(head->at, [&](const record_view& record) {
    if (wants(record)) last.add(record);
    return !last.is_full() && ++seen < looked_at_max && !site_.closing;
  });
  if (!ok) return false;
  if (!last.is_empty()) say(into, "records", last.taken(true));
  return true;
}

/// A page cannot show what comes faster than a person reads: it gets the newest, and is told how many it did not get.
void tail::pass_over(std::string& into, position head) {
  if (head - looked_at_ <= behind_max) return;
  const auto from = looked_at_ + 1, to = head - records_a_turn;
  looked_at_ = to;
  say(into, "skipped", {{"from", from}, {"to", to}, {"count", to - from + 1}});
}

bool tail::read_on(std::string& into) {
  const auto head = site_.view.head();
  if (!head) return false;
  if (head->at > looked_at_) {
    pass_over(into, head->at);
    record_list found{site_.view.types(), records_a_turn, payload_bytes_in_tail};
    const auto ok = site_.view.log(looked_at_ + 1, [&](const record_view& record) {
      if (site_.closing) return false;
      looked_at_ = record.at;
      if (wants(record)) found.add(record);
      return !found.is_full();
    });
    if (!ok) return false;
    if (!found.is_empty()) say(into, "records", found.taken());
  }
  if (const auto now_is = clock::now(); now_is - last_beat_ >= beat_every) {
    last_beat_ = now_is;
    say(into, "beat", {{"head", head->at}, {"now", time_text(now())}});
  }
  return true;
}

bool tail::next(std::string& into) {
  if (!has_begun_) return begin(into);
  if (!site_.tails->wait(turn)) return false;
  if (clock::now() - began_ >= lifetime) {
    say(into, "end", json::object());
    return false;
  }
  return read_on(into);
}

}  // namespace annals::ops
