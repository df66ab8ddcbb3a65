#include "connectors/kafka/relaying.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <utility>

namespace annals::kafka {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds begun_max{2};  // more events may come
constexpr milliseconds served_max{100};
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{10'000};
constexpr milliseconds leave_max{1'000};

}  // namespace

publishing relaying::how(std::string store_id) {
  return {with_.name,
          with_.brokers,
          std::move(store_id),
          with_.source,
          with_.format,
          with_.properties,
          with_.positions_topic,
          [this] { return is_over(); },
          [this](const error& why) { failed(why); }};
}

relaying::relaying(relay_options with, std::string store_id, subscription in)
    : with_(std::move(with)), in_(std::move(in)), supply_(with_, store_id, in_) {
  const auto publish = how(std::move(store_id));
  publisher_ = with_.exactly_once ? transactional_publisher(publish) : plain_publisher(publish);
}

void relaying::run() noexcept {
  if (with_.background) run_in_background();  // and so do the threads that librdkafka begins from here
  try {
    work();
  } catch (const std::exception& why) {  // no memory
    end(error{errc::unknown, "the relay has failed", why.what()});
  } catch (...) {
    end(error{errc::unknown, "the relay has failed"});
  }
  publisher_.reset();
  under_way_.clear();
  supply_.close();
  in_.leave();
  supply_.wait_for_end();
  const std::lock_guard lock{mutex_};
  status_.is_running = false;
  changed_.notify_all();
}

bool relaying::stop() {
  std::unique_lock lock{mutex_};
  is_stopping_ = true;
  over_at_ = steady::now() + with_.stop_max;
  changed_.notify_all();
  const auto has_ended = [&] { return !status_.is_running; };
  if (changed_.wait_for(lock, with_.stop_max + relay_take_max + leave_max, has_ended)) return true;
  lock.unlock();
  in_.leave();  // ends a call of next() that waits for another node
  lock.lock();
  return changed_.wait_for(lock, milliseconds{500}, has_ended);
}

relay_status relaying::status() const {
  const auto held = supply_.held_events();
  const std::lock_guard lock{mutex_};
  auto now = status_;
  now.in_flight = now.is_running ? held : 0;
  return now;
}

void relaying::work() {
  while (!is_stopping()) {
    serve_answers();
    if (!is_open_) {
      open();
      continue;
    }
    serve_doubtful();
    step();
  }
  if (is_open_) {
    publisher_->settle();  // what is under way, while there is time
    auto left = all_under_way();
    (void)answer(left);
  }
  wait_for_answers();
}

void relaying::open() {
  auto ok = publisher_->open();
  is_open_ = ok.has_value();
  if (ok) return went_well();
  if (ok.error().code == errc::not_owner) return end(std::move(ok).error());
  failed(ok.error());
  pause();
}

/// One step: hears of what is under way, and begins with more.
void relaying::step() {
  const bool is_busy = publisher_->under_way() > 0;
  auto next = supply_.take(is_busy ? milliseconds{0} : relay_take_max);
  if (!next) {
    const auto& why = next.error();
    const bool is_for_good = why.code == errc::closed || why.code == errc::store_failed || why.code == errc::forbidden;
    if (is_for_good || supply_.has_ended()) return end(why);
    failed(why);  // the other node cannot be reached, say, or the subscription has stopped until somebody decides
    pause();
  } else if (*next) {
    auto events = (*next)->all.size();
    put_under_way(std::move(*next));
    const auto begun = under_way_.size() - 1;
    // A transaction costs a few round trips, so it gets what there is.
    while (with_.exactly_once && supply_.has_ready(with_.batch_events_max - events)) {
      put_under_way(std::move(*supply_.take(milliseconds{0})));
      events += under_way_.back()->all.size();
    }
    begin(begun);
  } else if (is_busy) {
    publisher_->serve(supply_.is_full() ? served_max : begun_max);
  }
  if (publisher_->has_trouble()) settle();
  acknowledge_delivered();
  forget_acknowledged();
}

void relaying::put_under_way(std::unique_ptr<shipment> one) {
  begun_ = one->number;
  under_way_.push_back(std::move(one));
}

/// With what was taken last, from this shipment on.
void relaying::begin(std::size_t first) {
  std::vector<outgoing*> events;
  bool is_careful = false;
  for (auto i = first; i < under_way_.size(); ++i)
    for (auto& one : under_way_[i]->all) {
      if (is_known(one)) continue;
      is_careful = is_careful || one.became == fate::refused || one.event->attempt > 1 || suspects_.contains(one.topic);
      events.push_back(&one);
    }
  if (is_careful) return settle();
  if (auto ok = publisher_->begin(events); !ok) {
    if (ok.error().code == errc::not_owner) return end(std::move(ok).error());
    failed(ok.error());
    pause();
    return settle();
  }
  if (publisher_->under_way() > 0) return;
  if (std::any_of(events.begin(), events.end(), [](const auto* one) { return one->became != fate::delivered; })) settle();
}

/// Whether it was published before. Then it is only to be acknowledged.
bool relaying::is_known(outgoing& one) const {
  if (one.became == fate::open && publisher_->has_published(one.event->record)) {
    one.became = fate::delivered;
    one.is_known = true;
  }
  return one.is_known;
}

/// What was taken and is delivered, from the oldest on.
void relaying::acknowledge_delivered() {
  bool has_some = false;
  while (!under_way_.empty()) {
    auto& first = *under_way_.front();
    auto& before = first.delivered_before;
    while (before < first.all.size() && first.all[before].became == fate::delivered) ++before;
    if (before < first.all.size()) break;
    std::vector<const outgoing*> done;
    done.reserve(first.all.size());
    for (const auto& one : first.all) done.push_back(&one);
    acknowledge(done);
    supply_.release(std::move(under_way_.front()));
    under_way_.pop_front();
    has_some = true;
  }
  if (has_some) went_well();
}

std::vector<outgoing*> relaying::all_under_way() const {
  std::vector<outgoing*> all;
  for (const auto& shipped : under_way_)
    for (auto& one : shipped->all) {
      (void)is_known(one);
      all.push_back(&one);
    }
  return all;
}

/// After trouble, and where care is needed: with nothing under way and nothing taken meanwhile, all events that are left are published as far
/// as they can be, in order. A refused event goes back to the subscription, and what was taken of its stream after it is dropped.
void relaying::settle() {
  publisher_->settle();
  acknowledge_delivered();
  for (auto& one : supply_.pause([this] { return is_over(); })) put_under_way(std::move(one));
  auto left = all_under_way();
  for (const auto* one : left)
    if (one->became == fate::suspect) suspects_.insert(one->topic);
  (void)answer(left);
  while (!left.empty() && !is_over() && is_open_)
    if (!publish_once(left)) pause();
  for (auto& shipped : under_way_) supply_.release(std::move(shipped));
  under_way_.clear();
  supply_.resume();
}

bool relaying::publish_once(std::vector<outgoing*>& left) {
  serve_answers();
  std::set<std::string_view> careful{suspects_.begin(), suspects_.end()};
  for (const auto* one : left)
    if (one->event->attempt > 1) careful.insert(one->topic);
  std::vector<outgoing*> together;
  std::vector<outgoing*> apart;
  for (auto* one : left) (careful.contains(one->topic) ? apart : together).push_back(one);
  auto ok = attempt(together, apart);
  const bool is_settled = answer(left);
  if (ok) {
    went_well();
    return true;
  }
  if (ok.error().code == errc::not_owner) {
    end(std::move(ok).error());
    is_open_ = false;
    return true;
  }
  if (!is_over()) failed(ok.error());
  return is_settled;
}

result<void> relaying::attempt(const std::vector<outgoing*>& together, const std::vector<outgoing*>& apart) {
  if (!together.empty())
    if (auto ok = publisher_->together(together); !ok) return ok;
  for (const auto* one : together)
    if (one->became == fate::suspect) suspects_.insert(one->topic);
  if (apart.empty()) return {};
  auto ok = publisher_->apart(apart);
  std::map<std::string_view, bool> went_well;  // by topic
  for (const auto* one : apart) {
    auto& well = went_well.emplace(one->topic, true).first->second;
    well = well && one->became == fate::delivered;
  }
  for (const auto& [topic, well] : went_well)
    if (well)
      suspects_.erase(std::string{topic});
    else
      suspects_.emplace(topic);
  return ok;
}

void relaying::failed(const error& why) {
  {
    const std::lock_guard lock{mutex_};
    status_.last_error = why;
    status_.is_connected = false;
    ++failures_;
  }
  if (std::exchange(has_warned_, true)) return;
  const auto line = "relay " + with_.name + ": " + why.message();
  try {
    if (with_.warn)
      with_.warn(line);
    else
      std::fprintf(stderr, "annals: %s\n", line.c_str());
  } catch (...) {  // the host's
  }
}

void relaying::went_well() {
  pause_ = milliseconds{0};
  has_warned_ = false;
  const std::lock_guard lock{mutex_};
  status_.last_error.reset();
  status_.is_connected = true;
}

void relaying::end(error why) {
  has_warned_ = false;
  failed(why);
  const std::lock_guard lock{mutex_};
  is_stopping_ = true;
  over_at_ = steady::now();
}

std::uint64_t relaying::failures() const {
  const std::lock_guard lock{mutex_};
  return failures_;
}

bool relaying::is_stopping() const {
  const std::lock_guard lock{mutex_};
  return is_stopping_;
}

bool relaying::is_over() const {
  const std::lock_guard lock{mutex_};
  return is_stopping_ && steady::now() >= over_at_;
}

void relaying::pause() {
  pause_ = pause_.count() == 0 ? first_pause : std::min(2 * pause_, longest_pause);
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, pause_, [&] { return is_stopping_; });
}

}  // namespace annals::kafka
