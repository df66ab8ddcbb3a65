/// A handle on a node elsewhere: the same calls as a runtime in this process, over a link that it keeps up by itself.
#pragma once

#include <annals/hosted_types.hpp>
#include <annals/link_options.hpp>
#include <annals/node.hpp>
#include <annals/parked.hpp>
#include <annals/statistics.hpp>

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
    linked,  ///< calls go over this link now
    lost,    ///< the link that stood is gone
    failed,  ///< a link could not be made
  };
  kind what = kind::linked;
  std::string address;         ///< as it was passed to connect()
  std::optional<error> why{};  ///< of lost and failed
};

struct remote_options {
  /// This node's name, as the other node's peers file has it.
  std::string name;
  /// This node's key, a file that `annals keys new` made. No other user may have access to it.
  std::filesystem::path key;
  /// The public keys of which the other node has one ("ed25519:…"), as `annals keys new` printed them there.
  std::vector<std::string> server_keys;
  /// TLS, and how soon a silent node is given up. Without TLS only loopback addresses.
  link_options link = {};
  /// How long a call waits for its answer, the time without a link included. 1 ms to 365 days. A question with at_least has the time of
  /// that in addition.
  std::chrono::milliseconds time_out = std::chrono::seconds{30};
  /// The largest answer to a question or a read, in bytes: 64 KiB to 1 GiB. A larger one is answered with `too_large`.
  std::size_t answer_bytes_max = std::size_t{64} << 20;
  /// Called in a thread of the handle when something happens to the link. It must not wait for this handle. Exceptions are dropped.
  std::function<void(const link_news&)> on_link;
};

/// A node elsewhere. The calls are those of `node`; beside the errors that they have there:
///
/// - not_written: a command was never sent, since no link came up in time, or the handle was closed. It had no effect.
/// - unknown: a command was sent, and no answer came in time, or the other node has another history since. It may have taken effect.
/// - unreachable, timed_out: the same for questions and reads.
/// - overloaded: more than the other node lets this handle have outstanding.
/// - forbidden: the other node's peers file gives this one no right to the call.
/// - misuse: a read, head() or health() in a callback or inside a read of a model, where it would wait for itself.
///
/// Each command takes effect once, across every loss of the link and restart of the other node: the handle sends it again until it is
/// answered or its time is over. A command without an id gets one, of this handle. Commands of one thread to one aggregate keep their
/// order. After a restart of the other node, a command whose turn is over (a later one to its stream has taken effect) is `unknown`.
///
/// Any thread may call. In a child of a fork every call is misuse. A handle that was moved from answers `closed`.
class remote final : public node {
public:
  /// Returns at once; the link comes up by itself, and again whenever it is lost: the addresses are tried in turn, with pauses of 100 ms
  /// to 2 s. All of them lead to the same store: from the first link on, another one is refused (store_foreign, history_differs). Errors:
  /// bad_option, with what is wrong with the options; no_threads.
  static result<remote> connect(std::vector<std::string> addresses, remote_options with);

  remote(remote&&) noexcept;
  remote& operator=(remote&&) noexcept;
  /// Closes.
  ~remote() override;

  /// Waits until a link stands. Errors: unreachable, with why the last attempt failed; misuse; closed.
  result<void> wait_for_link(std::chrono::milliseconds time_out) const;

  /// As runtime::parked(), retry_parked(), skip_parked() and rebuild(). Need the right to operate.
  result<std::vector<parked_event>> parked(std::string_view name) const;
  pending<position> retry_parked(std::string_view name, position at);
  pending<position> skip_parked(std::string_view name, position at);
  pending<position> rebuild(std::string_view projection);

  /// As store_view::stream() and store_view::state_of(), for a program that does not know the C++ type: the records of one stream, and a
  /// past state as bytes. Errors: also not_found, if there is no such stream.
  result<void> stream(const std::string& id, version from, const std::function<bool(const record_view&)>& visit) const;
  using node::state_of;
  result<past_bytes> state_of(const hosted_types& types, const std::string& stream, const as_of& when = {}) const;

  /// As runtime::stats(). Needs the right to operate on everything.
  result<store_stats> stats() const;

  /// Refuses new calls, waits for the answers that are outstanding, at most this long, and ends the link. What has no answer by then is
  /// `unknown`, or not_written if it was never sent. In a callback it does not wait.
  void close(std::chrono::milliseconds at_most = std::chrono::seconds{10});

private:
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
