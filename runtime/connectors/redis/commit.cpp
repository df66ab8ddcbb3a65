// One step as one script, whose first act is to look whether every slot is where it is expected.
#include "connectors/redis/generations.hpp"
#include "connectors/redis/rows.hpp"
#include "connectors/redis/scripts.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace annals::redis {

using connectors::generation;
using connectors::outcome;
using connectors::step;

namespace {

/// Redis before 7 takes 1,048,576 words in one command.
constexpr std::size_t words_max = 1'000'000;
constexpr std::size_t keys_of_sink = 5;

std::string text_of(double number) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

outcome refused(std::optional<std::size_t> which, std::string why) {
  return {outcome::kind::refused, error{errc::projection_failed, std::move(why)}, which};
}

/// An error's first word says whose fault it is; that of an event is one of these two. One that the sink's user may not execute, or that the
/// server does not know, is not the event's.
bool is_of_the_event(std::string_view why) {
  return why.starts_with("WRONGTYPE") || (why.starts_with("ERR") && !why.starts_with("ERR unknown command"));
}

/// Commands with one name on one key that follow each other there are one run: what is sure to succeed may be done key by key.
void add_runs(std::span<const key_use> keys, std::span<const commands::command> all, words& to) {
  struct run {
    std::size_t key, begin, end;
  };
  std::vector<run> runs;
  for (std::size_t k = 0; k < keys.size(); ++k) {
    const auto& numbers = keys[k].commands;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const bool goes_on = i > 0 && std::string_view{all[numbers[i]].name} == all[numbers[i - 1]].name;
      if (!goes_on) runs.push_back({k, i, i});
      runs.back().end = i + 1;
    }
  }
  to.number(runs.size());
  for (const auto& one : runs) {
    const auto& numbers = keys[one.key].commands;
    to.add(all[numbers[one.begin]].name);
    to.number(keys_of_sink + one.key + 1);
    to.number(one.end - one.begin);
    for (auto i = one.begin; i < one.end; ++i)
      for (const auto& argument : all[numbers[i]].arguments) to.add(argument);
  }
}

void add_one_by_one(const key_uses& of, std::span<const commands::command> all, const std::vector<std::size_t>& owners, words& to) {
  to.number(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    to.number(owners[i]);
    to.add(all[i].name);
    to.number(keys_of_sink + of.key_of(i) + 1);
    to.number(all[i].arguments.size());
    for (const auto& argument : all[i].arguments) to.add(argument);
  }
}

void add_commands(const key_uses& of, bool is_sure, const std::string& prefix, std::span<const commands::command> all,
                  const std::vector<std::size_t>& owners, call& to) {
  to.arguments.add(is_sure ? "1" : "0");
  for (const auto& one : of.keys()) {
    to.keys.keep(prefix + std::string{one.key});
    to.arguments.keep(one.flags());
    to.arguments.keep(text_of(one.sum));
  }
  const auto none = std::span<const commands::command>{};
  if (is_sure)
    add_runs(of.keys(), all, to.arguments);
  else
    to.arguments.number(0);
  add_one_by_one(of, is_sure ? none : all, owners, to.arguments);
}

}  // namespace

std::optional<outcome> generations::collect(generation in, const std::vector<const connectors::held_event*>& events,
                                            std::unique_ptr<effects>& made) const {
  made = std::make_unique<effects>();
  made->in = in;
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto applied = of_.apply(made->all, events[i]->record);
    if (!applied) {
      auto why = std::move(applied).error();
      if (why.code == errc::projection_failed) return refused(i, std::move(why.detail));
      return outcome{outcome::kind::stopped, std::move(why)};
    }
    made->of.push_back(events[i]->record.at);
    made->owners.resize(made->all.all().size(), i);
  }
  made->keys = std::make_unique<key_uses>(made->all.all());
  return std::nullopt;
}

bool generations::is_ready(generation in, const std::vector<const connectors::held_event*>& events) const {
  return ready_ && ready_->in == in &&
         std::equal(events.begin(), events.end(), ready_->of.begin(), ready_->of.end(),
                    [](const auto* event, position at) { return event->record.at == at; });
}

void generations::add_own(generation in, const step& one, call& to) const {
  for (auto& key : own(in)) to.keys.keep(std::move(key));
  to.keys.keep(prefix(in) + "annals:bin:");
  to.arguments.keep(ids_[in == generation::next]);
  to.arguments.number(one.moves.size());
  for (const auto& move : one.moves) {
    to.arguments.number(move.slot);
    to.arguments.keep(text_of(move.expected));
    to.arguments.keep(text_of(move.to));
  }
  to.arguments.number(one.park.size());
  for (const auto& row : one.park) {
    to.arguments.number(row.event.at);
    to.arguments.keep(text_of(row));
  }
  for (const auto* positions : {&one.unpark, &one.skip}) {
    to.arguments.number(positions->size());
    for (const auto at : *positions) to.arguments.number(at);
  }
}

outcome generations::commit(generation in, const step& one, const read_ahead& next) {
  std::unique_ptr<effects> what;
  if (is_ready(in, one.apply))
    what = std::move(ready_);
  else if (auto no = collect(in, one.apply, what))
    return std::move(*no);
  const auto make_ready = [&] {
    const auto events = next();
    if (events.empty() || is_ready(in, events)) return;
    if (collect(in, events, ready_)) ready_.reset();  // it is said when their turn comes
  };
  for (const bool is_sure : {true, false}) {
    if (is_sure && what->keys->may_fail()) continue;
    call made;
    add_own(in, one, made);
    add_commands(*what->keys, is_sure, prefix(in), what->all.all(), what->owners, made);
    if (made.keys.all().size() + made.arguments.all().size() > words_max)
      return refused(std::nullopt, "it has more commands than Redis takes at once");
    const auto answer = execute(scripts::commit, made, make_ready);
    if (!answer) return {outcome::kind::waits, answer.error()};
    const auto said = answer->texts();
    if (!said.empty() && said[0] == "done") return {outcome::kind::done};
    if (is_sure && !said.empty() && said[0] == "unsure") continue;
    if (said.size() < 4) return {outcome::kind::moved};
    auto why = std::string{said[2]} + ", at the key " + std::string{said[3]};
    if (is_of_the_event(why)) return refused(static_cast<std::size_t>(number_of(said[1])), std::move(why));
    return {outcome::kind::waits, unreachable("Redis cannot do it at present", why)};
  }
  return {outcome::kind::moved};
}

outcome generations::check(generation in, const std::vector<connectors::slot_move>& at) {
  step nothing;
  nothing.moves = at;
  return commit(in, nothing, [] { return std::vector<const connectors::held_event*>{}; });
}

}  // namespace annals::redis
