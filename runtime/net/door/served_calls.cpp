#include "net/door/served_calls.hpp"

#include "net/door/rights_of_calls.hpp"
#include "net/wire/copy_calls.hpp"
#include "net/wire/health_answer.hpp"
#include "net/wire/records.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace annals::net {
namespace {

constexpr std::size_t batch_bytes = std::size_t{1} << 20;  // an answer with records ends after this many

std::string_view category_of(std::string_view stream) { return stream.substr(0, stream.find('-')); }

detail::outcome bytes_of(std::string bytes) { return detail::answered{{}, std::move(bytes)}; }

/// A quarter of the engine's places is for local callers alone.
std::size_t places_of_peers(std::size_t places) { return places - places / 4; }

error no_such_member(std::uint64_t number) {
  return {errc::not_found, "the session has no such member", "number " + std::to_string(number) + "; the other node may have been restarted"};
}

/// The answer to a call is what the waiter gets.
void pass_on(const std::shared_ptr<detail::waiter>& from, const std::shared_ptr<served_session>& of, const taken_call& taken) {
  from->on_answer([of, taken](detail::outcome given) { of->answer(taken, std::move(given)); });
}

}  // namespace

served_calls::served_calls(detail::engine& on, surroundings around)
    : engine_(on),
      around_(std::move(around)),
      share_(std::make_shared<share_of_peers>(places_of_peers(on.env().options.commands_in_flight_max))),
      pulls_(on) {}

void served_calls::refuse(const session_ptr& of, const taken_call& taken, verb lacks, std::string_view what, std::string_view about) const {
  engine_.env().meters.denied[static_cast<std::size_t>(lacks)].add();
  auto named = std::string{what};
  if (!about.empty()) named.append(" of ").append(about);
  around_.forbidden(*of, named);
  of->answer(taken, error{errc::forbidden, "the peer has no right to this call", of->peer() + ": " + named});
}

bool served_calls::may(const session_ptr& of, call c, const std::vector<std::string>& names) const {
  const auto known = around_.known();
  const auto* who = known->find(of->peer());
  return who && may_call(who->rights, *right_of(c), names);
}

std::function<bool(std::string_view)> served_calls::may_replay(const session_ptr& of) const {
  return [known = around_.known(), who = of->peer()](std::string_view stream) {
    const auto* one = known->find(who);
    return one && one->may(right_of(call::next)->needs, category_of(stream));
  };
}

void served_calls::later(const session_ptr& of, const taken_call& taken, std::function<void()> act) const {
  around_.post(of->peer(), [of, taken, act = std::move(act)] {
    try {
      act();
    } catch (const std::exception& why) {
      of->answer(taken, error{errc::projection_failed, "the call failed", why.what()});
    } catch (...) {
      of->answer(taken, error{errc::projection_failed, "the call failed"});
    }
  });
}

/// Commands that the engine never gets count there, too.
void served_calls::refused(const command_frame& what, errc why) {
  auto& meters = engine_.env().meters;
  auto* of = meters.find(what.category);
  (of ? of->refused : meters.of_no_category).add(why);
}

void served_calls::command(const session_ptr& of, const taken_call& taken, const command_frame& what) {
  const auto known = around_.known();
  const auto* who = known->find(of->peer());
  if (!who || !who->may(verb::append, what.category)) {
    refused(what, errc::forbidden);
    return refuse(of, taken, verb::append, "append", what.category);
  }
  send_options with;
  with.id = what.has_made_id ? made_id(of->id_in_hex(), what.sequence) : std::string{what.id};
  // The session takes each command once, so the search for an id that it made needs to go no further back than this, unless an earlier
  // life of this node may have taken it.
  with.since = what.has_made_id && !what.is_resent ? engine_.head() : what.since;
  if (what.expect) with.expect = expectation{*what.expect};
  with.correlation = what.correlation;
  with.causation = what.causation;
  with.trace = what.trace;
  with.principal = who->acts_for_others && !what.principal.empty() ? std::string{what.principal} : who->name;
  if (!share_->take(of->peer()))
    return answer_unsent(
        of, taken, what,
        answer_to_command(what.is_resent, error{errc::overloaded, "too many commands of other nodes are in flight", of->peer()}).error());
  engine_.send(what.category, what.key, what.name, std::string{what.body}, std::move(with))
      ->on_answer([of, taken, share = share_, is_resent = what.is_resent](detail::outcome given) {
        share->give_back(of->peer());
        of->answer(taken, answer_to_command(is_resent, std::move(given)));
      });
}

