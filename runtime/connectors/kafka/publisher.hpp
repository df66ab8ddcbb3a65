// What publishes a batch of events: plain_publisher at least once, transactional_publisher exactly once. One thread uses it.
#pragma once

#include "connectors/kafka/client.hpp"
#include "connectors/kafka/cloud_event.hpp"

#include <annals/subscription.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace annals::kafka {

/// What became of an event in an attempt.
enum class fate : std::uint8_t {
  open,       ///< not tried, or undecided: try again
  delivered,  ///< Kafka has it
  suspect,    ///< its batch will never be taken, maybe because of another event: try it apart from the others
  refused,    ///< this event will never be taken
};

struct outgoing {
  const delivered* event = nullptr;
  std::string topic = {};
  std::string payload = {};
  /// Empty until produce() makes them, in the thread that also frees them: memory that changes threads costs more. With exactly_once they are
  /// made beforehand, since a transaction waits for them.
  message_headers headers = {};
  fate became = fate::open;
  bool is_known = false;       ///< it was published before, by an earlier life of the relay or from an earlier life of the node
  std::string why = {};        ///< of suspect and refused
  std::uint64_t shipment = 0;  ///< number of the one that it came with

  std::string_view stream() const { return event->record.stream; }
};
using batch = std::span<outgoing* const>;

/// How a publisher makes messages, and when it has to give up.
struct publishing {
  std::string name;
  std::string brokers;
  std::string store_id;
  std::string source;
  payload_format format = payload_format::json;
  kafka::properties properties;
  std::string positions_topic;
  /// True once there is no time left for what is under way.
  std::function<bool()> is_over;
  /// Told of what fails while a publisher goes on trying by itself.
  std::function<void(const error&)> on_trouble;
};

class publisher : public listener {
public:
  /// Tries the events of a batch, in order, as fast as it can. Those that are still open or suspect afterwards need another attempt; later
  /// events of the same stream have not been published before these. Errors: what kept it from publishing; not_owner ends the relay, with all
  /// others another attempt is worth it after a pause.
  virtual result<void> together(batch events) = 0;
  /// The same, so that an event can only fail by itself: none is suspect afterwards.
  virtual result<void> apart(batch events) = 0;
  /// As together(), but may return while events are under way. Their number is under_way(); serve() hears of them. Nothing more may be begun
  /// once has_trouble(), until settle() has been called.
  virtual result<void> begin(batch events) { return together(events); }
  virtual std::size_t under_way() const { return 0; }
  /// Waits for news of what is under way.
  virtual void serve(std::chrono::milliseconds at_most) { (void)at_most; }
  /// Whether an event that was begun was not delivered.
  virtual bool has_trouble() const { return false; }
  /// Until nothing is under way.
  virtual void settle() {}
  /// Whether this record is published, in this life or an earlier one. Only once opened.
  virtual bool has_published(const record_view&) const { return false; }
  /// Before the first batch, and again after an error. Errors: as together().
  virtual result<void> open() { return {}; }
  /// These are acknowledged durably, so the node does not hand them out again. If it was restarted meanwhile, the relay may still hold copies.
  virtual void acknowledged(std::span<const position>) {}
  /// No copy of these is left.
  virtual void forget(std::span<const position>) {}
  /// The node did not say whether these are acknowledged.
  virtual void doubt(std::span<const position>) {}
  /// Those, and what an earlier life of the relay has published. The node has settled each, or hands it out again.
  virtual std::vector<position> doubtful() const { return {}; }
};

/// Hands one event to a producer. `number` comes back in the delivery report. It waits while the producer's queue is full. Errors: of the
/// event itself, which was not produced; `why` has librdkafka's code.
struct produced {
  rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string text = {};
};
produced produce(rd_kafka_t& into, const publishing& how, outgoing& one, std::uintptr_t number);

std::unique_ptr<publisher> plain_publisher(const publishing& how);
std::unique_ptr<publisher> transactional_publisher(const publishing& how);

/// What these set, so that a host must not.
properties plain_fixed(const publishing& how);
properties transactional_fixed(const publishing& how);

}  // namespace annals::kafka
