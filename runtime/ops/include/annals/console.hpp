/// The operator's console: pages for the browser about one store, over HTTP, from this process. In the target annals::ops.
///
///     auto console = annals::console::open(rt, {.port = 7180});
///     if (console) std::puts(console->url().c_str());
#pragma once

#include <annals/hosted_types.hpp>
#include <annals/result.hpp>
#include <annals/runtime.hpp>
#include <annals/view.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace annals {

/// PEM files of the console's TLS; 1.2 and 1.3 are spoken.
struct console_tls {
  std::filesystem::path certificate;  ///< the certificate, followed by those between it and a CA that browsers know
  std::filesystem::path key;          ///< its key, without a passphrase; other users must not be able to read it
};

struct console_request {
  std::string method;
  std::string path;  ///< as it was sent, without the query
  int status = 0;
  std::string peer;           ///< the address at the other end; a proxy's, if there is one
  std::uint64_t session = 0;  ///< its number; 0: none
};

struct console_options {
  /// The address to listen at. One that is not a loopback address needs `tls` or `behind_proxy`.
  std::string address = "127.0.0.1";
  std::uint16_t port = 7180;  ///< 0: the system chooses one
  /// Names by which the console may be asked, besides the address and localhost. A request for another name is refused: so a page
  /// elsewhere cannot read the console by pointing a name of its own at it.
  std::vector<std::string> hosts = {};
  /// A proxy in front does TLS and hands on the header Host as it came.
  bool behind_proxy = false;
  std::optional<console_tls> tls = std::nullopt;
  /// Allow retry, skip and rebuild. Then the types of host_operators() must be hosted.
  bool actions = false;
  /// Answer GET /metrics, for Prometheus, without a session. Only with a runtime.
  bool metrics = true;
  /// Live tails at a time, 1 to 256. Each has a thread while it runs.
  std::size_t tails_max = 16;
  /// The name of the store on the pages; empty: the beginning of its id.
  std::string title = {};
  /// Called after each answer, in a thread of the console. It must not close the console. An exception that it throws is dropped.
  std::function<void(const console_request&)> on_request = {};
};

/// Serves the pages until it is closed or destroyed. Thread-safe. It takes no part in what the runtime does: when it cannot answer, only
/// its pages suffer. In a child of a fork, the destructor and close() do nothing. For loopback, or for operators behind a proxy; it is not meant to
/// face the internet.
///
/// Who opens the login URL gets a session of 12 hours. The URL has a token that is good for one login; it stands in the fragment,
/// which browsers send nowhere.
class [[nodiscard]] console {
public:
  /// Serves everything about a runtime. After start(). The console must be closed before the runtime is moved or destroyed.
  /// Errors: bad_option, which names the option: an address that is taken, not of this machine, or not loopback and without TLS; files of
  /// TLS; tails_max; not_hosted if `actions` is set without host_operators(); no_threads; overloaded (no file descriptor is left).
  static result<console> open(runtime& of, console_options with = {});
  /// Serves what a view sees, read-only. Errors: as above; misuse if `actions` is set.
  static result<console> open(view of, console_options with = {});

  console(console&&) noexcept;
  console& operator=(console&&) noexcept;
  /// As close().
  ~console();

  std::uint16_t port() const;
  /// The address with a new token for one login. Errors: closed; store_failed if the system gives no random bytes.
  result<std::string> new_login();
  /// The address with the token of the first login.
  const std::string& url() const;
  /// Breaks off all connections, tails among them, and waits until no request is being handled, for at most 5 s each.
  void close();

private:
  struct inside;
  explicit console(std::unique_ptr<inside> in);
  std::unique_ptr<inside> in_;
};

/// Hosts the type by which acts of operators are recorded in the log, before they take effect: the stream `annals.operator-console`.
/// Before start(). Errors: as runtime::host().
result<void> host_operators(runtime& rt);

}  // namespace annals
