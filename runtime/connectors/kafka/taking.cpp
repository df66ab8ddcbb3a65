#include "connectors/kafka/taking.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>

namespace annals::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t at_once = 1'024;
constexpr milliseconds idle_max{100};
constexpr milliseconds busy_max{2};
constexpr std::size_t full_share = 16;   // a full intake waits for one in so many of its streams to be answered
constexpr milliseconds full_max{1'000};  // then partitions are paused, so that the consumer can be polled
constexpr milliseconds close_max{2'000};

// librdkafka stops fetching for about a second when it holds this many messages. With its default, 100,000, an intake ran dry meanwhile.
const properties defaults{{"auto.offset.reset", "earliest"}, {"queued.min.messages", "1000000"}};

properties fixed_of(const intake_options& with) {
  return {{"bootstrap.servers", with.brokers}, {"group.id", with.group}, {"enable.auto.commit", "false"}, {"enable.auto.offset.store", "false"}};
}

/// After a slash.
void append_number(std::string& to, std::int64_t number) {
  std::array<char, 24> text{};
  to.push_back('/');
  to.append(text.data(), std::to_chars(text.begin(), text.end(), number).ptr);
}

}  // namespace

result<void> checked_consumer(const intake_options& with) { return checked_properties(RD_KAFKA_CONSUMER, with.properties, fixed_of(with)); }

result<void> taking::open() {
  if (!with_.dead_letter_topic.empty()) {
    auto ok = dead_letters_.open(with_, [this](std::uint64_t number, std::optional<error> why) {
      auto* const found = entries_.find(number);
      if (found == nullptr) return;
      found->is_sent = false;
      if (why) return again(number, *found, std::move(*why));
      count(&intake_status::refused);
      settle(number, *found);
    });
    if (!ok) return ok;
  }
  auto made = make_client(RD_KAFKA_CONSUMER, defaults, with_.properties, fixed_of(with_), *this);
  if (!made) return std::move(made).error();
  consumer_ = std::move(*made);
  rd_kafka_poll_set_consumer(consumer_.get());
  messages_.reset(rd_kafka_queue_get_consumer(consumer_.get()));
  const auto put = [](rd_kafka_t*, void* to) { static_cast<inbox*>(to)->put_messages(); };
  rd_kafka_queue_cb_event_enable(messages_.get(), put, answers_.get());
  commits_.open(*consumer_);
  const partition_list topics{rd_kafka_topic_partition_list_new(static_cast<int>(with_.topics.size()))};
  for (const auto& topic : with_.topics) rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  const auto why = rd_kafka_subscribe(consumer_.get(), topics.get());
  if (why != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(why, "subscribe");
  return {};
}

void taking::run() noexcept {
  try {
    work();
  } catch (const std::exception& why) {  // no memory
    end(error{errc::unknown, "the intake has failed", why.what()});
  } catch (...) {
    end(error{errc::unknown, "the intake has failed"});
  }
  {
    const std::lock_guard lock{sending_};
    may_send_ = false;
  }
  commits_.close();
  answers_->close();
  entries_.clear();  // messages end before their consumer
  messages_.reset();
  consumer_.reset();
  show();
  const std::lock_guard lock{mutex_};
  status_.is_running = false;
  status_.in_flight = status_.partitions = 0;
  status_.lag = 0;
  status_.is_paused = false;
  changed_.notify_all();
}

bool taking::stop() {
  bool has_ended = false;
  {
    std::unique_lock lock{mutex_};
    is_stopping_ = true;
    has_ended = changed_.wait_for(lock, with_.stop_max + close_max + milliseconds{700}, [&] { return !status_.is_running; });
  }
  const std::lock_guard lock{sending_};
  may_send_ = false;
  return has_ended;
}

intake_status taking::status() const {
  const std::lock_guard lock{mutex_};
  return status_;
}

void taking::work() {
  if (auto ok = open(); !ok) return end(std::move(ok).error());
  commit_at_ = steady::now() + with_.commit_every;
  while (!is_stopping()) {
    serve();
    commit_if_due();
    measure_lag_if_due();
    show();
    if (entries_.size() >= with_.in_flight_max && !is_paused_) {
      if (full_since_ == steady::time_point{}) full_since_ = steady::now();
      if (steady::now() - full_since_ < full_max) {
        send_ready();
        answers_->wait(busy_max, 1 + busy_lanes_ / full_share);
        continue;
      }
    }
    pause_or_resume();
    const bool has_more = take_some();
    send_ready();
    if (!has_more) answers_->wait(entries_.empty() ? idle_max : busy_max, 1, true);
  }
  close();
}

void taking::show() {
  const std::lock_guard lock{mutex_};
  for (const auto counter : {&intake_status::taken, &intake_status::accepted, &intake_status::passed_over, &intake_status::refused,
                             &intake_status::lost, &intake_status::sent_again, &intake_status::commits, &intake_status::commits_failed})
    status_.*counter = counted_.*counter;
  status_.in_flight = entries_.size();
  status_.partitions = partitions_.size();
  status_.is_paused = is_paused_;
}

/// While the node takes nothing, the consumer is polled all the same: otherwise its group would give it up.
void taking::pause_or_resume() {
  const bool is_full = entries_.size() >= with_.in_flight_max;
  if (!is_full) full_since_ = {};
  const bool wants = is_full || (is_paused_ && entries_.size() > with_.in_flight_max / 2);
  if (wants == is_paused_) return;
  rd_kafka_topic_partition_list_t* assigned = nullptr;
  if (rd_kafka_assignment(consumer_.get(), &assigned) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const partition_list all{assigned};
  (void)(wants ? rd_kafka_pause_partitions(consumer_.get(), all.get()) : rd_kafka_resume_partitions(consumer_.get(), all.get()));
  is_paused_ = wants;
}

bool taking::take_some() {
  const auto room = entries_.size() < with_.in_flight_max ? with_.in_flight_max - entries_.size() : 1;
  std::array<rd_kafka_message_t*, at_once> raw{};
  const auto wanted = std::min(at_once, room);
  const auto found = rd_kafka_consume_batch_queue(messages_.get(), 0, raw.data(), wanted);
  const auto count = found > 0 ? static_cast<std::size_t>(found) : 0;
  std::array<received, at_once> all;
  for (std::size_t i = 0; i < count; ++i) all[i].reset(raw[i]);
  for (std::size_t i = 0; i < count; ++i) {
    auto& one = all[i];
    if (one->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      take(std::move(one));
    else if (one->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
      failed(error_of(one->err, rd_kafka_message_errstr(one.get())));
  }
  return count == wanted;
}

/// Whether it is this member's; then it is last_.
bool taking::find_partition(const rd_kafka_message_t& of) {
  const std::string_view topic = rd_kafka_topic_name(of.rkt);
  const bool is_last = last_ != partitions_.end() && last_->first.second == of.partition && last_->first.first == topic;
  if (!is_last) last_ = partitions_.find({std::string{topic}, of.partition});
  return last_ != partitions_.end();
}

std::string taking::id_of(const entry& one) const {
  const auto& [topic, partition] = one.of->first;
  std::string id;
  id.reserve(with_.id_prefix.size() + topic.size() + 32);
  id.append(with_.id_prefix).append(topic);
  append_number(id, partition);
  append_number(id, one.offset);
  return id;
}

void taking::take(received one) {
  if (!find_partition(*one) || last_->second.is_open(one->offset)) return;
  last_->second.taken(one->offset);
  count(&intake_status::taken);
  auto [number, made] = entries_.add();
  made.turn = ++turn_;
  made.of = &*last_;
  made.offset = one->offset;
  made.what = taken_message{std::move(one)};
  begin(number, made);
}

std::set<taking::partition> taking::all_partitions() const {
  std::set<partition> all;
  for (const auto& [one, offsets] : partitions_) all.insert(one);
  return all;
}

void taking::on_rebalance(rd_kafka_t* in, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t* partitions) {
  std::set<partition> those;
  for (int i = 0; i < partitions->cnt; ++i) those.emplace(partitions->elems[i].topic, partitions->elems[i].partition);
  const bool is_cooperative = std::string_view{rd_kafka_rebalance_protocol(in)} == "COOPERATIVE";
  if (what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    for (const auto& one : those) partitions_.try_emplace(one);
    is_paused_ = false;
    if (is_cooperative)
      rd_kafka_error_destroy(rd_kafka_incremental_assign(in, partitions));
    else
      rd_kafka_assign(in, partitions);
    return;
  }
  release(those, rd_kafka_assignment_lost(in) == 0);
  if (is_cooperative)
    rd_kafka_error_destroy(rd_kafka_incremental_unassign(in, partitions));
  else
    rd_kafka_assign(in, nullptr);
}

/// Waits for what was sent, commits, and forgets these partitions: another member goes on with them.
void taking::release(const std::set<partition>& those, bool may_commit) {
  using numbers = std::vector<std::pair<std::uint64_t, std::uint64_t>>;  // turn and number
  const auto dropped = [&](bool sent, bool also_sent) {
    numbers all;
    entries_.each([&](std::uint64_t number, const entry& one) {
      if (those.contains(one.of->first) && (also_sent || one.is_sent == sent)) all.emplace_back(one.turn, number);
    });
    return all;
  };
  // The oldest first, so that each one is near the beginning of its lane.
  const auto drop_all = [&](numbers all) {
    std::sort(all.begin(), all.end());
    is_dropping_ = true;
    for (const auto& [turn, number] : all)
      if (auto* const one = entries_.find(number)) drop(number, *one);
    is_dropping_ = false;
  };
  drop_all(dropped(false, false));
  const auto ends = steady::now() + with_.stop_max;
  while (may_commit && !dropped(true, false).empty() && steady::now() < ends) {
    answers_->wait(busy_max);
    serve();
    send_ready();
    show();
  }
  if (may_commit) commit_and_wait(those);
  drop_all(dropped(true, true));
  last_ = partitions_.end();
  for (const auto& one : those) partitions_.erase(one);
}

void taking::close() {
  if (!consumer_) return;
  release(all_partitions(), true);
  const kafka_error wrong{rd_kafka_consumer_close_queue(consumer_.get(), messages_.get())};
  const auto ends = steady::now() + close_max;
  while (!wrong && rd_kafka_consumer_closed(consumer_.get()) == 0 && steady::now() < ends)
    const received one{rd_kafka_consumer_poll(consumer_.get(), 20)};
}

}  // namespace annals::kafka
