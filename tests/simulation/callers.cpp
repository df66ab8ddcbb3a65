#include "callers.hpp"

#include "actors/base/waiter.hpp"

using namespace annals;

namespace {

constexpr std::size_t accounts = 5;
constexpr std::size_t skus = 4;
constexpr std::size_t at_work_max = 12;

/// The command may have had its effect, or surely had none and may still be tried.
bool may_try_again(errc code) {
  return code == errc::unknown || code == errc::overloaded || code == errc::storage_full || code == errc::closed || code == errc::not_written ||
         code == errc::store_failed;
}

}  // namespace

callers::callers(random_source& random, std::size_t commands) : random_(random) {
  for (std::size_t i = 0; i < accounts; ++i) add<bank::account>("a" + std::to_string(i), bank::open_account{"somebody"});
  while (list_.size() < commands) random_.one_in(2) ? add_bank_command() : add_shop_command();
}

template <class A, class C>
void callers::add(std::string key, const C& command) {
  caller c;
  c.category = A::category;
  c.key = std::move(key);
  c.command = C::about.name;
  c.body = encoded(command);
  c.id = "c" + std::to_string(list_.size());
  c.picks_expectation = random_.one_in(8);
  list_.push_back(std::move(c));
}

void callers::add_bank_command() {
  const auto account = [&] { return "a" + std::to_string(random_.below(accounts)); };
  switch (random_.below(8)) {
    case 0: return add<bank::account>(account(), bank::withdraw{random_.between(1, 300), {}});
    case 1: return add<bank::account>(account(), bank::close_account{});
    case 2:
    case 3:
    case 4: return add<bank::account>(account(), bank::deposit{random_.between(0, 300), {}});
    default: return add<bank::transfer>("t" + std::to_string(transfers_++), bank::request_transfer{account(), account(), random_.between(1, 200)});
  }
}

void callers::add_shop_command() {
  const auto sku = [&] { return "s" + std::to_string(random_.below(skus)); };
  switch (random_.below(8)) {
    case 0: return add<shop::inventory>(sku(), shop::receive_stock{random_.between(1, 20), {}});
    case 1:
    case 2: {
      shop::receive_delivery delivery{"credit_note", {}};
      for (auto n = random_.between(1, 4); n > 0; --n) delivery.lines.push_back({sku(), random_.between(1, 15)});
      return add<shop::delivery>("d" + std::to_string(deliveries_++), delivery);
    }
    case 3:
      if (orders_ > 0) return add<shop::order>("o" + std::to_string(random_.below(orders_)), shop::cancel_order{"changed_mind"});
      [[fallthrough]];
    default: {
      shop::place_order order{"somebody", "somewhere", {}, random_.one_in(3) ? 500 : 0};
      for (auto n = random_.between(1, 3); n > 0; --n) order.lines.push_back({sku(), random_.between(1, 6), random_.between(1, 99)});
      return add<shop::order>("o" + std::to_string(orders_++), order);
    }
  }
}

bool callers::caller::has_one_session() const {
  return std::all_of(attempts.begin(), attempts.end(), [&](const auto& one) { return one.session == attempts.front().session; });
}

void callers::act(life& now, far_nodes& others, const truth& so_far) {
  const auto last = std::min(begun_ + at_work_max, list_.size());
  if (begun_ == last) return;
  auto& c = list_[begun_ + random_.below(last - begun_)];
  listen(c, now);
  const bool waits = !c.attempts.empty() && c.attempts.back().answered;
  if (!c.knows() && (!waits || random_.one_in(20))) send(c, now, others, so_far);
  while (begun_ < list_.size() && list_[begun_].knows()) ++begun_;
}

void callers::choose_place(caller& c, const far_nodes& others) {
  c.client.reset();
  if (random_.one_in(2)) c.client = random_.below(others.clients());
}