template <class Asked, class Names, class Do>
void served_calls::with(const session_ptr& of, const taken_call& taken, const request_frame& what, Names&& names, Do&& act) {
  auto asked = decoded<Asked>(what.body);
  const auto c = static_cast<call>(what.call);
  if (!asked) return of->answer(taken, error{errc::invalid_command, "a malformed call", std::string{to_string(c)} + ": " + asked.error().message()});
  const std::vector<std::string> about = names(*asked);
  if (!may(of, c, about)) return refuse(of, taken, right_of(c)->needs, to_string(c), about.empty() ? "everything" : about.front());
  act(std::move(*asked));
}

template <class Asked, class Do>
void served_calls::with_member(const session_ptr& of, const taken_call& taken, const request_frame& what, Do&& act) {
  members::member by;
  with<Asked>(
      of, taken, what,
      [&](const Asked& asked) {
        by = members_.find(of->id(), asked.member);
        return by.categories;
      },
      [&](Asked asked) {
        if (!by.in) return of->answer(taken, no_such_member(asked.member));
        act(std::move(asked), std::move(by));
      });
}

void served_calls::request(const session_ptr& of, const taken_call& taken, const request_frame& what) {
  const auto nothing = [](const auto&) { return std::vector<std::string>{}; };
  const auto owner = [](const auto& asked) { return std::vector{asked.name}; };
  const auto do_later = [&](auto act) { later(of, taken, std::move(act)); };
  switch (static_cast<call>(what.call)) {
    case call::ask:
      return with<ask_call>(
          of, taken, what, [](const auto& asked) { return std::vector{asked.projection}; },
          [&](ask_call asked) { ask(of, taken, std::move(asked)); });
    case call::stream:
      return with<stream_call>(
          of, taken, what, [](const auto& asked) { return std::vector{std::string{category_of(asked.stream)}}; },
          [&](stream_call asked) { do_later([=, this] { read_stream(of, taken, asked); }); });
    case call::state:
      return with<state_call>(
          of, taken, what, [](const auto& asked) { return std::vector{asked.category}; },
          [&](state_call asked) { do_later([=, this] { read_state(of, taken, asked); }); });
    case call::log: return with<log_call>(of, taken, what, nothing, [&](log_call asked) { do_later([=, this] { read_log(of, taken, asked); }); });
    case call::head:
      return with<nothing_call>(of, taken, what, nothing, [&](auto) {
        const auto head = engine_.head();
        of->answer(taken, detail::answered{{0, head.at, 0, head}, {}});
      });
    case call::health:
      return with<nothing_call>(of, taken, what, nothing,
                                [&](auto) { do_later([=, this] { of->answer(taken, bytes_of(encoded(as_answer(engine_.health())))); }); });
    case call::statistics:
      return with<nothing_call>(of, taken, what, nothing, [&](auto) {
        do_later([=, this] {
          auto seen = engine_.stats();
          of->answer(taken, seen ? bytes_of(encoded(*seen)) : detail::outcome{std::move(seen).error()});
        });
      });
    case call::parked:
      return with<owner_call>(of, taken, what, owner, [&](owner_call asked) {
        do_later([=, this] {
          auto all = engine_.parked(asked.name);
          of->answer(taken, all ? bytes_of(encoded(parked_answer{std::move(*all)})) : detail::outcome{std::move(all).error()});
        });
      });
    case call::retry_parked:
      return with<position_call>(of, taken, what, owner,
                                 [&](position_call asked) { pass_on(engine_.order(asked.name, actors::retry_parked{asked.at, {}}), of, taken); });
    case call::skip_parked:
      return with<position_call>(of, taken, what, owner, [&](position_call asked) {
        do_later([=, this] { pass_on(engine_.skip_parked(asked.name, asked.at), of, taken); });
      });
    case call::rebuild:
      return with<owner_call>(of, taken, what, owner,
                              [&](owner_call asked) { pass_on(engine_.order(asked.name, actors::rebuild_model{}), of, taken); });
    case call::source:
      return with<nothing_call>(of, taken, what, nothing, [&](auto) {
        const auto& log = *engine_.env().log;
        of->answer(taken, bytes_of(encoded(as_answer(log.identity(), log.readable(), log.last_time()))));
      });
    case call::pull:
      return with<pull_call>(of, taken, what, nothing, [&](pull_call asked) { do_later([=, this] { pulls_.take(of, taken, asked); }); });
    default: return member_request(of, taken, what);
  }
}

