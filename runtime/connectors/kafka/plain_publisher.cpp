// At least once. Two producers, both idempotent:
//
//   together(): enable.gapless.guarantee. When a broker refuses a batch of messages for good, librdkafka ends this producer instead of going on
//               with the next batch of the partition, and the broker takes no batch after the gap. So nothing later of a stream is published
//               before the event that was refused. Then another producer is made.
//   begin():    the same producer, several batches in flight. What it refuses is settled before anything else is begun.
//   apart():    one message a request, one event of a stream at a time. A refusal is about one event, and nothing can be published after it.
#include "connectors/kafka/publisher.hpp"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace annals::kafka {
namespace {

class plain final : public publisher {
public:
  explicit plain(publishing how) : how_(std::move(how)) {}

  result<void> together(batch events) override {
    if (auto ok = make_streaming(); !ok) return ok;
    auto ok = publish(*streaming_, events, fate::suspect);
    end_if_failed(streaming_);
    return ok;
  }

  result<void> begin(batch events) override {
    if (auto ok = make_streaming(); !ok) return ok;
    when_refused_ = fate::suspect;
    hand_over(*streaming_, events);
    return {};
  }
  std::size_t under_way() const override { return outstanding_; }
  void serve(std::chrono::milliseconds at_most) override {
    if (streaming_) rd_kafka_poll(streaming_.get(), static_cast<int>(at_most.count()));
  }
  bool has_trouble() const override { return has_trouble_; }
  void settle() override {
    if (!streaming_) return;
    wait(*streaming_);
    end_if_failed(streaming_);
  }

  result<void> apart(batch events) override {
    if (auto ok = make(careful_, {{"batch.num.messages", "1"}, {"linger.ms", "0"}}); !ok) return ok;
    std::vector<outgoing*> left{events.begin(), events.end()};
    std::set<std::string_view> held_up;  // streams with an event that was refused
    while (!left.empty()) {
      std::vector<outgoing*> first;
      std::vector<outgoing*> later;
      std::set<std::string_view> taken;
      for (auto* one : left)
        if (!held_up.contains(one->stream())) (taken.insert(one->stream()).second ? first : later).push_back(one);
      auto ok = publish(*careful_, first, fate::refused);
      end_if_failed(careful_);
      if (!ok) return ok;
      for (const auto* one : first)
        if (one->became != fate::delivered) held_up.insert(one->stream());
      if (!careful_) return error{errc::unreachable, "the producer has failed"};
      left = std::move(later);
    }
    return {};
  }

private:
  void on_delivery(const rd_kafka_message_t& of) override {
    const auto number = reinterpret_cast<std::uintptr_t>(of._private);
    if (number < first_ || number - first_ >= out_.size() || out_[number - first_] == nullptr) return;  // it was given up
    auto& one = *std::exchange(out_[number - first_], nullptr);
    --outstanding_;
    for (; !out_.empty() && out_.front() == nullptr; ++first_) out_.pop_front();
    if (of.err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      one.became = fate::delivered;
      return;
    }
    has_trouble_ = true;
    if (kind_of(of.err) == failing::passing) {
      last_ = error_of(of.err, one.topic);
    } else {
      one.became = when_refused_;
      one.why = text_of(of.err) + " (topic " + one.topic + ")";
    }
  }
  void on_error(const error& why) override {
    if (is_given_up_) return;  // a producer that must leave no gap calls it fatal when messages are purged
    last_ = why;
    how_.on_trouble(why);
  }

  result<void> make_streaming() { return make(streaming_, {{"enable.gapless.guarantee", "true"}}); }
  static void end_if_failed(client& one) {
    if (rd_kafka_fatal_error(one.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR) one.reset();
  }

  result<void> make(client& into, const properties& more) {
    if (into) return {};
    auto fixed = plain_fixed(how_);
    properties with = how_.properties;
    for (const auto& [name, value] : more) {
      fixed[name] = value;
      with.erase(name);
    }
    auto made =
        make_client(RD_KAFKA_PRODUCER, {{"partitioner", "murmur2_random"}, {"linger.ms", "1"}, {"topic.metadata.propagation.max.ms", "10000"}}, with,
                    fixed, *this);
    if (!made) return std::move(made).error();
    into = std::move(*made);
    return {};
  }

  /// Until each of these has a report. Errors: what kept those that are still open from being published.
  result<void> publish(rd_kafka_t& by, batch events, fate when_refused) {
    when_refused_ = when_refused;
    last_.reset();
    hand_over(by, events);
    wait(by);
    const bool is_done = std::all_of(events.begin(), events.end(), [](const auto* one) { return one->became != fate::open; });
    if (is_done || !last_) return {};
    return *last_;
  }

  void hand_over(rd_kafka_t& by, batch events) {
    std::set<std::string_view> held_up;
    for (std::size_t i = 0; i < events.size(); ++i) {
      auto& one = *events[i];
      one.became = fate::open;
      if (!held_up.empty() && held_up.contains(one.stream())) continue;
      auto made = produce(by, how_, one, first_ + out_.size());
      if (made.why == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ++outstanding_;
        out_.push_back(&one);
        if (i % 64 == 0) rd_kafka_poll(&by, 0);
        continue;
      }
      has_trouble_ = true;
      held_up.insert(one.stream());
      if (kind_of(made.why) == failing::passing) {
        last_ = error_of(made.why, one.topic);
        if (made.why == RD_KAFKA_RESP_ERR__FATAL) break;
      } else {  // the producer has not taken it, so it is this one alone
        one.became = fate::refused;
        one.why = std::move(made.text);
      }
    }
  }

  void wait(rd_kafka_t& by) {
    // While a flush is under way no batch waits for linger.ms to be over.
    while (outstanding_ > 0 && !how_.is_over()) rd_kafka_flush(&by, 100);
    if (outstanding_ > 0) {
      is_given_up_ = true;
      rd_kafka_purge(&by, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
      rd_kafka_flush(&by, 200);
      last_ = error{errc::unreachable, "the relay was stopped before Kafka had all of its events"};
    }
    first_ += out_.size();  // what has no report by now is given up
    out_.clear();
    outstanding_ = 0;
    has_trouble_ = false;
  }

  const publishing how_;
  std::uintptr_t first_ = 0;   // number of the first of out_
  std::deque<outgoing*> out_;  // what was handed over, in order; null: reported
  std::size_t outstanding_ = 0;
  bool has_trouble_ = false;
  bool is_given_up_ = false;  // the relay ends before Kafka has all
  fate when_refused_ = fate::suspect;
  std::optional<error> last_;
  client streaming_;  // last: their ends may still call on_delivery()
  client careful_;
};

}  // namespace

properties plain_fixed(const publishing& how) {
  return {{"bootstrap.servers", how.brokers},
          {"enable.idempotence", "true"},
          {"acks", "all"},
          {"enable.gapless.guarantee", "false"},
          {"message.timeout.ms", "0"}};
}

std::unique_ptr<publisher> plain_publisher(const publishing& how) { return std::make_unique<plain>(how); }

}  // namespace annals::kafka
