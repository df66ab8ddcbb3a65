// Exactly once: each batch and its positions (positions_topic.hpp) are one transaction of one producer.
//
//   open():      init_transactions fences an older relay of this name and aborts what it had open; then the newest positions are read, and
//                written again under a name of this life, the first transaction.
//   together():  one transaction. If it fails it is aborted, so nothing later of a stream is visible before the event that was refused.
//   apart():     halves, down to transactions of one event, so a refusal is about one event.
//
// A producer that was fenced may also have been so because the brokers ended a transaction that took too long. The positions tell which: a
// relay that has taken over has written them under its own name.
#include "connectors/kafka/positions_topic.hpp"
#include "connectors/kafka/publisher.hpp"

#include <annals/codec.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>

namespace annals::kafka {
namespace {

constexpr int call_ms_max = 500;
constexpr std::chrono::seconds slow_max{5};  // a call that takes longer is reported as trouble

std::string new_life() {
  std::random_device random;
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "%08x%08x", random(), random());
  return {text.data(), static_cast<std::size_t>(size)};
}

class transactional final : public publisher {
public:
  explicit transactional(publishing how) : how_(std::move(how)) {}

  result<void> open() override {
    if (producer_) return {};
    auto made =
        make_client(RD_KAFKA_PRODUCER, {{"partitioner", "murmur2_random"}, {"linger.ms", "1"}, {"topic.metadata.propagation.max.ms", "10000"}},
                    how_.properties, transactional_fixed(how_), *this);
    if (!made) return std::move(made).error();
    auto& by = **made;
    if (was_fenced_)  // before this life fences the one that has taken over
      if (auto ok = still_mine(); !ok) return ok;
    if (auto ok = call([&] { return rd_kafka_init_transactions(&by, call_ms_max); }, by); ok.what != ended::well) return std::move(ok.why);
    auto newest = newest_published(how_.positions_topic, how_.name, connection(), how_.is_over);
    if (!newest) return std::move(newest).error();
    std::erase_if(known_, [](const auto& one) { return one.second.is != known::acknowledged; });
    if (*newest)
      for (std::size_t i = 0; i < (*newest)->positions.size(); ++i)
        known_.emplace((*newest)->positions[i], known{(*newest)->checksums[i], known::doubtful});
    life_ = new_life();
    was_fenced_ = false;
    producer_ = std::move(*made);
    auto claimed = transact({});
    if (claimed.what == ended::well) return {};
    producer_.reset();
    return std::move(claimed.why);
  }

  bool has_published(const record_view& record) const override {
    const auto found = known_.find(record.at);
    return found != known_.end() && found->second.checksum == record.checksum;
  }

  void acknowledged(std::span<const position> all) override {
    for (const auto at : all)
      if (const auto found = known_.find(at); found != known_.end()) found->second.is = known::acknowledged;
  }
  void forget(std::span<const position> all) override {
    for (const auto at : all)
      if (const auto found = known_.find(at); found != known_.end() && found->second.is == known::acknowledged) known_.erase(found);
  }
  void doubt(std::span<const position> all) override {
    for (const auto at : all)
      if (const auto found = known_.find(at); found != known_.end() && found->second.is == known::published) found->second.is = known::doubtful;
  }
  std::vector<position> doubtful() const override {
    std::vector<position> all;
    for (const auto& [at, one] : known_)
      if (one.is == known::doubtful) all.push_back(at);
    return all;
  }

  result<void> together(batch events) override {
    auto tried = try_all(events);
    if (tried.what != ended::refused) return tried.what == ended::well ? result<void>{} : result<void>{std::move(tried.why)};
    for (auto* one : events)
      if (one->became == fate::open && topics_refused_.contains(one->topic)) one->became = fate::suspect;
    return {};
  }

  result<void> apart(batch events) override {
    held_up_.clear();
    bad_topics_.clear();
    return halves(events);
  }

private:
  struct known {
    std::uint64_t checksum = 0;
    enum state : std::uint8_t { published, doubtful, acknowledged } is = published;
  };
  struct ended {
    enum kind : std::uint8_t {
      well,
      refused,  // aborted, since Kafka will never take one of its events
      badly,    // not committed, as far as is known; worth another attempt
    };
    kind what = well;
    error why{errc::unknown};
  };

