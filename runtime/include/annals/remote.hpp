/// A handle: a node elsewhere, with the calls of node.hpp, over a link that the handle keeps up by itself. The other side is listen.hpp.
#pragma once

#include <annals/hosted_types.hpp>
#include <annals/link_options.hpp>
#include <annals/node.hpp>
#include <annals/parked.hpp>
#include <annals/statistics.hpp>
#include <annals/view.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

namespace net {
class handle;
}

/// What has happened to the link, for a log line or a gauge.
struct link_news {
  enum class kind : std::uint8_t {
    linked,  ///< a new link stands; calls go over it now
    lost,    ///< the link that stood is gone; the handle makes another
    failed,  ///< an attempt to make a link has failed; the handle goes on trying
  };
  kind what = kind::linked;
  std::string address;         ///< as it was passed to connect()
  std::optional<error> why{};  ///< for lost and failed
};

struct remote_options {
  /// This node's name, as the other node's peers file has it.
  std::string name;
  /// This node's key, a file that `annals keys new` made. No other user may have access to it.
  std::filesystem::path key;
  /// Public keys, "ed25519:…", as `annals keys new` prints them. The other node must prove that it has the key of one of them; list two
  /// while that node's key is being replaced.
  std::vector<std::string> server_keys;
  /// TLS, and how soon a silent node is given up. Without TLS only loopback addresses.
  link_options link = {};
  /// How long a call waits for its answer, 1 ms to 365 days. The time without a link counts, too. A call that waits at the other node (a
  /// query with at_least, next() of a subscription) has its own time in addition.
  std::chrono::milliseconds time_out = std::chrono::seconds{30};
  /// The largest answer to a query, in bytes: 64 KiB to 1 GiB. In place of a larger one comes `too_large`.
  std::size_t answer_bytes_max = std::size_t{64} << 20;
  /// Called in a thread of the handle when something happens to the link. It must not wait for this handle. Exceptions are dropped.
  std::function<void(const link_news&)> on_link;
};

/// A node elsewhere. The calls are those of `node`, with the errors that they have there, and these:
///
/// - not_written: the command was never sent, because no link came up in time, or because the handle was closed. It had no effect.
/// - unknown: the command was sent, and no answer came in time, or the other node has had another history since. It may have taken effect.
/// - unreachable, timed_out: for all other calls, the same as not_written and unknown for commands.
/// - overloaded: the other node lets this handle have no more outstanding.
/// - forbidden: the other node's peers file gives this one no right to the call.
/// - misuse: a call that waits (history(), state_of(), log(), head(), health(), subscribe(), parked()) in a callback or inside a read of a
///   model, where it would wait for itself.
///
/// A command has at most one effect, however often the link is lost or the other node restarted: the handle sends it again until it is
/// answered or its time is over. If it has no id, the handle gives it one. Commands that one thread sends to one aggregate keep their
/// order. So after a restart of the other node a command is `unknown` if a later one to its stream is found in the log, and it is not.
///
/// Any thread may call. In a child of a fork every call is misuse. A handle that was moved from answers `closed`.
class remote final : public node {
public:
  /// Returns at once. The handle makes a link, and makes it again whenever it is lost: it tries the addresses ("HOST:PORT", or
  /// "[ADDRESS]:PORT" for IPv6) in turn, with pauses of 100 ms to 2 s. All addresses lead to one store: after the first link, the handle
  /// refuses another store (store_foreign), and a history that does not continue the one it knows (history_differs). Errors: bad_option,
  /// which says what is wrong with the options; no_threads.
  static result<remote> connect(std::vector<std::string> addresses, remote_options with);

  remote(remote&&) noexcept;
  remote& operator=(remote&&) noexcept;
  /// Closes, without waiting for answers.
  ~remote() override;

  /// Waits until a link stands. Errors: unreachable, whose detail is the error of the last attempt; misuse (in a callback); closed.
  result<void> wait_for_link(std::chrono::milliseconds time_out) const;

  /// As those of a runtime. They need the right to operate.
  result<std::vector<parked_event>> parked(std::string_view name) const;
  pending<position> retry_parked(std::string_view name, position at);
  pending<position> skip_parked(std::string_view name, position at);
  pending<position> rebuild(std::string_view projection);

  /// As view::stream() and view::state_of(), for a program that does not know the C++ type: the records of one stream, and a
  /// past state as bytes. Errors: also not_found, if there is no such stream.
  result<void> stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const;
  using node::state_of;
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when = {}) const;

  /// What an operator sees of the node's store, as far as a link carries it: view.hpp says what. Its parked() needs the right to operate,
  /// stats() and store_id() need it on everything. It stays valid as long as this handle is not closed.
  annals::view view() const;

  /// As runtime::stats(). Needs the right to operate on everything.
  result<store_stats> stats() const;

  /// Refuses new calls with `closed`, waits for outstanding answers, at most this long, and ends the link. A command that has no answer by
  /// then is `unknown` if it was sent, and not_written if it was not; other calls are `closed`. In a callback close() does not wait.
  void close(std::chrono::milliseconds at_most = std::chrono::seconds{10});

private:
  class seen;
  friend class replica;
  explicit remote(std::shared_ptr<net::handle> to);
  std::shared_ptr<detail::waiter> send_bytes(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                             send_options with) override;
  std::shared_ptr<detail::waiter> ask_bytes(std::string_view projection, std::string_view query, std::string body,
                                            std::optional<at_least> when) override;
  result<void> read_stream(const std::string& stream, version from, std::size_t max,
                           const std::function<bool(const record_view&)>& visit) const override;
  result<detail::state_place> take_state(std::string_view category, std::string_view key, const as_of& when,
                                         const detail::state_taker& into) const override;
  result<subscription> join(std::string_view name, subscription_options with) override;
  result<position> read_log(position from, std::size_t max, const std::function<bool(const record_view&)>& visit) const override;
  result<token> head_now() const override;
  result<annals::health> health_now() const override;

  std::shared_ptr<net::handle> to_;
};

}  // namespace annals
