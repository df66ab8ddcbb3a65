/// Publishes the events of a node to Kafka. Part of annals::kafka. The other way is kafka_intake.hpp.
#pragma once

#include <annals/metrics.hpp>
#include <annals/parked.hpp>
#include <annals/pending.hpp>
#include <annals/receipt.hpp>
#include <annals/record.hpp>
#include <annals/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {
class runtime;
class remote;
class node;
class subscription;
}  // namespace annals

namespace annals::kafka {

/// Properties of librdkafka by name, as its CONFIGURATION.md lists them: TLS ("security.protocol", "ssl.ca.location"), SASL, "linger.ms",
/// "compression.codec".
using properties = std::map<std::string, std::string>;

enum class payload_format : std::uint8_t {
  json,     ///< as to_json() of codec.hpp writes it; content-type application/json
  msgpack,  ///< the bytes of the log; content-type application/msgpack
};

struct relay_options {
  /// Name of the subscription, and of the relay in Kafka: 1 to 64 bytes, as node::subscribe() takes it. One relay runs under a name.
  std::string name;
  /// Brokers to begin with: "HOST:PORT,HOST:PORT".
  std::string brokers;
  /// `ce_source` of all events, a URI reference (CloudEvents 1.0): for example "https://shop.example/annals". Not empty.
  std::string source;
  /// The first part of `ce_id`. Empty: the id of the node's store. A remote handle needs the right to operate on everything to ask for it.
  std::string store_id = {};
  /// Topic of an event. It runs in a thread of the relay, one call at a time, and must not wait for the relay. Empty: `topic_prefix` and the
  /// event's category. An event for which it returns an empty text, or throws, is refused (see relay).
  std::function<std::string(const record_view&)> topic = {};
  std::string topic_prefix = {};
  /// As in subscription_options.
  std::vector<std::string> categories = {};
  std::vector<std::string> types = {};
  position from = 1;
  failure_policy failure = {};
  std::size_t parked_max = 10'000;
  payload_format format = payload_format::json;
  /// Each batch and the positions in it are one transaction; see relay.
  bool exactly_once = false;
  /// Topic of these positions, for exactly_once only: one partition, compacted, of this relay alone. Empty: "annals-relay-" and the name. The
  /// relay creates it if it is missing and the brokers let it.
  std::string positions_topic = {};
  /// Events that are taken and acknowledged together, and with exactly_once the most of a transaction: 1 to 65,536.
  std::size_t batch_events_max = 4'096;
  /// Events that the relay holds: those that it has taken and not yet acknowledged. batch_events_max to 65,536; with twice batch_events_max or
  /// more it takes a batch while it publishes another. About 2 KiB of memory each, without payloads. After a crash they may come again, and so may
  /// those whose acknowledgement was not durable.
  std::size_t in_flight_max = 16'384;
  /// Payloads of these, as stored and as published; at most 8 MiB and what JSON makes of them more. 1 MiB to 1 TiB.
  std::size_t in_flight_bytes_max = std::size_t{64} << 20;
  /// Passed to librdkafka. Those that the relay's promises rest on cannot be set (bad_option): bootstrap.servers, enable.idempotence, acks,
  /// enable.gapless.guarantee, transactional.id, message.timeout.ms, and the callbacks.
  kafka::properties properties = {};
  /// The relay's threads, those of librdkafka too, run when no other thread wants the processor (SCHED_IDLE of Linux), so that commands
  /// come first. While all processors are busy, with other programs too, the relay falls behind; the log is the buffer. If false, its threads
  /// compete like any others.
  bool background = true;
  /// How long stop() waits for what is under way; 0 to 1 h.
  std::chrono::milliseconds stop_max = std::chrono::seconds{5};
  /// Gets a line when publishing begins to fail or ends, once until it goes on. Runs in the relay's thread; exceptions are dropped. Empty:
  /// stderr.
  std::function<void(std::string_view)> warn = {};
};

/// The condition of a relay at one moment. How far it lags behind the log is with the subscription of its name: health(), and the metrics
/// annals_follower_position and annals_follower_lag_seconds.
struct relay_status {
  bool is_running = true;
  /// True if the last batch was published, or none has been tried; false while the brokers take nothing.
  bool is_connected = true;
  std::uint64_t published = 0;  ///< events that Kafka has, since start()
  std::uint64_t refused = 0;    ///< attempts that Kafka refused for good
  std::uint64_t dropped = 0;    ///< exactly_once: events that came again and were published already
  position at = 0;              ///< the last event that was published
  std::size_t in_flight = 0;    ///< events that the relay holds
  /// Why it stopped, or why the last attempt failed; empty once a later one has not. not_owner: another relay of this name has taken over.
  std::optional<error> last_error;
};

/// Follows the log under a subscription's name, in two threads of its own, and publishes each event as a CloudEvent (Kafka protocol binding 1.0.2,
/// binary mode). Key: the stream, so that one partition has one stream's events in order. Headers:
///
///     ce_specversion      1.0
///     ce_id               STORE-POSITION-CHECKSUM; the same whenever the event is published again, also after a restore
///     ce_source           relay_options::source
///     ce_type             stored name of the event
///     ce_subject          the stream
///     ce_time             RFC 3339, UTC, microseconds
///     content-type        application/json or application/msgpack
///     ce_schema           schema version of the event
///     ce_position         place in the log
///     ce_streamversion    place in the stream, from 1 without gaps
///     ce_correlationid    if the command had one
///     ce_causationid      if the command had one
///     traceparent         if the event was sampled (W3C trace context)
///
/// **At least once** (default). The producer is idempotent with acks=all, and the relay acknowledges an event after its delivery report. After
/// a crash, or when a broker refuses an event, those that the relay held may come again, with the same ce_id.
///
/// **Exactly once** for consumers with isolation.level=read_committed. Each batch and its positions are one transaction; a relay that starts
/// reads the last positions that were committed, and does not publish these again. The transactional id is the relay's name: a relay that starts
/// fences one of the same name that still runs, which then stops with `not_owner`.
///
/// While the brokers cannot be reached the relay tries again after growing pauses; the log is the buffer. An event that Kafka will never take
/// (too large, unknown topic, not authorized, invalid) is refused: the subscription hands it out again and then parks it (failure_policy), and
/// its error says why. After a refused event nothing later of its stream is published before it is settled. With failure_policy's default a
/// parked event no longer holds up its stream; use park_stream if consumers need all of it in order. Once Kafka would take it, retry()
/// publishes it; skip() gives it up.
///
///     auto out = annals::kafka::relay::start(rt, {.name = "shop-events", .brokers = "kafka:9092", .source = "https://shop.example"});
class relay {
public:
  /// Joins the subscription and starts the threads; the brokers need not be there yet. The relay does not refer to the node after this call.
  /// Errors: bad_option, which names the option or property; those of node::subscribe() and of view::store_id(); no_threads.
  static result<relay> start(runtime& from, relay_options with);
  static result<relay> start(remote& from, relay_options with);

