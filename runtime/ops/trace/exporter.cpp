// The exporter's thread: takes spans, sends them, tries again. What it works on outlives the exporter, since a request that hangs is
// abandoned and not waited for.
#include "ops/trace/otlp.hpp"

#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

namespace annals {
namespace ops {
class sending;
}

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_every{100};   // at how many spans wait
constexpr std::chrono::milliseconds close_max{1'800};  // then a request under way is broken off
constexpr std::chrono::milliseconds break_off_max{150};
constexpr std::size_t unanswered_max = 5;

result<void> within(std::string_view option, long long value, long long least, long long most) {
  if (value >= least && value <= most) return {};
  return error{errc::bad_option, std::string{option},
               std::to_string(value) + " is not within " + std::to_string(least) + " to " + std::to_string(most)};
}

result<ops::otlp_address> checked(const trace_export_options& with) {
  auto address = ops::otlp_address_of(with.endpoint);
  if (!address) return error{errc::bad_option, "endpoint", "\"" + with.endpoint + "\" is not http://HOST[:PORT][/PATH] or https://…"};
  if (with.service.empty()) return error{errc::bad_option, "service", "must not be empty"};
  for (const auto& ok : {within("batch_spans", static_cast<long long>(with.batch_spans), 1, 16'384),
                         within("every (ms)", with.every.count(), 10, 3'600'000), within("time_out (ms)", with.time_out.count(), 10, 300'000)})
    if (!ok) return ok.error();
  return std::move(*address);
}

/// A peer that has gone must not end the process.
void hold_back_broken_pipe() {
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

/// Shared by the exporter and its thread.
class ops::sending {
public:
  sending(std::shared_ptr<span_queue> from, trace_export_options with, ops::otlp_address to)
      : from_(std::move(from)), with_(std::move(with)), to_(std::move(to)), client_(to_.origin) {
    const auto to_connect = std::min<std::chrono::milliseconds>(with_.time_out, std::chrono::seconds{5});
    client_.set_connection_timeout(to_connect);
    client_.set_read_timeout(with_.time_out);
    client_.set_write_timeout(with_.time_out);
    client_.set_keep_alive(true);
    for (const auto& [name, value] : with_.headers) headers_.emplace(name, value);
  }
  bool is_valid() const { return client_.is_valid(); }

  void run() noexcept {
    hold_back_broken_pipe();
    while (wait_for_spans()) send_one();
    for (auto some = take(); !some.empty(); some = take()) is_late() ? from_->failed(some.size()) : send(some);
    const std::lock_guard lock{mutex_};
    has_ended_ = true;
    changed_.notify_all();
  }

  /// Whether the thread has ended in time.
  bool close() {
    std::unique_lock lock{mutex_};
    is_closing_ = true;
    ends_ = steady::now() + close_max;
    changed_.notify_all();
    if (changed_.wait_until(lock, ends_, [&] { return has_ended_; })) return true;
    lock.unlock();
    client_.stop();
    lock.lock();
    return changed_.wait_for(lock, break_off_max, [&] { return has_ended_; });
  }

private:
  bool wait_for_spans() {
    std::unique_lock lock{mutex_};
    const auto end = steady::now() + with_.every;
    while (!is_closing_ && steady::now() < end && from_->size() < with_.batch_spans)
      changed_.wait_for(lock, std::min<steady::duration>(look_every, with_.every), [&] { return is_closing_; });
    return !is_closing_;
  }

  void send_one() {
    if (const auto some = take(); !some.empty()) send(some);
  }

  std::vector<trace_span> take() {
    try {
      return from_->take(with_.batch_spans);
    } catch (const std::bad_alloc&) {
      return {};
    }
  }

  /// Until these spans are delivered or given up.
  void send(const std::vector<trace_span>& some) {
    std::size_t unanswered = 0;
    bool is_refused = false;
    try {
      const auto body = ops::otlp_request(some, with_);
      for (std::size_t attempts = 1;; ++attempts) {
        std::string retry_after;
        const auto verdict = attempt(body, retry_after, unanswered);
        if (verdict.what == ops::verdict::kind::delivered) {
          const auto refused = std::min<std::uint64_t>(verdict.refused_spans, some.size());
          from_->exported(some.size() - refused);
          from_->failed(refused);
          has_warned_ = has_warned_ && refused > 0;
          refused_in_a_row_ = 0;
          return tell(verdict.why);
        }
        tell(verdict.why);
        is_refused = verdict.what == ops::verdict::kind::refused;
        if (is_refused || !pause(ops::pause_after(attempts, retry_after))) break;
      }
    } catch (const std::exception& why) {  // no memory
      tell(why.what());
    }
    from_->failed(some.size());
    // Making spans ready for a collector that takes none would cost commands their processors. Meanwhile the queue drops, and counts.
    if (is_refused) (void)pause(ops::pause_after(++refused_in_a_row_, {}));
  }

  ops::verdict attempt(const std::string& body, std::string& retry_after, std::size_t& unanswered) {
    const auto answer = client_.Post(to_.path, headers_, body, "application/json");
    if (answer) {
      retry_after = answer->get_header_value("Retry-After");
      return ops::verdict_on(answer->status, answer->body);
    }
    const bool was_reached = answer.error() == httplib::Error::Read || answer.error() == httplib::Error::Write;
    const bool is_over = was_reached && ++unanswered >= unanswered_max;
    return {is_over ? ops::verdict::kind::refused : ops::verdict::kind::again, 0,
            std::string{was_reached ? "the collector does not answer: " : "the collector cannot be reached: "} + httplib::to_string(answer.error())};
  }

  /// False if there is no time for another attempt.
  bool pause(std::chrono::seconds time) {
    std::unique_lock lock{mutex_};
    return !changed_.wait_for(lock, time, [&] { return is_closing_; });
  }

  bool is_late() {
    const std::lock_guard lock{mutex_};
    return steady::now() >= ends_;
  }

  void tell(const std::string& why) {
    if (why.empty() || std::exchange(has_warned_, true)) return;
    try {
      warn(why);
    } catch (...) {  // the host's, or no memory
    }
  }

  void warn(const std::string& why) {
    const auto line = "spans are not exported to " + to_.origin + to_.path + ": " + why;
    if (!with_.warn) return void(std::fprintf(stderr, "annals: %s\n", line.c_str()));
    with_.warn(line);
  }

  const std::shared_ptr<span_queue> from_;
  const trace_export_options with_;
  const ops::otlp_address to_;
  httplib::Headers headers_;
  httplib::Client client_;
  std::size_t refused_in_a_row_ = 0;  // requests
  bool has_warned_ = false;           // since spans were last taken
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_closing_ = false;
  bool has_ended_ = false;
  steady::time_point ends_{};
};

struct trace_exporter::running {
  std::shared_ptr<ops::sending> shared;
  std::thread thread;
  pid_t home = getpid();
};

result<trace_exporter> trace_exporter::start(std::shared_ptr<span_queue> from, trace_export_options with) {
  if (!from) return error{errc::misuse, "there is no queue of spans", "of a runtime that was moved from, or of the parent of this process"};
  auto address = checked(with);
  if (!address) return std::move(address).error();
  auto endpoint = with.endpoint;
  auto shared = std::make_shared<ops::sending>(std::move(from), std::move(with), std::move(*address));
  if (!shared->is_valid()) return error{errc::bad_option, "endpoint", "\"" + endpoint + "\" is no address"};
  auto one = std::make_unique<running>();
  one->shared = shared;
  try {
    one->thread = std::thread{[shared] { shared->run(); }};
  } catch (const std::system_error& why) {
    return error{errc::no_threads, "a thread for exporting spans could not be started", why.what()};
  }
  return trace_exporter{std::move(one)};
}

trace_exporter::trace_exporter(std::unique_ptr<running> one) : running_(std::move(one)) {}
trace_exporter::trace_exporter(trace_exporter&&) noexcept = default;
trace_exporter& trace_exporter::operator=(trace_exporter&& other) noexcept {
  if (this == &other) return *this;
  close();
  running_ = std::move(other.running_);
  return *this;
}
trace_exporter::~trace_exporter() { close(); }

void trace_exporter::close() {
  const auto one = std::move(running_);
  if (!one) return;
  if (one->home != getpid()) {  // the thread is the parent's, and what it locks may be locked for ever
    one->thread.detach();
    (void)new std::shared_ptr<ops::sending>{one->shared};
    return;
  }
  if (one->shared->close())
    one->thread.join();
  else
    one->thread.detach();  // it ends with the request; its spans are counted then
}

}  // namespace annals