  void on_delivery(const rd_kafka_message_t& of) override {
    const auto number = reinterpret_cast<std::uintptr_t>(of._private);
    if (of.err == RD_KAFKA_RESP_ERR_NO_ERROR || number / numbers_max != round_ || number % numbers_max >= sent_.size()) return;
    if (kind_of(of.err) == failing::passing) return;
    const auto& one = *sent_[number % numbers_max];
    topics_refused_.emplace(one.topic, of.err);
  }
  void on_error(const error& why) override { how_.on_trouble(why); }

  properties connection() const {
    auto all = how_.properties;
    all["bootstrap.servers"] = how_.brokers;
    return all;
  }

  /// not_owner, if the newest positions are not those of this life.
  result<void> still_mine() {
    auto newest = newest_published(how_.positions_topic, how_.name, connection(), how_.is_over);
    if (!newest) return std::move(newest).error();
    if (*newest && (*newest)->by == life_) return {};
    return error{errc::not_owner, "fenced: another relay of this name has taken over", "transactional.id " + how_.name};
  }

  /// Repeats a call that says to be repeated, until there is no time left.
  template <class Call>
  ended call(Call&& once, rd_kafka_t& by) {
    const auto trouble_at = std::chrono::steady_clock::now() + slow_max;
    for (;;) {
      const kafka_error wrong{once()};
      if (!wrong) return {};
      if (rd_kafka_error_is_retriable(wrong.get()) != 0 && !how_.is_over()) {
        const bool is_slow = rd_kafka_error_code(wrong.get()) == RD_KAFKA_RESP_ERR__TIMED_OUT && std::chrono::steady_clock::now() < trouble_at;
        if (!is_slow) how_.on_trouble(error_of(*wrong));
        rd_kafka_poll(&by, 50);
        continue;
      }
      return failed(*wrong);
    }
  }

  ended failed(const rd_kafka_error_t& wrong) {
    const auto code = rd_kafka_error_code(&wrong);
    if (rd_kafka_error_is_fatal(&wrong) != 0) {
      was_fenced_ = was_fenced_ || code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED;
      producer_.reset();
      return {ended::badly, error_of(wrong)};
    }
    return {topics_refused_.empty() ? ended::badly : ended::refused, error_of(wrong)};
  }

  /// Opens first if that is needed, and leaves out what turns out to be published.
  ended try_all(batch events) {
    if (!producer_)
      if (auto ok = open(); !ok) return {ended::badly, std::move(ok).error()};
    std::vector<outgoing*> left;
    std::vector<outgoing*> copies;  // of those, since the node was started again
    std::set<position> positions;
    for (auto* one : events) {
      one->became = has_published(one->event->record) ? fate::delivered : fate::open;
      if (one->became == fate::delivered) continue;
      known_.erase(one->event->record.at);  // of another event: the log was restored
      (positions.insert(one->event->record.at).second ? left : copies).push_back(one);
    }
    auto made = left.empty() ? ended{} : transact(left);
    for (auto* one : copies)
      if (has_published(one->event->record)) one->is_known = true, one->became = fate::delivered;
    return made;
  }

  ended transact(batch events) {
    auto& by = *producer_;
    ++round_;
    sent_.clear();
    topics_refused_.clear();
    if (const kafka_error wrong{rd_kafka_begin_transaction(&by)}) return failed(*wrong);
    auto made = send(by, events);
    if (made.what == ended::well) made = call([&] { return rd_kafka_commit_transaction(&by, call_ms_max); }, by);
    if (made.what == ended::well) {
      for (auto* one : sent_) one->became = fate::delivered;
      return made;
    }
    for (const auto* one : sent_) known_.erase(one->event->record.at);
    abort();
    return made;
  }

  /// The messages of a transaction. An event that the producer does not take is refused, and what follows in its stream is left out.
  ended send(rd_kafka_t& by, batch events) {
    std::set<std::string_view> held_up;
    for (auto* one : events) {
      if (held_up.contains(one->stream())) continue;
      const auto number = round_ * numbers_max + sent_.size();
      auto made = produce(by, how_, *one, number);
      if (made.why == RD_KAFKA_RESP_ERR_NO_ERROR) {
        sent_.push_back(one);
        known_.insert_or_assign(one->event->record.at, known{one->event->record.checksum});
        if (sent_.size() % 64 == 0) rd_kafka_poll(&by, 0);
      } else if (kind_of(made.why) == failing::passing) {
        return {ended::badly, error_of(made.why, one->topic)};
      } else {
        held_up.insert(one->stream());
        one->became = fate::refused;
        one->why = std::move(made.text);
      }
    }
    return send_positions(by);
  }

