#include "connectors/postgresql/schemas.hpp"

#include "connectors/postgresql/texts.hpp"

namespace annals::postgresql {

using connectors::generation;
using connectors::generation_state;

schemas::schemas(std::unique_ptr<link> over, const handlers& of, std::string name) : over_(std::move(over)), of_(of), name_(std::move(name)) {}

std::string schemas::name_of(generation which) const { return which == generation::live ? name_ : name_ + "_next"; }

std::string schemas::quoted(generation which, std::string_view table) const {
  const auto schema = '"' + name_of(which) + '"';
  return table.empty() ? schema : schema + '.' + std::string{table};
}

result<std::vector<answer>> schemas::run(const std::vector<statement>& all) {
  std::vector<const statement*> list;
  for (const auto& one : all) list.push_back(&one);
  return over_->run(list);
}

result<std::vector<answer>> schemas::run_well(const std::vector<statement>& all) {
  auto answers = run(all);
  if (!answers) return answers;
  for (std::size_t i = 0; i < answers->size(); ++i) {
    const auto& one = (*answers)[i];
    if (one.is_good()) continue;
    auto what = one.sql_state() + " " + one.message() + ", in: " + all[i].text;
    roll_back();
    if (fault_of(one.sql_state()) != fault::of_the_event) return error{errc::unreachable, "PostgreSQL cannot do it at present", std::move(what)};
    return error{errc::projection_failed, "PostgreSQL refuses a statement", std::move(what)};
  }
  return answers;
}

/// If that fails, so does the next statement.
void schemas::roll_back() {
  const auto done = run({{"rollback", {}, false}});
  static_cast<void>(done);
  path_.reset();  // it may have been set in what was rolled back
}

result<bool> schemas::exists(generation which) {
  // Not by to_regclass(): within a transaction that may answer from a cache.
  auto answers =
      run_well({{"select exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
                 "where n.nspname = $1 and c.relname = 'annals_sink')",
                 {name_of(which)},
                 false}});
  if (!answers) return std::move(answers).error();
  return answers->front().at(0, 0) == "t";
}

result<std::optional<generation_state>> schemas::look(generation which) {
  auto there = exists(which);
  if (!there) return std::move(there).error();
  if (!*there) return std::optional<generation_state>{};
  const auto from = [&](const char* table) { return " from " + quoted(which, table); };
  auto answers = run({{"begin isolation level repeatable read read only", {}, false},
                      {"select shape, history" + from("annals_sink"), {}, false},
                      {"select slot, position, changes" + from("annals_slots") + " order by slot", {}, false},
                      {"select position, stream, error, attempts, time, command_first, command_last" + from("annals_parked"), {}, false},
                      {"select position" + from("annals_skipped"), {}, false},
                      {"commit", {}, false}});
  if (!answers) return std::move(answers).error();
  for (const auto& one : *answers) {
    if (one.is_good()) continue;
    const auto state = one.sql_state();
    auto why = error{errc::unreachable, "the sink's own tables cannot be read", one.message()};
    roll_back();
    if (state.starts_with("42P01") || state.starts_with("3F")) return std::optional<generation_state>{};  // renamed in between
    return why;
  }
  const auto& all = *answers;
  if (all[1].rows() != 1) return std::optional<generation_state>{};
  generation_state found;
  const auto number = [](const answer& of, std::size_t row, int column) { return static_cast<std::uint64_t>(of.number_at(row, column)); };
  found.shape = number(all[1], 0, 0);
  found.history = number(all[1], 0, 1);
  for (std::size_t row = 0; row < all[2].rows(); ++row) found.slots.push_back({number(all[2], row, 1), number(all[2], row, 2)});
  for (std::size_t row = 0; row < all[3].rows(); ++row) {
    const auto& of = all[3];
    found.parked.push_back({{number(of, row, 0), raw_of(of.at(row, 1)), std::string{of.at(row, 2)}, static_cast<std::uint32_t>(number(of, row, 3)),
                             of.number_at(row, 4)},
                            number(of, row, 5),
                            number(of, row, 6)});
  }
  for (std::size_t row = 0; row < all[4].rows(); ++row) found.skipped.insert(number(all[4], row, 0));
  return std::optional{std::move(found)};
}

/// Until the end of the transaction, no other process makes, drops or swaps generations.
schemas::statement schemas::lock() const { return {"select pg_advisory_xact_lock(hashtextextended($1, 0))", {"annals sink " + name_}, false}; }

result<void> schemas::create(generation which, std::uint64_t shape, std::uint64_t history) {
  // Two processes may begin at once.
  auto locked = run_well({{"begin", {}, false}, lock()});
  if (!locked) return std::move(locked).error();
  auto there = exists(which);
  if (!there) return std::move(there).error();
  if (*there) {
    roll_back();
    return {};
  }
  std::vector<statement> all{{"create schema " + quoted(which), {}, false}, {"set local search_path to " + quoted(which), {}, false}};
  for (const char* text : {"create table annals_sink (shape bigint not null, history bigint not null)",
                           "create table annals_slots (slot int primary key, position bigint not null, changes bigint not null) "
                           "with (fillfactor = 50)",
                           "create table annals_parked (position bigint primary key, stream bytea not null, error text not null, "
                           "attempts int not null, time bigint not null, command_first bigint not null, command_last bigint not null)",
                           "create table annals_skipped (position bigint primary key)"})
    all.push_back({text, {}, false});
  const auto as_signed = [](std::uint64_t number) { return std::to_string(static_cast<std::int64_t>(number)); };
  all.push_back({"insert into annals_sink values ($1, $2)", {as_signed(shape), as_signed(history)}, false});
  all.push_back({"insert into annals_slots select n, 0, 0 from generate_series(0, $1::int - 1) n", {std::to_string(connectors::slot_count)}, false});
  if (which == generation::next)
    all.push_back({"insert into annals_skipped select position from " + quoted(generation::live, "annals_skipped"), {}, false});
  statements of_host;
  of_.schema(of_host);
  all.insert(all.end(), of_host.all().begin(), of_host.all().end());
  all.push_back({"commit", {}, false});
  // One by one: a statement can only be prepared once the tables before it are there.
  for (const auto& one : all)
    if (auto done = run_well({one}); !done) return std::move(done).error();
  path_.reset();
  return {};
}

result<void> schemas::drop_next() {
  auto done =
      run_well({{"begin", {}, false}, lock(), {"drop schema if exists " + quoted(generation::next) + " cascade", {}, false}, {"commit", {}, false}});
  if (!done) return std::move(done).error();
  return {};
}

/// Afterwards no step finds a slot where it expects it: not in the old tables, which are gone for it, and not in the new ones.
std::vector<schemas::statement> schemas::renaming() const {
  const auto live = [&](const char* table) { return quoted(generation::live, table); };
  const auto next = [&](const char* table) { return quoted(generation::next, table); };
  return {{"update " + live("annals_slots") + " set position = -1", {}, false},
          {"update " + next("annals_slots") + " set changes = changes + 1", {}, false},
          {"insert into " + next("annals_skipped") + " select position from " + live("annals_skipped") + " on conflict do nothing", {}, false},
          {"delete from " + next("annals_parked") + " where position in (select position from " + next("annals_skipped") + ")", {}, false},
          {"alter schema " + quoted(generation::live) + " rename to \"" + name_ + "_old\"", {}, false},
          {"alter schema " + quoted(generation::next) + " rename to \"" + name_ + "\"", {}, false},
          {"commit", {}, false}};
}

result<bool> schemas::swap() {
  const statement drop_old{"drop schema if exists \"" + name_ + "_old\" cascade", {}, false};
  if (auto done = run_well({drop_old}); !done) return std::move(done).error();
  const auto slots = [&](generation of) { return quoted(of, "annals_slots"); };
  const auto sink = [&](generation of) { return quoted(of, "annals_sink"); };
  // Another process may put it in its place at the same time. Of the two, one finds none.
  auto taken = run_well({{"begin", {}, false}, lock()});
  if (!taken) return std::move(taken).error();
  auto there = exists(generation::next);
  if (!there) return std::move(there).error();
  if (!*there) {
    roll_back();
    return false;
  }
  auto locked = run_well({{"select 1 from " + slots(generation::live) + " order by slot for update", {}, false},
                          {"select 1 from " + slots(generation::next) + " order by slot for update", {}, false},
                          {"select count(*) from " + slots(generation::live) + " a join " + slots(generation::next) +
                               " b using (slot) where b.position < a.position and (select history from " + sink(generation::live) +
                               ") = (select history from " + sink(generation::next) + ")",
                           {},
                           false}});
  if (!locked) return std::move(locked).error();
  if (locked->back().number_at(0, 0) > 0) {
    roll_back();
    return false;
  }
  if (auto done = run_well(renaming()); !done) return std::move(done).error();
  if (auto done = run_well({drop_old}); !done) return true;  // the next swap drops it
  return true;
}

}  // namespace annals::postgresql
