#include "connectors/postgresql/link.hpp"

#include <charconv>

namespace annals::postgresql {
namespace {

/// Texts beyond that are parsed each time: they are made by the handler for each event.
constexpr std::size_t prepared_max = 256;

void say_nothing(void*, const PGresult*) {}

std::string without_end_of_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

bool answer::is_good() const {
  const auto status = PQresultStatus(of_.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

std::string answer::sql_state() const {
  const auto* state = PQresultErrorField(of_.get(), PG_DIAG_SQLSTATE);
  return state ? state : "";
}

std::string answer::message() const {
  const auto* text = PQresultErrorField(of_.get(), PG_DIAG_MESSAGE_PRIMARY);
  const auto* detail = PQresultErrorField(of_.get(), PG_DIAG_MESSAGE_DETAIL);
  auto all = text ? std::string{text} : without_end_of_line(PQresultErrorMessage(of_.get()));
  if (detail) all += std::string{": "} + detail;
  return all;
}

std::size_t answer::rows_affected() const {
  const std::string_view text = PQcmdTuples(of_.get());
  std::size_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

std::string_view answer::at(std::size_t row, int column) const {
  const auto number = static_cast<int>(row);
  return {PQgetvalue(of_.get(), number, column), static_cast<std::size_t>(PQgetlength(of_.get(), number, column))};
}

long long answer::number_at(std::size_t row, int column) const {
  const auto text = at(row, column);
  long long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

result<void> check_connection_string(const std::string& text) {
  char* why = nullptr;
  auto* const parsed = PQconninfoParse(text.c_str(), &why);
  if (parsed) {
    PQconninfoFree(parsed);
    return {};
  }
  error bad{errc::bad_option, "the connection string cannot be read", why ? without_end_of_line(why) : ""};
  PQfreemem(why);
  return bad;
}

result<std::unique_ptr<link>> link::make(const std::string& connection, std::chrono::milliseconds time_out, const connectors::stopper& until) {
  std::unique_ptr<link> made{new link{time_out, until}};
  const char* const names[] = {"fallback_application_name", "dbname", "client_encoding", nullptr};
  const char* const values[] = {"annals", connection.c_str(), "UTF8", nullptr};
  made->connection_.reset(PQconnectStartParams(names, values, 1));
  if (!made->connection_) return error{errc::unreachable, "no memory for a connection to PostgreSQL"};
  if (auto ok = made->wait_for_connection(); !ok) return std::move(ok).error();
  PQsetNoticeReceiver(made->connection_.get(), say_nothing, nullptr);
  if (PQsetnonblocking(made->connection_.get(), 1) != 0 || PQenterPipelineMode(made->connection_.get()) != 1)
    return made->lost("the connection has no pipeline mode");
  return made;
}

result<void> link::wait_for_connection() {
  const auto until = clock::now() + time_out_;
  auto next = PQstatus(connection_.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) return lost("no connection to PostgreSQL");
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
    const auto how = until_.wait(PQsocket(connection_.get()), next == PGRES_POLLING_WRITING, left);
    if (how == connectors::stopper::ready::stopped) return error{errc::unreachable, "the sink is being closed"};
    if (how == connectors::stopper::ready::time_out) return error{errc::unreachable, "no connection to PostgreSQL in time"};
    next = PQconnectPoll(connection_.get());
  }
  return {};
}

error link::lost(const char* how) const { return {errc::unreachable, how, without_end_of_line(PQerrorMessage(connection_.get()))}; }

result<void> link::wait(bool to_write) const {
  switch (until_.wait(PQsocket(connection_.get()), to_write, time_out_)) {
    case connectors::stopper::ready::socket: break;
    case connectors::stopper::ready::time_out: return error{errc::unreachable, "PostgreSQL does not answer in time"};
    case connectors::stopper::ready::stopped: return error{errc::unreachable, "the sink is being closed"};
  }
  if (PQconsumeInput(connection_.get()) != 1) return lost("the connection to PostgreSQL is lost");
  return {};
}

bool link::send(const statements::statement& one, std::size_t index, std::vector<sent>& list) {
  auto* const to = connection_.get();
  std::vector<const char*> values;
  values.reserve(one.values.size());
  for (const auto& value : one.values) values.push_back(value ? value->c_str() : nullptr);
  const auto count = static_cast<int>(values.size());
  auto found = prepared_.find(one.text);
  if (found == prepared_.end() && prepared_.size() < prepared_max) {
    found = prepared_.emplace(one.text, "annals_" + std::to_string(next_name_++)).first;
    if (PQsendPrepare(to, found->second.c_str(), one.text.c_str(), 0, nullptr) != 1) return false;
    list.push_back({index, true});
  }
  list.push_back({index, false});
  if (found != prepared_.end()) return PQsendQueryPrepared(to, found->second.c_str(), count, values.data(), nullptr, nullptr, 0) == 1;
  return PQsendQueryParams(to, one.text.c_str(), count, nullptr, values.data(), nullptr, nullptr, 0) == 1;
}

result<PGresult*> link::next_result() {
  while (true) {
    const auto unsent = PQflush(connection_.get());
    if (unsent < 0) return lost("the connection to PostgreSQL is lost");
    if (!PQisBusy(connection_.get())) return PQgetResult(connection_.get());
    if (auto ok = wait(unsent == 1); !ok) return std::move(ok).error();
  }
}

result<std::vector<answer>> link::run(const std::vector<const statements::statement*>& all) {
  std::vector<sent> list;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!send(*all[i], i, list)) return lost("the connection to PostgreSQL is lost");
  if (PQpipelineSync(connection_.get()) != 1) return lost("the connection to PostgreSQL is lost");
  std::vector<answer> answers;
  for (const auto& one : list) {
    auto first = next_result();
    if (!first) return std::move(first).error();
    if (!*first) return lost("the connection to PostgreSQL is lost");
    answer found{*first};
    while (true) {
      auto rest = next_result();
      if (!rest) return std::move(rest).error();
      if (!*rest) break;
      PQclear(*rest);
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return lost("the connection to PostgreSQL is lost");
    if (one.is_preparation && !found.is_good()) prepared_.erase(all[one.index]->text);
    // A statement that cannot be prepared has failed; its execution is left out.
    const bool is_known = answers.size() > one.index;
    if (!is_known && !(one.is_preparation && (found.is_good() || found.was_left_out()))) answers.push_back(std::move(found));
  }
  auto end = next_result();
  if (!end) return std::move(end).error();
  const bool is_sync = PQresultStatus(*end) == PGRES_PIPELINE_SYNC;
  PQclear(*end);
  if (!is_sync) return lost("the connection to PostgreSQL is lost");
  return answers;
}

}  // namespace annals::postgresql