void served_calls::member_request(const session_ptr& of, const taken_call& taken, const request_frame& what) {
  switch (static_cast<call>(what.call)) {
    case call::subscribe:
      return with<subscribe_call>(
          of, taken, what, [](const auto& asked) { return asked.categories; },
          [&](subscribe_call asked) { later(of, taken, [=, this] { subscribe(of, taken, asked); }); });
    case call::next: return with_member<next_call>(of, taken, what, [&](next_call asked, members::member by) { next(of, taken, asked, by); });
    case call::ack:
      return with_member<ack_call>(of, taken, what,
                                   [&](ack_call asked, members::member by) { pass_on(by.in->ack(std::move(asked.positions), 0), of, taken); });
    case call::nack:
      return with_member<nack_call>(of, taken, what,
                                    [&](nack_call asked, members::member by) { pass_on(by.in->nack(asked.at, std::move(asked.why), 0), of, taken); });
    case call::resolve:
      return with_member<resolve_call>(of, taken, what,
                                       [&](resolve_call asked, members::member by) { pass_on(by.in->resolve(asked.at, asked.is_retry), of, taken); });
    case call::member_parked:
      return with_member<member_call>(of, taken, what, [&](member_call, members::member by) {
        later(of, taken, [=, this] {
          auto all = by.in->parked();
          if (all) std::erase_if(*all, [may_see = may_replay(of)](const parked_event& one) { return !may_see(one.stream); });
          of->answer(taken, all ? bytes_of(encoded(parked_answer{std::move(*all)})) : detail::outcome{std::move(all).error()});
        });
      });
    case call::leave:
      return with_member<member_call>(of, taken, what, [&](member_call asked, members::member) {
        members_.drop(of->id(), asked.member);
        of->answer(taken, bytes_of({}));
      });
    default: return of->answer(taken, error{errc::invalid_command, "this node knows no such call", "number " + std::to_string(what.call)});
  }
}

void served_calls::ask(const session_ptr& of, const taken_call& taken, ask_call asked) {
  std::optional<at_least> when;
  if (asked.history) when.emplace(token{*asked.history, asked.at}, std::chrono::milliseconds{asked.time_out_ms});
  const auto most = asked.answer_bytes_max;
  auto asking = engine_.ask(asked.projection, asked.query, std::move(asked.body), when);
  asking->on_answer([this, of, taken, most, waits = when.has_value(), about = std::move(asked.projection)](detail::outcome given) {
    if (given && waits && !may(of, call::ask, {about})) return refuse(of, taken, verb::ask, to_string(call::ask), about);
    if (given && most > 0 && given->bytes.size() > most)
      given = error{errc::too_large, "the answer is larger than the caller takes",
                    std::to_string(given->bytes.size()) + " bytes, at most " + std::to_string(most)};
    of->answer(taken, std::move(given));
  });
}

void served_calls::read_stream(const session_ptr& of, const taken_call& taken, const stream_call& asked) {
  record_batch batch;
  auto next = asked.from;
  bool is_full = false;
  auto ok = engine_.read_stream(asked.stream, asked.from, asked.max, [&](const record_view& record) {
    batch.add(record);
    next = record.version + 1;
    return !(is_full = batch.bytes() >= batch_bytes);
  });
  of->answer(taken, ok ? bytes_of(batch.done(next, !is_full || batch.count() >= asked.max)) : detail::outcome{std::move(ok).error()});
}

