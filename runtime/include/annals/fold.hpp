/// A read model in the host's own process and thread, out of a store that is looked at from outside, also while another
/// process writes to it:
///
///     auto view = annals::store_view::open("bank.annals");
///     balances::model model;
///     auto next = annals::fold<balances>(*view, model);          // to the head as of the call
///     …
///     next = annals::fold<balances>(*view, model, *next);        // and what has come since
#pragma once

#include <annals/detail/projection_table.hpp>
#include <annals/store_view.hpp>

#include <algorithm>
#include <optional>
#include <string>

namespace annals {

namespace detail {
/// `read` visits records; returns where to go on.
template <class P, class Read>
result<std::uint64_t> fold_by(const store_view& view, typename P::model& model, std::uint64_t from,
                              std::uint64_t record_view::*number, std::vector<parked_event>* list, Read&& read) {
  const auto skipped = view.skipped(P::name);
  if (!skipped) return skipped.error();
  auto next = std::max<std::uint64_t>(from, 1);
  std::optional<error> wrong;
  left_out_events left_out{policy_of<P>().then, list};
  const result<void> done = read(next, [&](const record_view& record) {
    if (!skipped->contains(record.at))
      wrong = left_out.take(record, [&](const record_view& one) { return apply_record<P>(model, one); });
    if (!wrong) next = record.*number + 1;
    return !wrong;
  });
  if (wrong) return std::move(*wrong);
  if (!done) return done.error();
  return next;
}
}  // namespace detail

/// Applies to `model`, which belongs to the caller, what the log has from position `from` on, to the head as of the call,
/// in short read transactions, but for what it was decided that P never handles (runtime::skip_parked). Returns the position
/// to go on from. With `left_out` it goes on past what P cannot apply, as P's on_failure says (parked.hpp), and appends that
/// to it, in position order; a call knows nothing of what an earlier one has left out. Errors: those of store_view::log();
/// projection_failed, without `left_out` also at what is parked, and undecodable events with their position, behind which
/// the model has all before it.
template <class P>
result<position> fold(const store_view& view, typename P::model& model, position from = 1, std::vector<parked_event>* left_out = nullptr) {
  return detail::fold_by<P>(view, model, from, &record_view::at, left_out,
                            [&](position at, auto&& visit) { return view.log(at, visit); });
}

/// The same of one stream, from version `from` on; for what a model keeps of one aggregate. Returns the version to go on
/// from. not_found when there is nothing of the stream from there on.
template <class P>
result<version> fold_stream(const store_view& view, const std::string& stream, typename P::model& model, version from = 1,
                            std::vector<parked_event>* left_out = nullptr) {
  return detail::fold_by<P>(view, model, from, &record_view::version, left_out,
                            [&](version at, auto&& visit) { return view.stream(stream, at, visit); });
}

}  // namespace annals
