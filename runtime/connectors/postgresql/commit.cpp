// One step as one transaction: the check of the slots, which locks them, the statements of the handlers, and the sink's own rows are one
// pipeline; the commit is a second one, after the check has been seen to hold.
#include "connectors/postgresql/schemas.hpp"
#include "connectors/postgresql/texts.hpp"

namespace annals::postgresql {

using connectors::generation;
using connectors::outcome;
using connectors::step;

namespace {

constexpr std::size_t of_nobody = static_cast<std::size_t>(-1);  // a statement of the sink itself

outcome refused(std::size_t which, std::string why) {
  return {outcome::kind::refused, error{errc::projection_failed, std::move(why)},
          which == of_nobody ? std::optional<std::size_t>{} : std::optional{which}};
}

outcome failed(const answer& how, const statements::statement& what, std::size_t owner) {
  auto text = how.sql_state() + " " + how.message() + ", in: " + what.text;
  switch (fault_of(how.sql_state())) {
    case fault::of_the_moment: return {outcome::kind::moved};
    case fault::of_the_server: return {outcome::kind::waits, error{errc::unreachable, "PostgreSQL cannot do it at present", std::move(text)}};
    case fault::of_the_event: break;
  }
  return refused(owner, std::move(text));
}

}  // namespace

schemas::statement schemas::moving(generation in, const std::vector<connectors::slot_move>& all) const {
  std::vector<std::uint64_t> slots, at, changes, to, to_changes;
  for (const auto& move : all) {
    slots.push_back(move.slot);
    at.push_back(move.expected.at);
    changes.push_back(move.expected.changes);
    to.push_back(move.to.at);
    to_changes.push_back(move.to.changes);
  }
  return {"update " + quoted(in, "annals_slots") +
              " s set position = e.to_position, changes = e.to_changes from unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], "
              "$5::bigint[]) as e(slot, position, changes, to_position, to_changes) where s.slot = e.slot and s.position = e.position and "
              "s.changes = e.changes",
          {array_of(slots), array_of(at), array_of(changes), array_of(to), array_of(to_changes)},
          false};
}

void schemas::add_own(generation in, const step& one, std::vector<statement>& to) const {
  for (const auto& row : one.park)
    to.push_back({"insert into " + quoted(in, "annals_parked") + " values ($1, $2, $3, $4, $5, $6, $7)",
                  {std::to_string(row.event.at), bytes_of(row.event.stream), as_utf8(row.event.error), std::to_string(row.event.attempts),
                   std::to_string(row.event.time), std::to_string(row.command_first), std::to_string(row.command_last)},
                  false});
  for (const auto at : one.unpark) to.push_back({"delete from " + quoted(in, "annals_parked") + " where position = $1", {std::to_string(at)}, false});
  for (const auto at : one.skip)
    to.push_back({"insert into " + quoted(in, "annals_skipped") + " values ($1) on conflict do nothing", {std::to_string(at)}, false});
}

outcome schemas::commit(generation in, const step& one, const read_ahead&) {
  std::vector<statement> all;
  if (path_ != in) all.push_back({"set search_path to " + quoted(in), {}, false});
  all.push_back({"begin", {}, false});
  all.push_back(moving(in, one.moves));
  const auto first = all.size() - 1;
  std::vector<std::size_t> owners(all.size(), of_nobody);
  statements collected;
  for (std::size_t i = 0; i < one.apply.size(); ++i) {
    const auto before = collected.all().size();
    auto applied = of_.apply(collected, one.apply[i]->record);
    if (!applied) {
      auto why = std::move(applied).error();
      if (why.code == errc::projection_failed) return refused(i, std::move(why.detail));
      return {outcome::kind::stopped, std::move(why)};
    }
    owners.insert(owners.end(), collected.all().size() - before, i);
  }
  all.insert(all.end(), collected.all().begin(), collected.all().end());
  add_own(in, one, all);
  owners.resize(all.size(), of_nobody);
  const auto answers = run(all);
  if (!answers) return {outcome::kind::waits, answers.error()};
  path_ = in;
  if (!(*answers)[first].is_good() || (*answers)[first].rows_affected() != one.moves.size()) {
    const bool was_tried = !(*answers)[first].was_left_out();
    const auto fault = was_tried ? fault_of((*answers)[first].sql_state()) : fault::of_the_moment;
    const bool is_servers = was_tried && !(*answers)[first].is_good() && fault == fault::of_the_server;
    auto why = error{errc::unreachable, "PostgreSQL cannot do it at present", (*answers)[first].message()};
    roll_back();
    if (is_servers) return {outcome::kind::waits, std::move(why)};
    return {outcome::kind::moved};
  }
  return finish(first, owners, all, *answers);
}

outcome schemas::check(generation in, const std::vector<connectors::slot_move>& at) {
  std::vector<std::uint64_t> slots, positions, changes;
  for (const auto& one : at) {
    slots.push_back(one.slot);
    positions.push_back(one.expected.at);
    changes.push_back(one.expected.changes);
  }
  const auto answers =
      run({{"select count(*) from " + quoted(in, "annals_slots") +
                " s join unnest($1::int[], $2::bigint[], $3::bigint[]) as e(slot, position, changes) using (slot, position, changes)",
            {array_of(slots), array_of(positions), array_of(changes)},
            false}});
  if (!answers) return {outcome::kind::waits, answers.error()};
  const auto& found = answers->front();
  if (found.is_good()) return {static_cast<std::size_t>(found.number_at(0, 0)) == at.size() ? outcome::kind::done : outcome::kind::moved};
  if (fault_of(found.sql_state()) != fault::of_the_server) return {outcome::kind::moved};  // the schema is gone, or was replaced
  return {outcome::kind::waits, error{errc::unreachable, "PostgreSQL cannot do it at present", found.message()}};
}

outcome schemas::finish(std::size_t first, const std::vector<std::size_t>& owners, const std::vector<statement>& all,
                        const std::vector<answer>& answers) {
  for (auto i = first + 1; i < all.size(); ++i) {
    const auto& one = answers[i];
    const bool is_good = one.is_good() && (!all[i].affects_one_row || one.rows_affected() == 1);
    if (is_good) continue;
    auto how = one.is_good() ? refused(owners[i], std::to_string(one.rows_affected()) + " rows are affected, not one, in: " + all[i].text)
                             : failed(one, all[i], owners[i]);
    roll_back();
    return how;
  }
  const statement end{"commit", {}, false};
  const auto answered = run({end});
  if (!answered) return {outcome::kind::waits, answered.error()};
  if (answered->front().is_good()) return {outcome::kind::done};
  auto how = failed(answered->front(), end, of_nobody);
  roll_back();
  return how;
}

}  // namespace annals::postgresql
