// One sink's generations as schemas: `live` is the schema of its name, `next` has "_next" at the end. Each has these tables beside the host's:
//   annals_sink     one row: shape of the handlers and history of the log, as signed numbers
//   annals_slots    per slot the position, and how often what is parked there has changed
//   annals_parked   the parked events; the stream as bytes, because its key may be no UTF-8
//   annals_skipped  positions of events that were skipped for good
#pragma once

#include "connectors/postgresql/link.hpp"
#include "connectors/sink/target.hpp"

#include <annals/postgresql.hpp>

namespace annals::postgresql {

class schemas final : public connectors::connection {
public:
  schemas(std::unique_ptr<link> over, const handlers& of, std::string name);

  result<std::optional<connectors::generation_state>> look(connectors::generation of) override;
  result<void> create(connectors::generation which, std::uint64_t shape, std::uint64_t history) override;
  result<void> drop_next() override;
  connectors::outcome commit(connectors::generation in, const connectors::step& one, const read_ahead& next) override;
  connectors::outcome check(connectors::generation in, const std::vector<connectors::slot_move>& at) override;
  result<bool> swap() override;

private:
  using statement = statements::statement;
  std::string name_of(connectors::generation which) const;
  /// The name in quotes, with this table or without.
  std::string quoted(connectors::generation which, std::string_view table = {}) const;
  result<std::vector<answer>> run(const std::vector<statement>& all);
  /// The same; an answer that is an error is one, too.
  result<std::vector<answer>> run_well(const std::vector<statement>& all);
  result<bool> exists(connectors::generation which);
  void roll_back();
  /// Finds the slots that are where they are expected, and moves them.
  statement moving(connectors::generation in, const std::vector<connectors::slot_move>& all) const;
  void add_own(connectors::generation in, const connectors::step& one, std::vector<statement>& to) const;
  connectors::outcome finish(std::size_t first, const std::vector<std::size_t>& owners, const std::vector<statement>& all,
                             const std::vector<answer>& answers);
  std::vector<statement> renaming() const;
  statement lock() const;

  std::unique_ptr<link> over_;
  const handlers& of_;
  std::string name_;
  std::optional<connectors::generation> path_;  ///< what names without a schema lead to
};

}  // namespace annals::postgresql
