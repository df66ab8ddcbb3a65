#include "net/remote/handle.hpp"

#include "actors/base/longest_wait.hpp"
#include "net/remote/address.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

namespace annals::net {
namespace {

error wrong(std::string option, std::string why) { return {errc::bad_option, std::move(option), std::move(why)}; }

/// Errors: bad_option.
result<uplink_setup> setup_of(std::vector<std::string> addresses, const remote_options& with) {
  uplink_setup made;
  if (addresses.empty()) return wrong("addresses", "must name at least one node");
  for (const auto& one : addresses)
    if (auto ok = address_of(one); !ok) return std::move(ok).error();
  if (!is_node_name(with.name)) return wrong("name", "must have 1 to 255 bytes without control characters");
  if (with.time_out.count() < 1 || with.time_out > std::chrono::hours{24 * 365}) return wrong("time_out", "must be 1 ms to a year");
  if (with.answer_bytes_max < (std::size_t{64} << 10) || with.answer_bytes_max > (std::size_t{1} << 30))
    return wrong("answer_bytes_max", "must be 64 KiB to 1 GiB");
  if (with.server_keys.empty()) return wrong("server_keys", "must have at least one public key of the other node");
  for (const auto& text : with.server_keys) {
    auto key = public_key_of(text);
    if (!key) return wrong("server_keys", "\"" + text + "\": " + key.error().message());
    made.server.keys.push_back(*key);
  }
  auto key = node_key::load(with.key);
  if (!key) return std::move(key).error();
  made.name = with.name;
  made.key = std::make_shared<const node_key>(std::move(*key));
  made.addresses = std::move(addresses);
  made.dial_time_out = 2 * with.link.time_out + std::chrono::seconds{1};  // to connect, and to find the door
  // Events come whole, up to 16 MiB each, and a batch of them ends after 8 MiB. A larger answer is passed over, as too_large.
  made.frame_bytes_max = std::max(with.answer_bytes_max, std::size_t{24} << 20) + (std::size_t{1} << 20);
  return made;
}

}  // namespace

result<std::shared_ptr<handle>> handle::open(std::vector<std::string> addresses, remote_options with) {
  auto setup = setup_of(std::move(addresses), with);
  if (!setup) return std::move(setup).error();
  auto system = link_system::open(with.link);
  if (!system) return std::move(system).error();
  std::shared_ptr<handle> made{new handle{new_session_id(), std::move(*setup), std::move(with)}};
  made->system_ = std::move(*system);
  auto dials = dialer::start(*made->system_, made->uplink_);
  if (!dials) return std::move(dials).error();
  made->dialer_ = std::move(*dials);
  auto* one = made.get();
  auto ok = one->pump_.start({[one] { return one->calls_.flush(); },
                              [one]() -> std::optional<pump::steady::time_point> {
                                const auto a = one->calls_.tick(), b = one->uplink_.tick();
                                return a && b ? std::min(*a, *b) : a ? a : b;
                              },
                              {}});
  if (!ok) return std::move(ok).error();
  return made;
}

handle::handle(session_id id, uplink_setup setup, remote_options with)
    : with_(std::move(with)),
      calls_(
          id, [] { return std::chrono::steady_clock::now(); }, [this] { pump_.wake(); }),
      uplink_(std::move(setup), calls_,
              {[] { return std::chrono::steady_clock::now(); }, [this](const std::string& to) { dial(to); }, [this] { pump_.wake(); },
               [this](const link_event& what) { tell(what); }}) {}

handle::~handle() {
  close({});
  pump_.stop();
  dialer_.reset();
  system_.reset();
}

std::shared_ptr<detail::waiter> handle::send(std::string_view category, std::string_view key, std::string_view command, std::string body,
                                             send_options with) {
  command_frame frame;
  frame.since = with.since;
  if (!with.expect.is_any()) frame.expect = with.expect.wanted();
  frame.category = category;
  frame.key = key;
  frame.name = command;
  frame.id = with.id;
  frame.correlation = with.correlation;
  frame.causation = with.causation;
  frame.principal = with.principal;
  if (trace_context_of(with.trace)) frame.trace = with.trace;
  frame.body = body;
  return calls_.send(frame, with_.time_out);
}

void handle::dial(const std::string& to) {
  (void)system_->reload();  // the certificate may have been replaced; files that cannot be used change nothing
  auto where = *address_of(to);
  dialer_->dial(std::move(where.host), where.port);
}

void handle::tell(const link_event& what) {
  {
    const std::lock_guard lock{mutex_};
    last_failure_ = what.why;
  }
  changed_.notify_all();
  if (!with_.on_link) return;
  const detail::no_waiting marked;
  try {
    with_.on_link({static_cast<link_news::kind>(what.what), what.address, what.why});
  } catch (...) {
  }
}

bool handle::is_closed() {
  const std::lock_guard lock{mutex_};
  return is_closed_;
}

result<void> handle::wait_for_link(std::chrono::milliseconds time_out) {
  if (!detail::may_wait()) return detail::must_not_wait("wait_for_link()");
  std::unique_lock lock{mutex_};
  const auto at_most = std::min<std::chrono::milliseconds>(time_out, std::chrono::hours{24 * 365});
  (void)changed_.wait_for(lock, at_most, [&] { return is_closed_ || calls_.is_linked(); });
  if (is_closed_) return error{errc::closed, "this handle is closed"};
  if (calls_.is_linked()) return {};
  return error{errc::unreachable, "no link to the other node", last_failure_ ? last_failure_->message() : "no attempt has ended yet"};
}

void handle::close(std::chrono::milliseconds at_most) {
  {
    const std::lock_guard lock{mutex_};
    if (std::exchange(is_closed_, true)) return;
  }
  changed_.notify_all();
  const error why{errc::closed, "this handle is closed"};
  calls_.refuse(why);
  if (detail::may_wait()) {
    const auto until = std::chrono::steady_clock::now() + std::clamp<std::chrono::milliseconds>(at_most, {}, actors::longest_wait);
    std::unique_lock lock{mutex_};
    constexpr std::chrono::milliseconds look_again{1};
    while (calls_.outstanding() > 0 && std::chrono::steady_clock::now() < until) (void)changed_.wait_for(lock, look_again);
  }
  calls_.say_goodbye();
  (void)calls_.flush();
  calls_.close(why);
  uplink_.close();
}

void let_go(std::shared_ptr<handle> one) {
  if (one && !one->is_ours()) {  // none of its threads is here
    (void)new std::shared_ptr<handle>{std::move(one)};
    return;
  }
  if (!one || detail::may_wait()) return;
  // A callback has dropped the last reference: the threads of the handle cannot wait for themselves. Without a thread, the handle stays.
  auto* last = new std::shared_ptr<handle>{std::move(one)};
  try {
    std::thread{[last] { delete last; }}.detach();
  } catch (const std::system_error&) {
  }
}

}  // namespace annals::net