  relay(relay&&) noexcept;
  relay& operator=(relay&&) noexcept;
  /// As stop().
  ~relay();

  /// Any thread. In a child of a fork, and for a relay that was moved from: not running.
  relay_status status() const;

  /// The families `annals_relay_…`, with the relay's name, for a host that adds them to its scrape. docs/reference/metrics.md says what they
  /// mean. Any thread. Empty where status() says not running because of a fork or a move.
  annals::metrics metrics() const;

  /// The parked events of the relay's subscription, and what becomes of them: as parked(), retry() and skip() of annals::subscription, with its
  /// errors. Any thread, also after stop(): an event that is retried then comes to the next relay of this name. A relay of a remote handle can
  /// be asked only while it runs. A relay that was moved from answers `closed`; in a child of a fork it answers `misuse`.
  result<std::vector<parked_event>> parked() const;
  /// Publishes a parked event again, in the order of its stream, or goes on with the one at which the relay has stopped. It answers when the
  /// subscription has taken the retry. The event stays in parked() until Kafka has it, also if Kafka refuses it again.
  pending<void> retry(position at);
  /// Never publishes a parked event, or the one at which the relay has stopped. It answers when that is durable.
  pending<void> skip(position at);

  /// Publishes what is under way and ends, in at most stop_max plus 2 s. What could not be published by then comes again at the next start.
  /// In a child of a fork it does nothing.
  void stop();

private:
  struct running;
  static result<relay> start_with(node& from, relay_options with);
  subscription& asked() const;
  explicit relay(std::unique_ptr<running> one);
  std::unique_ptr<running> running_;
};

}  // namespace annals::kafka
