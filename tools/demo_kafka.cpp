// The events of the demo on their way to Kafka.
#include "tools/connectors.hpp"
#include "tools/shop_run.hpp"

#include <annals/kafka_relay.hpp>

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace tools {
namespace {

using annals::errc;
using annals::error;
using annals::result;

constexpr std::string_view demo_relay_name = "annals-demo";
constexpr std::string_view demo_topics = "annals-demo.";

/// How many events went to which topic. The relay counts in its thread.
class topic_counts {
public:
  std::string count(std::string_view category) {
    auto topic = std::string{demo_topics}.append(category);
    const std::lock_guard lock{mutex_};
    ++counts_[topic];
    return topic;
  }
  std::map<std::string, std::uint64_t> all() const {
    const std::lock_guard lock{mutex_};
    return counts_;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;  // guarded
};

class demo_publication final : public publication {
public:
  demo_publication(annals::kafka::relay out, std::string brokers, std::shared_ptr<const topic_counts> counts)
      : out_(std::move(out)), brokers_(std::move(brokers)), counts_(std::move(counts)) {}

  result<std::string> finish(const annals::node& on, bool as_json) override {
    const auto head = on.head();
    if (!head) return head.error();
    if (auto ok = wait_until_published(on, head->at); !ok) return std::move(ok).error();
    const auto topics = counts_->all();
    return as_json ? json_of_topics(topics) : table_of_topics(topics);
  }

private:
  /// Whether Kafka takes anything shows in what it has taken.
  result<void> wait_until_published(const annals::node& on, annals::position head) {
    constexpr std::chrono::milliseconds look_again{20};
    constexpr std::chrono::seconds patience{10};
    auto last_change = std::chrono::steady_clock::now();
    for (annals::position seen = 0;; std::this_thread::sleep_for(look_again)) {
      const auto at = settled(on);
      if (!at) return at.error();
      if (*at >= head) return {};
      const auto now = out_.status();
      if (!now.is_running) return now.last_error.value_or(error{errc::closed, "the relay has ended"});
      if (is_interrupted()) return stopped_by_signal();
      if (*at > seen) last_change = std::chrono::steady_clock::now();
      seen = *at;
      if (std::chrono::steady_clock::now() - last_change < patience) continue;
      return error{errc::timed_out, "Kafka takes no events", now.last_error ? now.last_error->message() : brokers_};
    }
  }

  static result<annals::position> settled(const annals::node& on) {
    const auto health = on.health();
    if (!health) return health.error();
    for (const auto& one : health->subscriptions)
      if (one.name == demo_relay_name) return one.at;
    return annals::position{0};
  }

  std::string json_of_topics(const std::map<std::string, std::uint64_t>& topics) const {
    auto text = fmt::format("{{\"published\":{},\"refused\":{},\"topics\":{{", out_.status().published, out_.status().refused);
    std::string_view between;
    for (const auto& [name, count] : topics) {
      text += fmt::format("{}{}:{}", between, json_text(name), count);
      between = ",";
    }
    return text + "}}\n";
  }
  std::string table_of_topics(const std::map<std::string, std::uint64_t>& topics) const {
    auto text = fmt::format("\n  {:<28}{:>20}\n", "events published to Kafka", grouped(static_cast<std::int64_t>(out_.status().published)));
    for (const auto& [name, count] : topics) text += fmt::format("    {:<26}{:>20}\n", name, grouped(static_cast<std::int64_t>(count)));
    if (topics.empty()) return text;
    return text + fmt::format("  to look at them: kcat -b {} -C -t {}order -o beginning -e -f '%k %h\\n%s\\n'\n", brokers_, demo_topics);
  }

  annals::kafka::relay out_;
  const std::string brokers_;
  const std::shared_ptr<const topic_counts> counts_;
};

template <class Node>
result<std::unique_ptr<publication>> published_from(Node& from, const std::string& brokers) {
  annals::kafka::relay_options with;
  with.name = demo_relay_name;
  with.brokers = brokers;
  with.source = "urn:annals:demo";
  const auto counts = std::make_shared<topic_counts>();
  with.topic = [counts](const annals::record_view& r) { return counts->count(r.category()); };
  auto out = annals::kafka::relay::start(from, std::move(with));
  if (!out) return std::move(out).error();
  return std::unique_ptr<publication>{std::make_unique<demo_publication>(std::move(*out), brokers, counts)};
}

}  // namespace

result<std::unique_ptr<publication>> publish_demo(annals::runtime& from, const std::string& brokers) { return published_from(from, brokers); }
result<std::unique_ptr<publication>> publish_demo(annals::remote& from, const std::string& brokers) { return published_from(from, brokers); }

}  // namespace tools
