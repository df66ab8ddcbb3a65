/// Takes messages from Kafka and sends them to a node as commands. Part of annals::kafka. The other way is kafka_relay.hpp.
#pragma once

#include <annals/kafka_relay.hpp>
#include <annals/node.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::kafka {

/// A message as the intake hands it to the host. The views are valid during the call.
struct message {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t time = -1;  ///< milliseconds since 1970 UTC; -1: none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;  ///< not set: a tombstone
  std::vector<std::pair<std::string_view, std::string_view>> headers;

  /// The last header of this name; empty if there is none.
  std::optional<std::string_view> header(std::string_view name) const;
};

/// A command for one aggregate, made of a message. The intake sets its id, and, where these are empty, its causation (the id) and its trace
/// (the header `traceparent`).
class order {
public:
  template <class A, one_of<typename A::commands> C>
  static order to(std::string key, C command, send_options with = {}) {
    order made;
    made.stream = detail::stream_name(A::category, key);
    made.with = std::move(with);
    made.send = [key = std::move(key), command = std::move(command)](node& by, send_options as) { return by.send<A>(key, command, std::move(as)); };
    return made;
  }

  std::string stream;
  send_options with;
  std::function<pending<receipt>(node&, send_options)> send;
};

struct intake_options {
  /// Name of the consumer group (group.id), 1 to 255 bytes.
  std::string group;
  std::string brokers;
  /// Topics to take; one that begins with "^" is a regular expression.
  std::vector<std::string> topics;
  /// Runs in the intake's thread, and must not wait for the intake. It must give the same answer for the same message: it is called again when
  /// the command has to be sent again, and another command with the same id is refused (id_reused) though the first one may have had its effect.
  /// Nothing: the message is passed over. An error, or an exception: nobody can map it, so it is refused.
  std::function<result<std::optional<order>>(const message&)> map;

  /// What becomes of a message that cannot be mapped, or whose command the node refuses for good (rejected, conflict, id_reused,
  /// invalid_command, invalid_stream, too_large, decide_failed, evolve_failed). Set one of the two.
  ///
  /// It is published to this topic, with its key, value and headers, and the headers annals_error (name of the errc), annals_reason,
  /// annals_detail, annals_topic, annals_partition, annals_offset. After a crash it may be there twice.
  std::string dead_letter_topic = {};
  /// Or the host parks it: this command, with its own id, takes it into the log. Nothing: it is passed over. A command that is refused, too, is
  /// passed over and counted.
  std::function<std::optional<order>(const message&, const error&)> park = {};

  /// Put before each command id, "TOPIC/PARTITION/OFFSET". Set it to another text after a topic was deleted and made again, since its offsets
  /// begin again, and for each cluster, if an aggregate gets commands from several.
  std::string id_prefix = {};
  /// Messages that were taken and have no answer yet: 1 to 65,536. Commands for one stream are sent one after another, in the order of the
  /// partition, so that a command that is sent again is not overtaken.
  std::size_t in_flight_max = 1'024;
  /// How often offsets are committed; 10 ms to 1 h. After a crash the messages since then come again, and have no second effect.
  std::chrono::milliseconds commit_every = std::chrono::seconds{1};
  /// How long a rebalance and stop() wait for answers; 0 to 1 h. What has no answer by then is taken again by the next member.
  std::chrono::milliseconds stop_max = std::chrono::seconds{5};
  /// Passed to librdkafka, for the consumer. Those that the promises rest on cannot be set: bootstrap.servers, group.id, enable.auto.commit,
  /// enable.auto.offset.store. "auto.offset.reset" is `earliest` by default.
  kafka::properties properties = {};
  /// The same for the producer of the dead-letter topic.
  kafka::properties dead_letter_properties = {};
  /// As in relay_options.
  std::function<void(std::string_view)> warn = {};
};

struct intake_status {
  bool is_running = true;
  std::size_t partitions = 0;     ///< that this member has
  std::size_t in_flight = 0;      ///< messages without an answer
  std::uint64_t taken = 0;        ///< messages, since start()
  std::uint64_t accepted = 0;     ///< commands
  std::uint64_t passed_over = 0;  ///< messages that mean nothing here
  std::uint64_t refused = 0;      ///< messages that went to the dead-letter topic, or were parked
  std::uint64_t lost = 0;         ///< messages whose parking command was refused, too
  std::uint64_t sent_again = 0;   ///< commands and dead letters that were sent once more
  std::uint64_t commits = 0;      ///< of offsets, that the brokers have
  std::uint64_t commits_failed = 0;
  std::uint64_t lag = 0;            ///< messages of its partitions that have no answer, as far as the brokers have told; about once a second
  bool is_paused = false;           ///< nothing is taken, because in_flight_max messages have no answer
  std::optional<error> last_error;  ///< why it stopped, or what keeps it from going on; empty once it goes on
};

/// A member of a consumer group, in a thread of its own. The command of a message has the id "TOPIC/PARTITION/OFFSET", so a message that is
/// taken again has no second effect. The offset of a partition is committed up to its first message without a durable answer. A command that
/// did not get through (overloaded, storage_full, not_written, unknown, unreachable, timed_out, not_hosted, forbidden, load_failed) is sent again
/// with the same id, after growing pauses; so is one that a node elsewhere refuses because it closes. When a runtime is closed, or the handle of
/// a node elsewhere, the intake ends; the messages are taken again at the next start.
class intake {
public:
  /// The node must live, and stay where it is, until stop() has returned. Errors: bad_option, which names the option or property; no_threads.
  static result<intake> start(node& to, intake_options with);

  intake(intake&&) noexcept;
  intake& operator=(intake&&) noexcept;
  /// As stop().
  ~intake();

  intake_status status() const;

  /// The families `annals_intake_…`, with the group, for a host that adds them to its scrape. docs/reference/metrics.md says what they mean. Any
  /// thread. Empty in a child of a fork, and for an intake that was moved from.
  annals::metrics metrics() const;

  /// Takes no more, waits for answers, commits, and leaves the group, in at most stop_max plus 3 s. Nothing is sent afterwards. In a child of a
  /// fork it does nothing.
  void stop();

private:
  struct running;
  explicit intake(std::unique_ptr<running> one);
  std::unique_ptr<running> running_;
};

}  // namespace annals::kafka