  ended send_positions(rd_kafka_t& by) {
    published value{life_, {}, {}};
    for (const auto& [at, one] : known_) {
      if (one.is == known::acknowledged) continue;
      value.positions.push_back(at);
      value.checksums.push_back(one.checksum);
    }
    const auto bytes = encoded(value);
    const auto why = rd_kafka_producev(&by, RD_KAFKA_V_TOPIC(how_.positions_topic.c_str()), RD_KAFKA_V_PARTITION(0),
                                       RD_KAFKA_V_KEY(const_cast<char*>(how_.name.data()), how_.name.size()),
                                       RD_KAFKA_V_VALUE(const_cast<char*>(bytes.data()), bytes.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                                       RD_KAFKA_V_OPAQUE(reinterpret_cast<void*>(round_ * numbers_max + numbers_max - 1)), RD_KAFKA_V_END);
    if (why == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    return {ended::badly, error_of(why, "topic " + how_.positions_topic)};
  }

  /// Afterwards there is no open transaction, or no producer.
  void abort() {
    if (!producer_) return;
    auto& by = *producer_;
    const auto refused = topics_refused_;  // what is purged now says nothing about the events
    if (how_.is_over()) return producer_.reset();
    const auto made = call([&] { return rd_kafka_abort_transaction(&by, call_ms_max); }, by);
    topics_refused_ = refused;
    if (made.what != ended::well) producer_.reset();
  }

  result<void> halves(batch events) {
    std::vector<outgoing*> left;
    for (auto* one : events) {
      if (held_up_.contains(one->stream()) || one->became == fate::delivered) continue;
      const auto bad = bad_topics_.find(one->topic);
      if (bad == bad_topics_.end())
        left.push_back(one);
      else
        refuse(*one, bad->second);
    }
    if (left.empty()) return {};
    auto tried = try_all(left);
    for (const auto* one : left)
      if (one->became == fate::refused) held_up_.insert(one->stream());
    if (tried.what == ended::well) return {};
    if (tried.what == ended::badly) return std::move(tried.why);
    const batch all{left};
    if (all.size() == 1) {
      const auto [topic, why] = *topics_refused_.begin();
      if (kind_of(why) == failing::of_topic) bad_topics_.emplace(topic, why);
      refuse(*all[0], why);
      return {};
    }
    if (auto ok = halves(all.first(all.size() / 2)); !ok) return ok;
    return halves(all.subspan(all.size() / 2));
  }

  void refuse(outgoing& one, rd_kafka_resp_err_t why) {
    if (!held_up_.insert(one.stream()).second) return;
    one.became = fate::refused;
    one.why = text_of(why) + " (topic " + one.topic + ")";
  }

  static constexpr std::uintptr_t numbers_max = std::uintptr_t{1} << 20;

  const publishing how_;
  std::string life_;
  bool was_fenced_ = false;
  std::map<position, known> known_;  // what Kafka has and the log may not know of yet, or the relay may hold a copy of
  std::uintptr_t round_ = 0;
  std::vector<outgoing*> sent_;                                             // in this transaction
  std::map<std::string, rd_kafka_resp_err_t, std::less<>> topics_refused_;  // in this transaction
  std::set<std::string_view> held_up_;                                      // streams of apart() with an event that was refused
  std::map<std::string, rd_kafka_resp_err_t, std::less<>> bad_topics_;      // of apart()
  client producer_;                                                         // last: its end may still call on_delivery()
};

}  // namespace

properties transactional_fixed(const publishing& how) {
  return {{"bootstrap.servers", how.brokers}, {"enable.idempotence", "true"}, {"acks", "all"}, {"transactional.id", how.name}};
}

std::unique_ptr<publisher> transactional_publisher(const publishing& how) { return std::make_unique<transactional>(how); }

}  // namespace annals::kafka
