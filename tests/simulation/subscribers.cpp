#include "subscribers.hpp"

#include "store/log/record.hpp"

#include <algorithm>

using namespace annals;

namespace {
constexpr std::size_t members_max = 3;
constexpr const char* name = "simulated";
}  // namespace

/// Small bounds, so that they are met.
subscribers::subscribers(random_source& random) : random_(random) {
  options_.in_flight_max = static_cast<std::size_t>(random.between(1, 8));
  options_.open_max = options_.in_flight_max + random.below(16);
  options_.ack_time_out = std::chrono::seconds{2};
  options_.failure.attempts = 3;
  options_.failure.first_pause = std::chrono::milliseconds{random.between(0, 200)};
  options_.failure.then = random.one_in(2) ? on_failure::park_event : on_failure::park_stream;
  if (random.one_in(3)) options_.categories = {"account", "order"};
  refuses_one_in_ = random.one_in(4) ? 2 : 6;
}

void subscribers::join(life& now) {
  auto joining = now.engine().subscribe(name, options_);
  if (!joining) return;  // the journal has stopped
  members_.push_back(std::make_unique<member>());
  members_.back()->in = std::move(joining->member);
}

void subscribers::join_from_afar(far_nodes& others) {
  const auto client = random_.below(others.clients());
  members_.push_back(std::make_unique<member>());
  members_.back()->in = std::make_shared<far_member>(others.client(client), name, options_, [&others] { ++others.counts().joins; });
  has_far_members_ = true;
  members_.back()->session = others.session_of(client);
}

void subscribers::act(life& now, far_nodes& others) {
  listen(now);
  if (members_.empty() || (members_.size() < members_max && random_.one_in(30))) return random_.one_in(2) ? join(now) : join_from_afar(others);
  auto& one = *random_.one_of(members_);
  if (random_.one_in(60)) {
    one.in->leave();
    std::erase_if(members_, [&](const auto& m) { return m.get() == &one; });
    return;
  }
  if (random_.one_in(20)) return retry();
  if (!one.asked.answered) ask(one, now, 1 + random_.below(5), std::chrono::milliseconds{random_.below(500)});
  if (one.holds.empty()) return;
  const auto which = std::next(one.holds.begin(), static_cast<std::ptrdiff_t>(random_.below(one.holds.size())));
  if (!random_.one_in(refuses_one_in_)) return acknowledge(one, which->first);
  (void)one.in->nack(which->first, "by chance");
  // What it holds of the same stream may come to others from here on; and what it gets, while it may still hold something.
  const auto stream = which->second.stream;
  one.loose_until[stream] = now.time() + std::chrono::microseconds{options_.ack_time_out}.count();
  std::erase_if(one.holds, [&](const auto& entry) { return entry.second.stream == stream; });
}

void subscribers::ask(member& one, life& now, std::size_t max, std::chrono::milliseconds time_out) {
  one.asked_at = now.time();
  one.asked_in = turn_;
  one.asked_in_life = life_;
  one.acked_until.clear();
  one.asked = one.in->next(max, time_out);
}

void subscribers::acknowledge(member& by, position at) {
  ++sent_[at];
  acks_.push_back({at, by.in->ack({at}), by.session});
  for (auto& one : members_) {  // who has it now need not do it any more
    const auto held = one->holds.find(at);
    if (held == one->holds.end()) continue;
    auto& until = one->acked_until.try_emplace(held->second.stream, held->second.until).first->second;
    until = std::min(until, held->second.until);
    one->holds.erase(held);
  }
}

void subscribers::retry() {
  const auto parked = members_.front()->in->parked();
  if (!parked || parked->empty()) return;
  for (const auto& one : *parked) retried_.insert(one.at);
  (void)members_.front()->in->resolve(parked->front().at, true);
}

void subscribers::listen(life& now) {
  ++turn_;
  // What is handed out before what is acknowledged: an event may have been with another member then.
  for (auto& one : members_) {
    if (!one->asked.answered || !one->asked.answered->is_answered()) continue;
    const auto asked = std::exchange(one->asked, {});
    const auto answer = asked.answered->await();
    if (answer)
      for (const auto& event : *asked.batch) take(*one, event, now.time());
    const auto surely_held = std::count_if(one->holds.begin(), one->holds.end(), [&](const auto& h) { return h.second.until > now.time(); });
    promise(static_cast<std::size_t>(surely_held) <= options_.in_flight_max,
            "a member holds " + std::to_string(surely_held) + ", and may hold " + std::to_string(options_.in_flight_max));
  }
  std::erase_if(acks_, [&](const ack& one) {
    if (!one.answered->is_answered()) return false;
    hear(one);
    return true;
  });
}

