// The implementation of annals::console: checks the options, and puts the site, the guards and the server together.
#include "ops/console/figures.hpp"
#include "ops/console/operators.hpp"
#include "ops/console/past.hpp"
#include "ops/console/routes.hpp"
#include "ops/console/site.hpp"
#include "ops/console/tails.hpp"
#include "ops/http/server.hpp"

#include <annals/console.hpp>

#include <sys/types.h>
#include <unistd.h>

#include <mutex>
#include <utility>

namespace annals {
namespace {

constexpr std::size_t page_threads = 8;

bool is_loopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

std::optional<error> wrong_option(const console_options& with, bool inside) {
  if (!is_loopback(with.address) && !with.tls && !with.behind_proxy)
    return error{errc::bad_option, "address: " + with.address + " is not a loopback address", "it needs `tls`, or `behind_proxy`"};
  if (with.tails_max < 1 || with.tails_max > 256)
    return error{errc::bad_option, "tails_max", std::to_string(with.tails_max) + " is not from 1 to 256"};
  for (const auto& each : with.hosts)
    if (!ops::name_in_host(each)) return error{errc::bad_option, "hosts: not the name of a host", each};
  if (with.actions && !inside) return error{errc::misuse, "actions", "a console beside the program only reads"};
  return std::nullopt;
}

std::string address_of(const console_options& with, std::uint16_t port) {
  const auto host = with.address.find(':') == std::string::npos ? with.address : "[" + with.address + "]";
  return (with.tls ? "https://" : "http://") + host + ":" + std::to_string(port) + "/";
}

result<std::unique_ptr<ops::transport_maker>> transports(const console_options& with) {
  if (with.tls) return ops::tls_transports(with.tls->certificate, with.tls->key);
  return ops::plain_transports();
}

/// Why acts cannot be recorded.
std::optional<error> cannot_act(runtime& of) {
  const auto hosted = of.view().types().aggregates();
  for (const auto& each : hosted)
    if (each == ops::operators::category) return std::nullopt;
  return error{errc::not_hosted, "actions need host_operators() before start()", std::string{ops::operators::category}};
}

}  // namespace

struct console::inside {
  inside(view of, runtime* rt, console_options with) : site(std::move(of), rt, std::move(with)), application(site) {}

  ops::site site;
  ops::console_application application;
  std::unique_ptr<ops::server> server;
  std::string address;
  std::string url;
  std::mutex closing;
  pid_t owner = ::getpid();

  result<void> start();
  result<std::string> new_login();
  void close();
  /// In a child of a fork: the threads are the parent's.
  bool is_of_parent() const { return ::getpid() != owner; }
};

result<void> console::inside::start() {
  auto& with = site.options;
  auto bytes = transports(with);
  if (!bytes) return std::move(bytes).error();
  auto listening = ops::listener::bind(with.address, with.port, std::move(*bytes));
  if (!listening) return std::move(listening).error();
  const auto port = (*listening)->port();
  with.port = port;
  if (with.title.empty()) with.title = site.store_id.substr(0, 8);
  const auto served = with.tls ? ops::scheme::encrypted : with.behind_proxy ? ops::scheme::either : ops::scheme::plain;
  site.guard = std::make_unique<ops::guards>(
      ops::guards::rules{ops::host_list{with.address, with.hosts}, served, with.actions, "annals_" + std::to_string(port)}, site.sessions);
  if (auto ok = site.figures->start(site.view); !ok) return ok;
  if (auto ok = site.past->start(site.view, site.runtime); !ok) return ok;
  auto started = ops::server::start(std::move(*listening), page_threads + with.tails_max, application);
  if (!started) return std::move(started).error();
  server = std::move(*started);
  address = address_of(with, port);
  auto first = new_login();
  if (!first) return std::move(first).error();
  url = std::move(*first);
  return {};
}

result<std::string> console::inside::new_login() {
  if (is_of_parent()) return error{errc::misuse, "this console is the parent's", "this process is a child of a fork"};
  if (site.closing) return error{errc::closed, "the console is closed"};
  const auto token = site.sessions.new_login();
  if (!token) return error{errc::store_failed, "the system gives no random bytes"};
  return address + "#t=" + *token;
}

void console::inside::close() {
  if (is_of_parent()) return;
  const std::lock_guard lock{closing};
  site.closing = true;
  site.tails->close();
  if (server) server->close();
  site.figures->close();
  site.past->close();
}

result<console> console::open(runtime& of, console_options with) {
  if (auto wrong = wrong_option(with, true)) return *wrong;
  if (with.actions)
    if (auto wrong = cannot_act(of)) return *wrong;
  auto in = std::make_unique<inside>(of.view(), &of, std::move(with));
  if (auto ok = in->start(); !ok) return std::move(ok).error();
  return console{std::move(in)};
}

result<console> console::open(view of, console_options with) {
  if (auto wrong = wrong_option(with, false)) return *wrong;
  auto in = std::make_unique<inside>(std::move(of), nullptr, std::move(with));
  if (auto ok = in->start(); !ok) return std::move(ok).error();
  return console{std::move(in)};
}

console::console(std::unique_ptr<inside> in) : in_(std::move(in)) {}
console::console(console&&) noexcept = default;
console& console::operator=(console&& other) noexcept {
  std::swap(in_, other.in_);
  return *this;
}
console::~console() {
  close();
  if (in_ && in_->is_of_parent()) (void)in_.release();  // what it holds cannot be taken apart without its threads
}

std::uint16_t console::port() const { return in_ ? in_->site.options.port : std::uint16_t{0}; }

const std::string& console::url() const {
  static const std::string none;
  return in_ ? in_->url : none;
}

result<std::string> console::new_login() {
  if (!in_) return error{errc::closed, "this console has been moved from"};
  return in_->new_login();
}

void console::close() {
  if (in_) in_->close();
}

result<void> host_operators(runtime& rt) { return rt.host<ops::operators>(); }

}  // namespace annals
