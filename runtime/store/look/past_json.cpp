#include "store/look/past_json.hpp"

#include "store/derived/parked_list.hpp"
#include "store/log/owner_names.hpp"
#include "store/log/skip_table.hpp"
#include "store/read/scan.hpp"

#include <annals/codec.hpp>
#include <annals/node.hpp>

#include <algorithm>
#include <memory>
#include <optional>

namespace annals::store {
namespace {

/// Whether the image's model is what a fold of the log up to there gives: nothing is parked in it, and nothing in it is parked by now.
bool is_whole(const image& one, position first_parked) {
  const auto parked = decoded<parked_list>(one.parked);
  return parked && parked->events.empty() && one.mark.at < first_parked;
}

result<position> first_parked_by(const looked_at& in, const std::string& owner) {
  auto first = ~position{0};
  if (!in.derived) return first;
  auto ok = in.derived->parked([&](std::string_view name, const parked_event& one) {
    if (name == owner) first = std::min(first, one.at);
    return true;
  });
  if (!ok) return std::move(ok).error();
  return first;
}

error too_large(const detail::projection_table& of, std::size_t bytes, std::size_t most, position at) {
  return {errc::too_large, "the model is too large to be shown",
          std::string{of.name} + " has " + std::to_string(bytes) + " bytes at position " + std::to_string(at) + ", at most " + std::to_string(most) +
              " are allowed",
          0, at};
}

struct begun_model {
  std::unique_ptr<detail::hosted_model> model;
  position at = 0;
};

result<begun_model> begin_model(const looked_at& in, const detail::projection_table& of, const std::string& owner, position at,
                                const stream_choice& streams, std::size_t bytes_max) {
  begun_model begun{of.make(), 0};
  if (streams.names() || streams.has_predicate()) return begun;
  const auto first_parked = first_parked_by(in, owner);
  if (!first_parked) return first_parked.error();
  std::optional<error> large;
  const auto mark = begin_with_image(in, owner, of.shape, at, [&](const image& one) {
    if (!is_whole(one, *first_parked)) return false;
    if (one.bytes.size() > bytes_max) {  // restoring it would take long, and memory
      large = too_large(of, one.bytes.size(), bytes_max, one.mark.at);
      return true;
    }
    begun.model = of.make();
    return begun.model->restore(one.bytes).has_value();
  });
  if (!mark) return mark.error();
  if (large) return std::move(*large);
  if (*mark)
    begun.at = (*mark)->at;
  else
    begun.model = of.make();
  return begun;
}

}  // namespace

result<past_model_json> model_at(const looked_at& in, const detail::projection_table& of, position at, const model_bounds& bounds,
                                 const stream_choice& streams) {
  using clock = std::chrono::steady_clock;
  constexpr std::uint64_t look_at_clock_every = 1'024;
  if (of.shape == 0) return detail::not_described(of.name);
  const auto owner = owner_name::of_projection(of.name).stored();
  const auto skipped = skipped_before(*in.log, owner);
  if (!skipped) return skipped.error();
  past_model_json past;
  past.at = std::min(at, in.log->readable());
  auto begun = begin_model(in, of, owner, past.at, streams, bounds.bytes_max);
  if (!begun) return std::move(begun).error();

  const auto until = clock::now() + bounds.time_max;
  detail::left_out_events left_out{of.on_failure.then, &past.left_out};
  std::optional<error> wrong;
  std::uint64_t records = 0;
  const auto apply = [&](const record_view& record) {
    if (record.at > past.at) return false;
    if (records == bounds.records_max || (records > 0 && records % look_at_clock_every == 0 && clock::now() >= until)) {
      past.is_complete = false;
      past.at = record.at - 1;
      return false;
    }
    ++records;
    if (!streams.picks(record.stream) || skipped->contains(record.at)) return true;
    wrong = left_out.take(record, [&](const record_view& one) { return begun->model->apply(one); });
    return !wrong;
  };
  auto ok = streams.names() ? scan_some(*in.log, in.derived, *streams.names(), apply) : scan(*in.log, begun->at + 1, apply);
  if (wrong) return std::move(*wrong);
  if (!ok) return std::move(ok).error();

  const auto bytes = begun->model->saved();
  if (bytes.size() > bounds.bytes_max) return too_large(of, bytes.size(), bounds.bytes_max, past.at);
  auto json = detail::to_json(bytes, of.shown_model);
  if (!json) return std::move(json).error();
  past.json = std::move(*json);
  return past;
}

}  // namespace annals::store