void served_calls::read_state(const session_ptr& of, const taken_call& taken, const state_call& asked) {
  const as_of when{asked.version, asked.position, asked.time};
  auto found = engine_.state_of(asked.category, asked.key, when);
  if (!found) return of->answer(taken, std::move(found).error());
  state_answer is{found->state->saved(), found->version, found->at, found->time};
  if (when.is_now()) engine_.remember_state(asked.category, asked.key, std::move(*found));
  if (is.state.empty()) return of->answer(taken, error{errc::bad_type, "the state is not described, so it cannot be sent", asked.category});
  of->answer(taken, bytes_of(encoded(is)));
}

void served_calls::read_log(const session_ptr& of, const taken_call& taken, const log_call& asked) {
  record_batch batch;
  bool is_full = false;
  auto next = engine_.log(asked.from, asked.max, [&](const record_view& record) {
    batch.add(record);
    return !(is_full = batch.bytes() >= batch_bytes);
  });
  of->answer(taken, next ? bytes_of(batch.done(*next, !is_full || batch.count() >= asked.max)) : detail::outcome{std::move(next).error()});
}

void served_calls::subscribe(const session_ptr& of, const taken_call& taken, subscribe_call asked) {
  subscription_options with;
  with.from = asked.from;
  with.reset = asked.reset;
  with.categories = asked.categories;
  with.types = std::move(asked.types);
  with.in_flight_max = asked.in_flight_max;
  with.open_max = asked.open_max;
  with.ack_time_out = std::chrono::milliseconds{asked.ack_time_out_ms};
  with.failure = {asked.attempts, std::chrono::milliseconds{asked.first_pause_ms}, static_cast<on_failure>(std::min<int>(asked.then, 2))};
  with.parked_max = asked.parked_max;
  auto joining = engine_.subscribe(asked.name, std::move(with));
  if (!joining) return of->answer(taken, std::move(joining).error());
  joining->joined->on_answer([this, of, taken, in = joining->member, categories = std::move(asked.categories)](detail::outcome joined) {
    if (!joined) return of->answer(taken, std::move(joined));
    const auto number = members_.add(of->id(), {in, categories});
    if (of->is_over()) members_.drop(of->id(), number);  // ended() may have come before
    of->answer(taken, bytes_of(encoded(member_call{number})));
  });
}

/// The right is looked up again when the events are there.
void served_calls::next(const session_ptr& of, const taken_call& taken, const next_call& asked, const members::member& by) {
  if (!of->has_room_for(1)) return of->answer(taken, unread_answers(of->peer()));
  const auto wanted = by.in->next(asked.max, std::chrono::milliseconds{std::clamp<std::int64_t>(asked.time_out_ms, 0, longest_next.count())});
  wanted.answered->on_answer([this, of, taken, by, number = asked.member, batch = wanted.batch](detail::outcome given) {
    if (!given) return of->answer(taken, std::move(given));
    const auto forbidden = std::ranges::find_if(*batch, [may_see = may_replay(of)](const auto& one) { return !may_see(one.record.stream); });
    if (forbidden != batch->end() || !may(of, call::next, by.categories)) {
      members_.drop(of->id(), number);  // so that it can join again when it may
      if (forbidden != batch->end()) return refuse(of, taken, verb::replay, to_string(call::next), category_of(forbidden->record.stream));
      return refuse(of, taken, verb::replay, to_string(call::next), by.categories.empty() ? "everything" : by.categories.front());
    }
    record_batch records;
    for (const auto& one : *batch) records.add(one.record, one.attempt);
    if (!of->has_room_for(records.bytes())) {
      members_.drop(of->id(), number);  // the events go to another member, or to this one when it joins again
      return of->answer(taken, unread_answers(of->peer()));
    }
    of->answer(taken, bytes_of(records.done(0, true)));
  });
}

}  // namespace annals::net
