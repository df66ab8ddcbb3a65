// Names of errors, and the exceptions thrown when a caller asks a result for something it does not hold.
#include <annals/result.hpp>

#include <stdexcept>

namespace annals {

std::string_view to_string(errc code) {
  switch (code) {
    case errc::rejected: return "rejected";
    case errc::conflict: return "conflict";
    case errc::id_reused: return "id_reused";
    case errc::invalid_command: return "invalid_command";
    case errc::invalid_stream: return "invalid_stream";
    case errc::too_large: return "too_large";
    case errc::decide_failed: return "decide_failed";
    case errc::evolve_failed: return "evolve_failed";
    case errc::load_failed: return "load_failed";
    case errc::overloaded: return "overloaded";
    case errc::storage_full: return "storage_full";
    case errc::not_written: return "not_written";
    case errc::unknown: return "unknown";
    case errc::closed: return "closed";
    case errc::not_ready: return "not_ready";
    case errc::timed_out: return "timed_out";
    case errc::projection_failed: return "projection_failed";
    case errc::history_differs: return "history_differs";
    case errc::unknown_event_type: return "unknown_event_type";
    case errc::newer_schema: return "newer_schema";
    case errc::undecodable: return "undecodable";
    case errc::not_hosted: return "not_hosted";
    case errc::not_found: return "not_found";
    case errc::not_deterministic: return "not_deterministic";
    case errc::subscription_stopped: return "subscription_stopped";
    case errc::parked: return "parked";
    case errc::store_missing: return "store_missing";
    case errc::store_foreign: return "store_foreign";
    case errc::store_locked: return "store_locked";
    case errc::store_failed: return "store_failed";
    case errc::store_newer: return "store_newer";
    case errc::derived_ahead: return "derived_ahead";
    case errc::corrupt_record: return "corrupt_record";
    case errc::store_unsupported: return "store_unsupported";
    case errc::bad_option: return "bad_option";
    case errc::misuse: return "misuse";
    case errc::bad_type: return "bad_type";
    case errc::no_threads: return "no_threads";
    case errc::forbidden: return "forbidden";
    case errc::not_owner: return "not_owner";
    case errc::unreachable: return "unreachable";
  }
  return "a code of a newer version";
}

std::string error::message() const {
  std::string line{to_string(code)};
  if (!reason.empty()) line += ": " + reason;
  auto cause = std::string_view{detail};
  // The detail of a wrapped error is the full line of its cause: print a code that both share only once.
  if (const auto code_again = std::string{to_string(code)} + ": "; cause.starts_with(code_again)) cause.remove_prefix(code_again.size());
  if (!cause.empty()) line.append(" (").append(cause).append(")");
  return line;
}

void result<void>::value() const {
  if (error_) detail::no_value(*error_);
}

const annals::error& result<void>::error() const& {
  if (!error_) detail::no_error();
  return *error_;
}

annals::error result<void>::error() && {
  if (!error_) detail::no_error();
  return std::move(*error_);
}

bad_result_access::bad_result_access(annals::error why) {
  auto message = why.message();
  held_ = std::make_shared<const held>(held{std::move(why), std::move(message)});
}

void detail::broken(std::string_view what) { throw std::logic_error{std::string{what}}; }
void detail::no_value(annals::error instead) { throw bad_result_access{std::move(instead)}; }
void detail::no_error() { throw bad_result_access{{errc::misuse, "error() of a result that holds a value"}}; }

}  // namespace annals