void subscribers::hear(const ack& one) {
  const auto answer = one.answered->await();
  if (answer) {
    durable_.try_emplace(one.at, turn_);
    return;
  }
  const auto code = answer.error().code;
  // A server that was started again knows neither the member nor, under the number of another one, what was handed out before.
  const bool is_of_another_life = one.session != 0 && code == errc::not_found;
  promise(code != errc::not_found || is_of_another_life, "position " + std::to_string(one.at) + " was handed out, and is not known");
  if (one.session == 0) return;
  if (is_of_another_life || code == errc::overloaded || code == errc::unreachable) --sent_[one.at];  // surely without effect
}

void subscribers::check_order(position at, const std::string& stream) {
  auto& seen = seen_[stream];
  if (!seen.insert(at).second || retried_.contains(at) || has_far_members_) return;
  promise(at == *seen.rbegin(), "position " + std::to_string(at) + " comes behind one that follows it in its stream");
}

void subscribers::take(member& by, const delivered& event, timestamp now) {
  const auto at = event.record.at;
  const auto where = std::to_string(at);
  const std::string stream{event.record.stream};
  const auto asked_at = by.asked_at;
  // On its way from another node it may meet an answer that went the other way.
  const auto durable = durable_.find(at);
  promise(durable == durable_.end() || (by.is_far() && by.asked_in < durable->second), "position " + where + " was acknowledged, and comes again");
  check_order(at, stream);
  auto until = asked_at + std::chrono::microseconds{options_.ack_time_out}.count();
  if (by.is_far()) until = 0;  // when its acknowledgements and refusals arrive is not known here
  if (const auto loose = by.loose_until.find(stream); loose != by.loose_until.end() && asked_at <= loose->second) until = 0;
  if (sent_[at] > 0) until = 0;  // another one's acknowledgement was behind it on the way
  for (const auto& [before, what] : by.holds)
    if (what.stream == stream) until = std::min(until, what.until);  // goes with the first of them
  // So it does when the first one's time was over before its acknowledgement came.
  if (const auto acked = by.acked_until.find(stream); acked != by.acked_until.end()) until = std::min(until, acked->second);
  // Members are listened to one after the other: what one had, and may have lost again since, another one may rightly have.
  if (until > now)
    for (const auto& other : members_)
      if (other.get() != &by)
        for (const auto& [held_at, what] : other->holds)
          promise(what.stream != stream || what.until <= now, "position " + where + " is of a stream that another member holds");
  by.holds[at] = {stream, until};
}

void subscribers::lose_all() {
  lose(0);
  for (auto& one : members_) one->holds.clear();
  seen_.clear();
  has_far_members_ = !members_.empty();
  ++life_;
}

void subscribers::lose(far_nodes::session gone) {
  std::erase_if(members_, [&](const auto& one) { return one->session == gone; });
  std::erase_if(acks_, [&](const ack& one) { return one.session == gone; });
}

bool subscribers::finish(life& now) {
  listen(now);
  std::erase_if(members_, [](const auto& one) { return one->is_far(); });
  if (members_.empty()) join(now);
  if (members_.empty()) return false;
  auto& one = *members_.front();
  while (members_.size() > 1) members_.pop_back();
  while (!one.holds.empty()) acknowledge(one, one.holds.begin()->first);
  if (!one.asked.answered) ask(one, now, 100, std::chrono::milliseconds{1});
  const auto parked = one.in->parked();
  if (parked) {
    parked_.clear();
    for (const auto& event : *parked) parked_.insert(event.at);
  }
  const auto shown = now.engine().health().subscriptions.at(0);
  promise(!shown.stopped, "the subscription has stopped: " + (shown.stopped ? shown.stopped->message() : ""));
  return acks_.empty() && shown.at == now.log().readable() && shown.in_flight == 0 && shown.parked == parked_.size();
}

void subscribers::check_end(const std::deque<std::string>& log) {
  for (position at = 1; at <= log.size(); ++at) {
    const auto record = store::read_record(at, log[at - 1]);
    const auto& wanted = options_.categories;
    if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), record->category()) == wanted.end()) continue;
    promise(sent_[at] > 0 || parked_.contains(at), "position " + std::to_string(at) + " was passed over");
  }
}
