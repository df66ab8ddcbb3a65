/// Folds a read model in the caller's own process and thread, from a view. Another process may write to
/// the store meanwhile:
///
///     auto view = annals::store_view::open("bank.annals");
///     balances::model model;
///     auto next = annals::fold<balances>(*view, model);          // up to the head at the time of the call
///     …
///     next = annals::fold<balances>(*view, model, *next);        // and the events written since
#pragma once

#include <annals/detail/projection_table.hpp>
#include <annals/view.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace annals {

namespace detail {
/// `read` visits records. Returns the position or version to continue from.
template <class P, class Read>
result<std::uint64_t> fold_by(const annals::view& in, typename P::model& model, std::uint64_t from, std::uint64_t record_view::* number,
                              std::vector<parked_event>* list, Read&& read) {
  const auto skipped = in.skipped(P::name);
  if (!skipped) return skipped.error();
  auto next = std::max<std::uint64_t>(from, 1);
  std::optional<error> wrong;
  left_out_events left_out{policy_of<P>().then, list};
  const result<void> done = read(next, [&](const record_view& record) {
    if (!skipped->contains(record.at)) wrong = left_out.take(record, [&](const record_view& one) { return apply_record<P>(model, one); });
    if (!wrong) next = record.*number + 1;
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  if (!done) return done.error();
  return next;
}
}  // namespace detail

/// Applies the log from position `from` up to the head at the time of the call to `model`, which the caller owns. Reads in short
/// transactions. Leaves out events skipped with runtime::skip_parked(). Returns the position to continue from. With `left_out`, fold()
/// also leaves out events that P cannot apply, as P's on_failure says (parked.hpp), and appends them to `left_out`, in position order;
/// it does not know what earlier calls left out. Errors: those of view::log(); projection_failed where P would stop, and without
/// `left_out` also where P would park; unknown_event_type, newer_schema and undecodable, with the position. After an error the model
/// has all events before it.
template <class P>
result<position> fold(const annals::view& in, typename P::model& model, position from = 1, std::vector<parked_event>* left_out = nullptr) {
  return detail::fold_by<P>(in, model, from, &record_view::at, left_out, [&](position at, auto&& visit) { return in.log(at, visit); });
}

/// As fold(), but reads one stream from version `from` on, for a model of one aggregate. Returns the version to continue from.
/// Errors: also not_found, if the stream has no event from that version on.
template <class P>
result<version> fold_stream(const annals::view& in, const std::string& stream, typename P::model& model, version from = 1,
                            std::vector<parked_event>* left_out = nullptr) {
  return detail::fold_by<P>(in, model, from, &record_view::version, left_out, [&](version at, auto&& visit) { return in.stream(stream, at, visit); });
}

}  // namespace annals
