// A connection of libpq that never blocks for longer than it may, and ends its waits when it is told to stop. Statements go out as a pipeline.
#pragma once

#include "connectors/sink/stopper.hpp"

#include <annals/postgresql_statements.hpp>
#include <annals/result.hpp>

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace annals::postgresql {

struct clear_result {
  void operator()(PGresult* one) const { PQclear(one); }
};
struct finish_connection {
  void operator()(PGconn* one) const { PQfinish(one); }
};

/// The answer to one statement.
class answer {
public:
  explicit answer(PGresult* of) : of_(of) {}

  bool is_good() const;
  /// False also if it failed itself; true if it was not executed, because an earlier one failed.
  bool was_left_out() const { return PQresultStatus(of_.get()) == PGRES_PIPELINE_ABORTED; }
  std::string sql_state() const;
  std::string message() const;
  std::size_t rows_affected() const;
  std::size_t rows() const { return static_cast<std::size_t>(PQntuples(of_.get())); }
  std::string_view at(std::size_t row, int column) const;
  long long number_at(std::size_t row, int column) const;

private:
  std::unique_ptr<PGresult, clear_result> of_;
};

/// bad_option, if the text is no connection string.
result<void> check_connection_string(const std::string& text);

class link {
public:
  /// Errors: unreachable.
  static result<std::unique_ptr<link>> make(const std::string& connection, std::chrono::milliseconds time_out, const connectors::stopper& until);

  /// Executes all, up to the first that fails, and returns one answer for each. Errors: unreachable; then the link is of no more use, and
  /// what has taken effect is not known.
  result<std::vector<answer>> run(const std::vector<const statements::statement*>& all);

private:
  using clock = std::chrono::steady_clock;
  /// What an answer in the pipeline belongs to.
  struct sent {
    std::size_t index;
    bool is_preparation;
  };

  link(std::chrono::milliseconds time_out, const connectors::stopper& until) : time_out_(time_out), until_(until) {}
  result<void> wait_for_connection();
  result<void> wait(bool to_write) const;
  bool send(const statements::statement& one, std::size_t index, std::vector<sent>& list);
  /// Null at the end of a statement's answers.
  result<PGresult*> next_result();
  error lost(const char* how) const;

  std::chrono::milliseconds time_out_;
  const connectors::stopper& until_;
  std::unique_ptr<PGconn, finish_connection> connection_;
  std::unordered_map<std::string, std::string> prepared_;  // names by text
  std::size_t next_name_ = 0;
};

}  // namespace annals::postgresql
