#include "benchmarks/connectors/by_hand.hpp"

#include "benchmarks/connectors/bare_kafka.hpp"
#include "benchmarks/must.hpp"

#include <bank/account.hpp>

#include <array>
#include <charconv>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string_view>

namespace bench {
namespace {

/// Answers come in the node's threads.
class window {
public:
  explicit window(std::size_t most) : most_(most) {}

  void enter() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return begun_ - answered_ < most_; });
    ++begun_;
  }
  void leave(std::optional<std::string> wrong) {
    const std::lock_guard lock{mutex_};
    if (wrong) wrong_ = std::move(wrong);
    rate_.seen(++answered_);
    if (begun_ - answered_ == most_ - 1 || answered_ == begun_) changed_.notify_all();
  }
  double wait_for_all(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return answered_ == count; });
    if (wrong_) fail("deposit by hand: " + *wrong_);
    return rate_.per_second();
  }

private:
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  std::size_t answered_ = 0;
  std::optional<std::string> wrong_;
  rate_of rate_;
};

std::string_view bytes_of(const void* from, std::size_t size) { return {static_cast<const char*>(from), size}; }

void deposit(annals::runtime& to, const rd_kafka_message_t& one, const std::string& topic, window& in) {
  const auto text = bytes_of(one.payload, one.len);
  bank::deposit what{};
  if (std::from_chars(text.data(), text.data() + text.size(), what.cents).ec != std::errc{}) fail("no number: " + std::string{text});
  annals::send_options with;
  with.id = topic + "/" + std::to_string(one.partition) + "/" + std::to_string(one.offset);
  in.enter();
  auto sent = to.send<bank::account>(std::string{bytes_of(one.key, one.key_len)}, what, std::move(with));
  sent.then([&in](const annals::result<annals::receipt>& given) { in.leave(given ? std::nullopt : std::optional{given.error().message()}); });
}

}  // namespace

double deposit_by_hand(annals::runtime& to, const kafka_cluster& from, const std::string& topic, std::size_t count, std::size_t in_flight) {
  const auto by = consumer_of(from, topic, "by-hand");
  auto* const queue = rd_kafka_queue_get_consumer(by.get());
  window in{in_flight};
  for (std::size_t seen = 0; seen < count;) {
    std::array<rd_kafka_message_t*, 1'024> all{};
    const auto found = rd_kafka_consume_batch_queue(queue, 100, all.data(), all.size());
    for (std::size_t i = 0; found > 0 && i < static_cast<std::size_t>(found); ++i) {
      if (all[i]->err == RD_KAFKA_RESP_ERR_NO_ERROR) deposit(to, *all[i], topic, in), ++seen;
      rd_kafka_message_destroy(all[i]);
    }
  }
  const auto rate = in.wait_for_all(count);
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(by.get());
  return rate;
}

}  // namespace bench
