// The host's handle of an intake, and the checks of its options. What the thread works on outlives the handle.
#include "connectors/kafka/taking.hpp"

#include <unistd.h>

#include <system_error>
#include <thread>

namespace annals::kafka {

result<void> checked_consumer(const intake_options& with);

namespace {

error bad(std::string option, std::string why) { return error{errc::bad_option, std::move(option), std::move(why)}; }

result<void> checked(const intake_options& with) {
  if (with.brokers.empty()) return bad("brokers", "must not be empty");
  if (with.group.empty() || with.group.size() > 255) return bad("group", "must have 1 to 255 bytes");
  if (with.topics.empty()) return bad("topics", "must not be empty");
  if (!with.map) return bad("map", "must be set");
  if (with.dead_letter_topic.empty() == !with.park) return bad("dead_letter_topic, park", "set one of the two");
  if (with.in_flight_max < 1 || with.in_flight_max > 65'536) return bad("in_flight_max", "is not within 1 to 65536");
  if (with.commit_every.count() < 10 || with.commit_every.count() > 3'600'000) return bad("commit_every (ms)", "is not within 10 to 3600000");
  if (with.stop_max.count() < 0 || with.stop_max.count() > 3'600'000) return bad("stop_max (ms)", "is not within 0 to 3600000");
  for (const auto& topic : with.topics)  // an id has at most 255 bytes; "/parked" may come after it
    if (with.id_prefix.size() + topic.size() > 215) return bad("topics, id_prefix", "\"" + topic + "\" and the prefix have more than 215 bytes");
  if (auto ok = checked_consumer(with); !ok) return ok;
  return checked_properties(RD_KAFKA_PRODUCER, with.dead_letter_properties, dead_letters_fixed(with));
}

}  // namespace

struct intake::running {
  std::shared_ptr<taking> shared;
  std::thread thread;
  pid_t home = getpid();
};

result<intake> intake::start(node& to, intake_options with) {
  if (auto ok = checked(with); !ok) return std::move(ok).error();
  auto one = std::make_unique<running>();
  one->shared = std::make_shared<taking>(to, std::move(with));
  try {
    one->thread = std::thread{[shared = one->shared] { shared->run(); }};
  } catch (const std::system_error& why) {
    return error{errc::no_threads, "a thread for the intake could not be started", why.what()};
  }
  return intake{std::move(one)};
}

intake::intake(std::unique_ptr<running> one) : running_(std::move(one)) {}
intake::intake(intake&&) noexcept = default;
intake& intake::operator=(intake&& other) noexcept {
  if (this == &other) return *this;
  stop();
  running_ = std::move(other.running_);
  return *this;
}
intake::~intake() { stop(); }

intake_status intake::status() const {
  if (running_ && running_->home == getpid()) return running_->shared->status();
  intake_status none;
  none.is_running = false;
  return none;
}

annals::metrics intake::metrics() const { return running_ && running_->home == getpid() ? running_->shared->metrics() : annals::metrics{}; }

void intake::stop() {
  if (!running_ || !running_->thread.joinable()) return;
  if (running_->home != getpid()) {  // the thread is the parent's, and what it locks may be locked for ever
    running_->thread.detach();
    (void)new std::shared_ptr<taking>{running_->shared};
    return;
  }
  if (running_->shared->stop())
    running_->thread.join();
  else
    running_->thread.detach();
}

}  // namespace annals::kafka