void callers::send(caller& c, life& now, far_nodes& others, const truth& so_far) {
  if (!c.since) {
    if (c.picks_expectation) c.expect = so_far.order.version_of(c.stream()) + (random_.one_in(3) ? 1 : 0);
  }
  if (c.attempts.empty() || random_.one_in(10)) choose_place(c, others);
  if (c.client) {
    net::command_frame frame;
    frame.category = c.category;
    frame.key = c.key;
    frame.name = c.command;
    frame.id = c.id;
    frame.since = c.since;
    if (!c.expect.is_any()) frame.expect = c.expect.wanted();
    frame.body = c.body;
    const std::chrono::milliseconds time_out{random_.one_in(4) ? random_.between(1, 500) : 30'000};
    c.attempts.push_back({others.client(*c.client)->calls.send(frame, time_out), others.session_of(*c.client)});
    ++others.counts().sends;
  } else {
    send_options with;
    with.id = c.id;
    with.since = c.since;
    with.expect = c.expect;
    c.attempts.push_back({now.engine().send(c.category, c.key, c.command, c.body, with), 0});
    ++sent_here_;
  }
  c.since = c.attempts.back().answered->since;
  ++sent_;
}

void callers::listen(life& now) {
  for (auto& c : list_) listen(c, now);
}

void callers::listen(caller& c, life& now) {
  for (std::size_t i = 0; i < c.attempts.size(); ++i) {
    auto& waits = c.attempts[i].answered;
    if (!waits || !waits->is_answered()) continue;
    const auto answer = std::exchange(waits, nullptr)->await();
    if (!answer && answer.error().code == errc::unknown && c.attempts[i].session != 0) ++unknown_;
    if (!c.knows() && (answer || !may_try_again(answer.error().code))) ++known_;
    hear(c, i, answer, now);
  }
}

void callers::hear(caller& c, std::size_t attempt, const detail::outcome& answer, life& now) {
  if (!answer) return hear_refusal(c, attempt, answer.error());
  const auto& receipt = answer->accepted;
  promise(receipt.at <= now.log().durable(), c.id + " was answered before it was durable");
  promise(receipt.token.at == receipt.at && receipt.token.history == now.log().identity().history, c.id + " has a wrong token");
  if (c.accepted) promise(*c.accepted == receipt, c.id + " got two different receipts");
  promise(!c.refused || c.refused_attempt < attempt || !c.has_same_session(attempt, c.refused_attempt),
          c.id + " was refused after it had been accepted");
  c.refused.reset();
  c.accepted = receipt;
  c.accepted_attempt = attempt;
}

void callers::hear_refusal(caller& c, std::size_t attempt, const error& why) {
  if (may_try_again(why.code)) return;
  promise(why.code == errc::rejected || why.code == errc::conflict, c.id + " was answered " + why.message());
  if (why.code == errc::conflict) promise(!c.expect.holds(why.actual_version), c.id + ": a conflict with the version that is there");
  // One that was sent again while the first was on its way is decided anew, unless the first was accepted.
  promise(!c.accepted || attempt < c.accepted_attempt || !c.has_same_session(attempt, c.accepted_attempt),
          c.id + " was accepted, and then refused: " + why.message());
  if (c.accepted) return;
  c.refused = why;
  c.refused_attempt = attempt;
}

void callers::lose(far_nodes::session gone) {
  for (auto& c : list_)
    for (auto& one : c.attempts)
      if (one.session == gone) one.answered = nullptr;
}

void callers::check_end(const truth& all) const {
  for (const auto& c : list_) {
    const auto* written = all.order.find(c.stream(), c.id);
    promise(c.knows(), c.id + " never knew");
    // A refusal is the last word when nobody asked again after it.
    if (c.refused && c.refused_attempt + 1 == c.attempts.size() && c.has_one_session())
      promise(!written, c.id + " was refused, and is in the log: " + c.refused->message());
    if (!c.accepted) continue;
    promise(written != nullptr, c.id + " was answered, and is not in the log");
    promise(written->at == c.accepted->at && written->version == c.accepted->version && written->events == c.accepted->events,
            c.id + " stands elsewhere than its receipt says");
    promise(c.expect.holds(written->before), c.id + " was accepted against its expectation");
  }
}
